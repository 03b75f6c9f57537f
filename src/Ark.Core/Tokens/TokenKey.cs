namespace Ark.Core.Tokens;

/// <summary>
/// What makes two requests share one token: where it is valid and who asks. An ECR token is good for every registry that its
/// principal may use in a region, so hosts are not part of it.
/// </summary>
/// <param name="Partition">AWS partition, such as <c>aws</c> or <c>aws-cn</c>; empty for what is not of AWS.</param>
/// <param name="Region">AWS region, such as <c>eu-west-1</c>; empty for what is not of AWS.</param>
/// <param name="Service"><c>ecr</c>, <c>ecr-public</c>, or the type of another source.</param>
/// <param name="Endpoint">The API address when it was overridden, or the registry that the credentials are for; otherwise empty.</param>
/// <param name="Principal">Who asks: a name and a fingerprint, never a secret and never a short-lived session's keys.</param>
public readonly record struct TokenKey(string Partition, string Region, string Service, string Endpoint, string Principal)
{
    /// <summary>Where tokens of this key come from, for people: <c>ecr in eu-west-1</c>, <c>helper for ghcr.io</c>.</summary>
    public string Place => Region.Length > 0 ? $"{Service} in {Region}" : Endpoint.Length > 0 ? $"{Service} for {Endpoint}" : Service;
}
