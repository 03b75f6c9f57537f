using System.Net.Sockets;
using System.Security.Authentication;
using Amazon.Runtime;
using Ark.Core.Problems;

namespace Ark.Aws.Sdk;

/// <summary>Tells apart why no answer came: each reason sends a person somewhere else.</summary>
internal static class NetworkFailure
{
    /// <summary>The problem, or null when the exception does not come from the network.</summary>
    public static Problem? Describe(Exception exception, string host)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            Problem? problem = e switch
            {
                AuthenticationException => Tls(host),
                HttpRequestException http => Describe(http, host),
                SocketException socket => NoConnection(host, socket.SocketErrorCode.ToString()),
                IOException => Closed(host),
                _ => null,
            };
            if (problem is not null)
            {
                return problem;
            }
        }

        return exception is AmazonClientException
            ? new Problem(ProblemKind.Unreachable, $"the call to {host} could not be made", "check the network, proxy and firewall, then look at the daemon's log")
            : null;
    }

    private static Problem Describe(HttpRequestException e, string host) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => new Problem(
            ProblemKind.Unreachable, $"the name {host} cannot be resolved", "check the network, VPN and DNS, and that the region is spelled right"),
        HttpRequestError.SecureConnectionError => Tls(host),
        HttpRequestError.ConnectionError => NoConnection(host, (e.InnerException as SocketException)?.SocketErrorCode.ToString()),
        HttpRequestError.ProxyTunnelError => new Problem(
            ProblemKind.Unreachable, $"the proxy does not let us through to {host}", "check HTTPS_PROXY and NO_PROXY of the daemon"),
        HttpRequestError.ConfigurationLimitExceeded => new Problem(
            ProblemKind.BadAnswer, $"{host} sent an answer of more than 1 MiB", "check what answers at the endpoint's address"),
        HttpRequestError.InvalidResponse => new Problem(
            ProblemKind.BadAnswer, $"{host} answered with something that is not HTTP", "check the endpoint's address and port"),
        _ => Closed(host),
    };

    private static Problem Tls(string host) => new(
        ProblemKind.Unreachable,
        $"no trusted TLS connection to {host}",
        "check the clock, and that this machine trusts the certificate; behind an inspecting proxy set AWS_CA_BUNDLE or ca_bundle");

    private static Problem NoConnection(string host, string? reason) => new(
        ProblemKind.Unreachable,
        $"no connection to {host}{(reason is null ? "" : $" ({reason})")}",
        "check the network, VPN, firewall and proxy");

    private static Problem Closed(string host) => new(
        ProblemKind.Unreachable, $"{host} closed the connection before it had answered", "try again; if it stays, check proxies and firewalls on the way");
}
