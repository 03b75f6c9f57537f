using System.Buffers;
using System.Text;
using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>The address of an API in the configuration: scheme, host, perhaps a port. Plain <c>http</c> is for this machine only.</summary>
public static class ApiEndpoint
{
    private const string Https = "https://";
    private const string Http = "http://";

    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("%-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");

    /// <summary>
    /// Gives the address in lower case without a slash at the end, or says in <paramref name="refusal"/> what it must be.
    /// </summary>
    public static bool TryParse(string text, out string endpoint, out string refusal)
    {
        endpoint = "";
        bool secure = text.StartsWith(Https, StringComparison.Ordinal);
        if (!secure && !text.StartsWith(Http, StringComparison.Ordinal))
        {
            refusal = "must begin with https://";
            return false;
        }

        string scheme = secure ? Https : Http;
        ReadOnlySpan<char> authority = text.AsSpan(scheme.Length);
        if (authority is [.., '/'])
        {
            authority = authority[..^1];
        }

        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(authority)];
        _ = Encoding.UTF8.GetBytes(authority, bytes);
        if (!Authority.TryParse(bytes, out string host, out int? port, out string why))
        {
            refusal = $"must be scheme, host and port: {why}";
            return false;
        }

        if (!secure && !IsLoopback(host))
        {
            refusal = "must begin with https://; http:// is allowed for loopback addresses only";
            return false;
        }

        refusal = "";
        endpoint = port is null ? scheme + host : $"{scheme}{host}:{port}";
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, and a path may follow, which keeps its case.</summary>
    public static bool TryParseWithPath(string text, out string url, out string refusal)
    {
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        int slash = scheme < 0 ? -1 : text.IndexOf('/', scheme + 3);
        string path = slash < 0 ? "" : text[slash..];
        if (!TryParse(slash < 0 ? text : text[..slash], out url, out refusal))
        {
            return false;
        }

        if (path.AsSpan().ContainsAnyExcept(PathCharacters))
        {
            refusal = "must have a path of letters, digits and /._~%- only";
            return false;
        }

        url += path;
        return true;
    }

    /// <summary><c>localhost</c> or a full dotted address in 127.0.0.0/8; never a name that merely begins like one.</summary>
    private static bool IsLoopback(string host)
    {
        if (host == "localhost")
        {
            return true;
        }

        int octets = 0;
        foreach (Range range in host.AsSpan().Split('.'))
        {
            ReadOnlySpan<char> octet = host.AsSpan()[range];
            if (octet.ContainsAnyExceptInRange('0', '9') || !byte.TryParse(octet, out byte value) || (octets == 0 && value != 127))
            {
                return false;
            }

            octets++;
        }

        return octets == 4;
    }
}
