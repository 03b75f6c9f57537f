using System.Net;
using Amazon.Runtime;
using Ark.Core.Problems;

namespace Ark.Aws.Sdk;

/// <summary>
/// Reads the failures of AWS calls: each kind gets its own sentence and the step that repairs it. Codes decide; texts of exceptions
/// are shown only where AWS wrote them, and cleaned.
/// </summary>
internal static class AwsFailure
{
    private const int MaxCode = 64;

    /// <summary>The problem, or null when the exception is no failure of a call but a fault of ours.</summary>
    public static Problem? Describe(Exception exception, AwsCall call, string identity, string host, params string?[] secrets) =>
        exception switch
        {
            AmazonUnmarshallingException e => NotAws(e.StatusCode, host),
            AmazonServiceException { StatusCode: 0 } e when e.InnerException is { } inner => NetworkFailure.Describe(inner, host),
            AmazonServiceException e => Describe(e, call, identity, host, AwsMessage.Clean(e.Message, secrets)),
            _ => NetworkFailure.Describe(exception, host),
        };

    private static Problem Describe(AmazonServiceException e, AwsCall call, string identity, string host, string message)
    {
        string code = CodeOf(e);
        string said = message.Length == 0 ? code : $"{code}: {message}";
        if (call.LoginProfile is { } profile && (IsLoginOver(code) || e.StatusCode == HttpStatusCode.Unauthorized))
        {
            return new Problem(
                ProblemKind.LoginRequired,
                $"the profile '{profile}' has a login to IAM Identity Center that is no longer accepted",
                $"run `aws sso login --profile {profile}`");
        }

        if (IsThrottling(code) || e.StatusCode == HttpStatusCode.TooManyRequests)
        {
            return new Problem(
                ProblemKind.Throttled, $"{host} asks to slow down ({call}, {identity})", "wait a minute; ark tries again by itself");
        }

        if (IsClock(code, message))
        {
            return new Problem(
                ProblemKind.CredentialsRejected,
                $"{host} refused the signature of {identity} because of its time ({code})",
                "set this machine's clock: AWS accepts five minutes of difference");
        }

        if (IsDenied(code))
        {
            return new Problem(
                ProblemKind.AccessDenied,
                $"AWS denies {call} to {identity} ({said})",
                $"allow the action {call.Action} for this principal{Trust(call)}");
        }

        if (RepositoryFailure.Describe(code, said, call) is { } repository)
        {
            return repository;
        }

        if (IsRejected(code))
        {
            return new Problem(
                ProblemKind.CredentialsRejected,
                $"{host} does not accept the credentials of {identity} ({said})",
                "renew them: they have expired, were deleted or are mistyped");
        }

        if ((int)e.StatusCode >= 500)
        {
            return new Problem(
                ProblemKind.ServiceFailure,
                $"{host} failed with status {(int)e.StatusCode}{(code.Length > 0 ? $" ({code})" : "")} at {call}",
                "try again shortly; the AWS health page shows the state of its services");
        }

        return code.Length == 0
            ? NotAws(e.StatusCode, host)
            : new Problem(ProblemKind.BadSetting, $"{host} refused {call} of {identity} ({said})", "check region, role and endpoint");
    }

    /// <summary>An answer that no AWS service gives: a captive portal, a proxy, or the wrong address.</summary>
    private static Problem NotAws(HttpStatusCode status, string host) => (int)status switch
    {
        407 => new Problem(
            ProblemKind.Unreachable,
            $"the proxy on the way to {host} asks for a password",
            "put user and password into HTTPS_PROXY, or bypass it with NO_PROXY"),
        >= 300 and < 400 => new Problem(
            ProblemKind.BadAnswer, $"{host} answered with a redirect ({(int)status}), which is never followed with credentials", "check the endpoint's address"),
        var number => new Problem(
            ProblemKind.BadAnswer,
            $"{host} answered with something that is not an answer of AWS (status {number})",
            "check the endpoint's address, and that no login page of a network or proxy is in between"),
    };

    /// <summary>What answers need not be AWS, and a code is shown: one that does not look like a code is <c>?</c>.</summary>
    private static string CodeOf(AmazonServiceException e) =>
        string.IsNullOrEmpty(e.ErrorCode) ? "" :
        e.ErrorCode.Length <= MaxCode && e.ErrorCode.All(static c => char.IsAsciiLetterOrDigit(c) || c == '.') ? e.ErrorCode :
        "?";

    private static string Trust(AwsCall call) => call.Action.StartsWith("sts:AssumeRole", StringComparison.Ordinal) ? ", and let the role trust it" : "";

    private static bool IsLoginOver(string code) =>
        code is "UnauthorizedException" or "InvalidGrantException" or "InvalidClientException" or "UnauthorizedClientException" or "ExpiredTokenException";

    private static bool IsThrottling(string code) =>
        code.StartsWith("Throttl", StringComparison.Ordinal) ||
            code is "TooManyRequestsException" or "RequestLimitExceeded" or "SlowDown" or "RequestThrottled";

    private static bool IsDenied(string code) =>
        code is "AccessDenied" or "AccessDeniedException" or "UnauthorizedOperation" or "NotAuthorized" or "ForbiddenException" or "OptInRequired";

    private static bool IsClock(string code, string message) =>
        code is "RequestExpired" or "RequestTimeTooSkewed" or "RequestInTheFuture" ||
        message.StartsWith("Signature expired", StringComparison.Ordinal) ||
        message.StartsWith("Signature not yet current", StringComparison.Ordinal);

    private static bool IsRejected(string code) =>
        code is "ExpiredToken" or "ExpiredTokenException" or "UnrecognizedClientException" or "InvalidClientTokenId" or "InvalidSignatureException"
            or "SignatureDoesNotMatch" or "IncompleteSignature" or "MissingAuthenticationToken" or "MissingAuthenticationTokenException"
            or "AuthFailure" or "InvalidIdentityToken" or "IDPRejectedClaim" or "InvalidToken" or "NotAuthorizedException";
}
