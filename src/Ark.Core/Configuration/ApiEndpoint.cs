using System.Buffers;
using System.Text;
using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>
/// The address of an API as somebody wrote it: scheme, host, perhaps a port. Plain <c>http</c> is for this machine only, unless whoever
/// reads it allows more.
/// </summary>
public static class ApiEndpoint
{
    private const string Https = "https://";
    private const string Http = "http://";

    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("%-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");

    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create(".0123456789:ABCDEFabcdef");

    /// <summary>
    /// Gives the address in lower case without a slash at the end, or says in <paramref name="refusal"/> what it must be.
    /// </summary>
    public static bool TryParse(string text, out string endpoint, out string refusal, bool plainHttp = false)
    {
        endpoint = "";
        StringComparison comparison = plainHttp ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        bool secure = text.StartsWith(Https, comparison);
        if (!secure && !text.StartsWith(Http, comparison))
        {
            refusal = plainHttp ? "must begin with https:// or http://" : "must begin with https://";
            return false;
        }

        string scheme = secure ? Https : Http;
        ReadOnlySpan<char> authority = text.AsSpan(scheme.Length);
        if (authority is [.., '/'])
        {
            authority = authority[..^1];
        }

        if (!TryParseAuthority(authority, out string host, out int? port, out string why))
        {
            refusal = $"must be scheme, host and port: {why}";
            return false;
        }

        if (!secure && !plainHttp && !IsLoopback(host))
        {
            refusal = "must begin with https://; http:// is allowed for loopback addresses only";
            return false;
        }

        refusal = "";
        endpoint = port is null ? scheme + host : $"{scheme}{host}:{port}";
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, and a path may follow, which keeps its case.</summary>
    public static bool TryParseWithPath(string text, out string url, out string refusal, bool plainHttp = false)
    {
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        int slash = scheme < 0 ? -1 : text.IndexOf('/', scheme + 3);
        string path = slash < 0 ? "" : text[slash..];
        if (!TryParse(slash < 0 ? text : text[..slash], out url, out refusal, plainHttp))
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

    /// <summary>As registries have it, or with an IPv6 address in brackets.</summary>
    private static bool TryParseAuthority(ReadOnlySpan<char> authority, out string host, out int? port, out string why)
    {
        int end = authority is ['[', ..] ? authority.IndexOf(']') : -1;
        string? address = end > 1 && !authority[1..end].ContainsAnyExcept(AddressCharacters) ? $"{authority[..(end + 1)]}" : null;

        // What follows the brackets is read as if a name stood there.
        string text = address is null ? $"{authority}" : $"x{authority[(end + 1)..]}";
        if (!Authority.TryParse(Encoding.UTF8.GetBytes(text), out host, out port, out why) || address is null)
        {
            return why.Length == 0;
        }

        why = host == "x" ? "" : "what follows the ']' is not a port";
        host = address.ToLowerInvariant();
        return why.Length == 0;
    }

    /// <summary>
    /// <c>localhost</c>, a full dotted address in 127.0.0.0/8 or <c>[::1]</c>; never a name that merely begins like one.
    /// </summary>
    private static bool IsLoopback(string host)
    {
        if (host is "localhost" or "[::1]")
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
