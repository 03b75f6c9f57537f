using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Ark.Core.Problems;

namespace Ark.Aws.Calls;

/// <summary>
/// Says why no answer came, and what an answer is that the service asked for does not give. Each reason sends a person somewhere else.
/// The only place where a failure of HTTP becomes a problem.
/// </summary>
public static class HttpFailure
{
    internal const string CheckAddress = "check the endpoint's address, and that no login page of a network or proxy is in between";

    private const string CheckNetwork =
        "check the network, VPN and firewall; a proxy must be in \"proxy\" of the configuration, since the daemon takes none from a shell";

    /// <summary>Why no answer came, or null when the exception does not come from the network.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="host">Who was asked.</param>
    /// <param name="trust">How somebody makes a certificate trusted.</param>
    public static Problem? Describe(
        Exception exception,
        string host,
        string trust = "behind an inspecting proxy set AWS_CA_BUNDLE or ca_bundle") => Chain(exception).Select(e => e switch
    {
        AuthenticationException => NoTls(host, trust),
        HttpIOException io => Describe(io.HttpRequestError, host, e, trust),
        HttpRequestException http => Describe(http.HttpRequestError, host, e, trust),
        SocketException => NoConnection(host, e),
        IOException => Closed(host),
        _ => null,
    }).FirstOrDefault(problem => problem is not null);

    /// <summary>Who did not answer in time.</summary>
    public static Problem TimedOut(string host, TimeSpan limit) => new(
        ProblemKind.Unreachable, $"{host} did not answer within {limit.TotalSeconds:0} seconds", CheckNetwork);

    /// <summary>An answer that the service does not give: one of a captive portal, of a proxy, or of whoever has the address.</summary>
    /// <param name="status">The answer's status.</param>
    /// <param name="host">Who was asked.</param>
    /// <param name="service">Whose answer it is not: <c>AWS</c>.</param>
    public static Problem Foreign(HttpStatusCode status, string host, string service) => (int)status switch
    {
        407 => new Problem(
            ProblemKind.Unreachable,
            $"the proxy on the way to {host} asks for a password",
            "put user and password into HTTPS_PROXY, or bypass it with NO_PROXY"),
        >= 300 and < 400 and var code => new Problem(
            ProblemKind.BadAnswer,
            $"{host} answered with a redirect ({code}), which is never followed with credentials",
            "check the endpoint's address"),
        >= 500 and var code => new Problem(
            ProblemKind.ServiceFailure,
            $"{host} failed with status {code}",
            "try again shortly; the AWS health page shows the state of its services"),
        var code => new Problem(
            ProblemKind.BadAnswer,
            $"{host} answered with something that is not an answer of {service} (status {code})",
            CheckAddress),
    };

    /// <summary>Whether the failure may be over a moment later.</summary>
    public static bool IsTransient(Exception exception) => Chain(exception).Any(static e => e is
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError }
        or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }
        or SocketException) && !Chain(exception).Any(static e => e is AuthenticationException);

    private static Problem Describe(HttpRequestError error, string host, Exception exception, string trust) => error switch
    {
        HttpRequestError.NameResolutionError => new Problem(
            ProblemKind.Unreachable,
            $"cannot resolve {host.Split(':')[0]}",
            "check the network, VPN and DNS, and that the name is spelled right"),
        HttpRequestError.SecureConnectionError => NoTls(host, trust),
        HttpRequestError.ConnectionError when !HasEnded(exception) => NoConnection(host, exception),
        HttpRequestError.ProxyTunnelError => new Problem(
            ProblemKind.Unreachable, $"the proxy does not let us through to {host}", "check HTTPS_PROXY and NO_PROXY of the daemon"),
        HttpRequestError.ConfigurationLimitExceeded => new Problem(
            ProblemKind.BadAnswer, $"{host} sent an answer of more than 1 MiB", "check what answers at the endpoint's address"),
        HttpRequestError.InvalidResponse => new Problem(
            ProblemKind.BadAnswer, $"{host} answered with something that is not HTTP", "check the endpoint's address and port"),
        _ => Closed(host),
    };

    private static bool HasEnded(Exception exception) =>
        Chain(exception).Any(static e => e is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded });

    private static Problem NoTls(string host, string trust) => new(
        ProblemKind.Unreachable,
        $"no trusted TLS connection to {host}",
        $"check the clock, and that this machine trusts the certificate; {trust}");

    private static Problem NoConnection(string host, Exception exception)
    {
        SocketError? reason = Chain(exception).OfType<SocketException>().FirstOrDefault()?.SocketErrorCode;
        return reason == SocketError.TooManyOpenSockets
            ? new Problem(
                ProblemKind.Unreachable,
                $"no connection to {host}: the limit on open files is too tight",
                "raise it with: ulimit -n 256; then: ark daemon restart")
            : new Problem(ProblemKind.Unreachable, $"no connection to {host}{(reason is null ? "" : $" ({reason})")}", CheckNetwork);
    }

    private static Problem Closed(string host) => new(
        ProblemKind.Unreachable,
        $"{host} closed the connection before it had answered",
        "try again; if it stays, check proxies and firewalls on the way");

    private static IEnumerable<Exception> Chain(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            yield return exception;
        }
    }
}
