using System.Globalization;
using System.Net;
using Ark.Core.Sources;

namespace Ark.Aws.Calls;

/// <summary>
/// The proxy of the configuration or, where it names none, that of the daemon's own environment. This machine itself and link-local
/// addresses, at which the metadata services are, are never reached through either.
/// </summary>
public sealed class OutboundProxy : IWebProxy
{
    private readonly IWebProxy _platform;
    private readonly Uri? _proxy;
    private readonly IEnumerable<string> _except;

    /// <param name="settings">What the configuration says, or null.</param>
    /// <param name="platform">For tests: what the daemon's own environment says.</param>
    public OutboundProxy(ProxySettings? settings, IWebProxy? platform = null)
    {
        _platform = platform ?? HttpClient.DefaultProxy;
        _except = settings?.NoProxy ?? new ValueList<string>([]);
        Credentials = _platform.Credentials;
        if (settings?.Https is { } written)
        {
            var url = new Uri(written);
            _proxy = new UriBuilder(url) { UserName = "", Password = "" }.Uri;
            string[] user = [.. url.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString)];
            Credentials = user is [{ Length: > 0 } name, .. var password] ? new NetworkCredential(name, string.Concat(password)) : null;
        }
    }

    public ICredentials? Credentials { get; set; }

    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : _proxy ?? _platform.GetProxy(destination);

    public bool IsBypassed(Uri host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.IsLoopback || IsLinkLocal(host.IdnHost)
            || (_proxy is null ? _platform.IsBypassed(host) : host.Scheme != Uri.UriSchemeHttps || Any(host.IdnHost, host.Port));
    }

    /// <summary>Whether the way leads through a proxy for which there is a password.</summary>
    internal bool MayAskForPassword(Uri host) => Credentials is not null && !IsBypassed(host);

    private static bool IsLinkLocal(string host) =>
        IPAddress.TryParse(host, out IPAddress? address) && (address.IsIPv6LinkLocal || Contains("169.254.0.0/16", address)
            || Contains("fd00:ec2::/32", address));

    private bool Any(string host, int port)
    {
        foreach (string entry in _except)
        {
            if (Matches(entry.Trim(), host, port))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>As Go reads <c>NO_PROXY</c>, which curl reads alike but for a dot in front.</summary>
    private static bool Matches(string entry, string host, int port)
    {
        bool isAddress = IPAddress.TryParse(host, out IPAddress? address);
        if (entry == "*" || (isAddress && Contains(entry, address!)))
        {
            return true;
        }

        // An IPv6 address has colons of its own, and a port only behind brackets.
        int colon = IPAddress.TryParse(entry, out _) && !entry.StartsWith('[') ? -1 : entry.LastIndexOf(':');
        if (colon > entry.LastIndexOf(']') &&
            int.TryParse(entry.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int only))
        {
            if (only != port)
            {
                return false;
            }

            entry = entry[..colon];
        }

        if (isAddress)
        {
            return IPAddress.TryParse(entry.Trim('[', ']'), out IPAddress? same) && same.Equals(address);
        }

        string name = entry.StartsWith("*.", StringComparison.Ordinal) ? entry[1..] : entry;
        return name.Length > 0 && (name[0] == '.'
            ? host.EndsWith(name, StringComparison.OrdinalIgnoreCase)
            : host.Equals(name, StringComparison.OrdinalIgnoreCase) || host.EndsWith($".{name}", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether the address is in a range such as <c>10.0.0.0/8</c>, whatever is written behind the bits that count.</summary>
    private static bool Contains(string range, IPAddress address)
    {
        int slash = range.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(range.AsSpan(0, slash), out IPAddress? network) ||
            !int.TryParse(range.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int bits))
        {
            return false;
        }

        (byte[] one, byte[] other) = (network.GetAddressBytes(), address.GetAddressBytes());
        if (one.Length != other.Length || bits > 8 * one.Length)
        {
            return false;
        }

        int whole = bits / 8;
        int mask = (0xFF00 >> (bits % 8)) & 0xFF;
        return one.AsSpan(0, whole).SequenceEqual(other.AsSpan(0, whole)) && (mask == 0 || ((one[whole] ^ other[whole]) & mask) == 0);
    }
}
