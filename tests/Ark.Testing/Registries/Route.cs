namespace Ark.Testing.Registries;

/// <summary>
/// A path below <c>/v2/</c>: <c>name/manifests/reference</c>, <c>name/blobs/digest</c>, <c>name/blobs/uploads/id</c> or
/// <c>name/tags/list</c>.
/// </summary>
internal sealed record Route(string Repository, string Kind, string Reference)
{
    public static Route? Parse(string path)
    {
        var parts = path["/v2/".Length..].Split('/');
        return parts switch
        {
            [.. var name, "blobs", "uploads", var id] => new Route(string.Join('/', name), "uploads", id),
            [.. var name, "blobs", "uploads"] => new Route(string.Join('/', name), "uploads", ""),
            [.. var name, "tags", "list"] => new Route(string.Join('/', name), "tags", ""),
            [.. var name, "manifests" or "blobs", var reference] => new Route(string.Join('/', name), parts[^2], reference),
            _ => null,
        };
    }
}
