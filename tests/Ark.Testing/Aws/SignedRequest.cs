using System.Text;

namespace Ark.Testing.Aws;

/// <summary>An HTTP request as it came over the wire, before anything was decoded: what a signature is about.</summary>
/// <param name="Method">As sent.</param>
/// <param name="Target">Path and query of the request line, still escaped.</param>
/// <param name="Headers">Each header line; a name may occur more than once.</param>
/// <param name="Body">All of it.</param>
public sealed record SignedRequest(
    string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body)
{
    public string Path => Target.Split('?', 2)[0];

    public string BodyText => Encoding.UTF8.GetString(Body.Span);

    /// <summary>The values of the header lines of that name, in order.</summary>
    public IEnumerable<string> Values(string name) =>
        Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value);

    /// <summary>The first value of that header, or null.</summary>
    public string? Header(string name) => Values(name).FirstOrDefault();
}
