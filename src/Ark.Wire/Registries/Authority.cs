using System.Buffers;
using System.Text;

namespace Ark.Wire.Registries;

/// <summary>
/// <c>host</c> or <c>host:port</c>: a domain name or an IPv4 address. One set of rules for registries and for API endpoints.
/// </summary>
public static class Authority
{
    private const int MaxHost = 253;
    private const int MaxLabel = 63;

    private static readonly SearchValues<byte> LabelBytes =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Reads the authority, or says in <paramref name="refusal"/> which rule it breaks.</summary>
    /// <param name="text">The bytes between the scheme and the first slash.</param>
    /// <param name="host">The host in lower case.</param>
    /// <param name="port">1 to 65,535, or null when none was given.</param>
    /// <param name="refusal">One line without the input, empty on success.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out string host, out int? port, out string refusal)
    {
        host = "";
        port = null;
        if (text.Contains((byte)'@'))
        {
            refusal = "a registry address has no user name or password before the host";
            return false;
        }

        int colon = text.IndexOf((byte)':');
        if (colon >= 0)
        {
            if (!TryParsePort(text[(colon + 1)..], out int number))
            {
                refusal = "what follows the ':' after the host is not a port from 1 to 65535";
                return false;
            }

            port = number;
            text = text[..colon];
        }

        refusal = WhyNotAHost(text);
        if (refusal.Length > 0)
        {
            return false;
        }

        // Every byte is a letter, digit, hyphen or dot by now, so lower case is a matter of ASCII alone.
        host = Encoding.ASCII.GetString(text).ToLowerInvariant();
        return true;
    }

    private static string WhyNotAHost(ReadOnlySpan<byte> host)
    {
        if (host.IsEmpty)
        {
            return "it has no host";
        }

        if (host.Length > MaxHost)
        {
            return "its host is longer than 253 characters";
        }

        foreach (Range range in host.Split((byte)'.'))
        {
            ReadOnlySpan<byte> label = host[range];
            if (label.IsEmpty)
            {
                return "its host has an empty label: a dot too many";
            }

            if (label.Length > MaxLabel)
            {
                return "a label of its host is longer than 63 characters";
            }

            int foreign = label.IndexOfAnyExcept(LabelBytes);
            if (foreign >= 0)
            {
                return $"{TextSanitizer.Byte(label[foreign])} has no place in a host name";
            }

            if (label[0] == '-' || label[^1] == '-')
            {
                return "a label of its host begins or ends with a hyphen";
            }
        }

        return "";
    }

    private static bool TryParsePort(ReadOnlySpan<byte> digits, out int port)
    {
        port = 0;
        if (digits.Length is 0 or > 5 || digits[0] == '0' || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        foreach (byte digit in digits)
        {
            port = (port * 10) + (digit - '0');
        }

        return port <= ushort.MaxValue;
    }
}
