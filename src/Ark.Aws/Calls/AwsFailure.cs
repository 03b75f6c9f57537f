using System.Net;
using System.Text;
using Ark.Core.Problems;
using Ark.Wire;

namespace Ark.Aws.Calls;

/// <summary>What a call is, for the sentence that explains its failure. It holds no secret.</summary>
/// <param name="Action">The action as policies name it, such as <c>ecr:GetAuthorizationToken</c>.</param>
/// <param name="Identity">Who asks, for people.</param>
/// <param name="Object">What it acts on, or null.</param>
/// <param name="LoginProfile">The profile whose interactive login is used, when a refusal means that it is over.</param>
/// <param name="RepeatsWhenBusy">Whether it is sent again when AWS throttles or fails; not for a token: the cache tries again.</param>
internal sealed record AwsCall(
    string Action, string Identity, string? Object = null, string? LoginProfile = null, bool RepeatsWhenBusy = false)
{
    public override string ToString() => Object is null ? Action : $"{Action} of {Object}";
}

/// <summary>What came is not an answer of AWS: a web page, nothing, or something that cannot be read.</summary>
internal sealed class NotAwsException(HttpStatusCode status) : HttpRequestException("not an answer of AWS")
{
    public HttpStatusCode Status => status;
}

/// <summary>AWS refused a call of ours.</summary>
/// <param name="message">What it said, or nothing.</param>
/// <param name="code">Its code, or nothing.</param>
/// <param name="status">The answer's status.</param>
/// <param name="time">The time on AWS's clock, where the answer has it.</param>
internal sealed class AwsRefusal(string message, string code, HttpStatusCode status, DateTimeOffset? time)
    : HttpRequestException(message)
{
    public string ErrorCode => code;

    public HttpStatusCode Status => status;

    public DateTimeOffset? Time => time;
}

/// <summary>
/// Reads the failures of AWS calls: each kind gets its own sentence and the step that repairs it. Codes decide; texts of exceptions
/// are shown only where AWS wrote them, and cleaned.
/// </summary>
internal static class AwsFailure
{
    private const int MaxCode = 64;

    /// <summary>The problem, or null when the exception is no failure of a call but a fault of ours.</summary>
    public static Problem? Describe(
        Exception exception, AwsCall call, string host, ReadOnlySpan<Secret?> secrets, AwsClock clock) => exception switch
        {
            NotAwsException e => HttpFailure.Foreign(e.Status, host, "AWS"),
            AwsRefusal e => Describe(e, call, host, AwsMessage.Clean(e.Message, secrets), clock),
            _ => HttpFailure.Describe(exception, host),
        };

    /// <summary>Whether there was no answer, and the same call may have one a moment later.</summary>
    public static bool IsOfConnection(Exception exception) => exception switch
    {
        AwsRefusal or NotAwsException => false,
        _ => HttpFailure.IsTransient(exception),
    };

    /// <summary>Whether AWS throttles or fails.</summary>
    public static bool IsBusy(Exception exception) => exception switch
    {
        NotAwsException e => (int)e.Status >= 500,
        AwsRefusal e => IsThrottling(e) || (int)e.Status >= 500,
        _ => false,
    };

    /// <summary>Whether AWS refused a signature because of its time.</summary>
    public static bool IsOfTime(AwsRefusal refusal) =>
        refusal.ErrorCode is "RequestExpired" or "RequestTimeTooSkewed" or "RequestInTheFuture" ||
        refusal.Message.StartsWith("Signature expired", StringComparison.Ordinal) ||
        refusal.Message.StartsWith("Signature not yet current", StringComparison.Ordinal);

    private static Problem Describe(AwsRefusal e, AwsCall call, string host, string message, AwsClock clock)
    {
        string code = CodeOf(e);
        string said = message.Length == 0 ? code : $"{code}: {message}";
        if (call.LoginProfile is { } profile && (IsLoginOver(code) || e.Status == HttpStatusCode.Unauthorized))
        {
            return new Problem(
                ProblemKind.LoginRequired,
                $"the profile '{profile}' has a login to IAM Identity Center that is no longer accepted",
                $"run `aws sso login --profile {profile}`");
        }

        if (IsThrottling(e))
        {
            return new Problem(
                ProblemKind.Throttled,
                $"{host} asks to slow down ({call}, {call.Identity})",
                call.RepeatsWhenBusy
                    ? "wait a minute, then run the command again"
                    : "run the command again in a minute: ark asks again by itself, every few seconds while somebody waits");
        }

        if (IsOfTime(e))
        {
            return clock.Explain($"{host} refused the signature of {call.Identity} because of its time ({code})");
        }

        if (OfSetting(code, message, said, call) is { } setting)
        {
            return setting;
        }

        if (IsDenied(code))
        {
            return new Problem(
                ProblemKind.AccessDenied,
                $"AWS denies {call} to {call.Identity} ({said})",
                $"allow the action {call.Action} for this principal{Trust(call)}");
        }

        if (OfRepository(code, said, call) is { } repository)
        {
            return repository;
        }

        if (IsRejected(code))
        {
            return new Problem(
                ProblemKind.CredentialsRejected,
                $"{host} does not accept the credentials of {call.Identity} ({said})",
                "renew them: they have expired, were deleted or are mistyped");
        }

        if ((int)e.Status >= 500)
        {
            return new Problem(
                ProblemKind.ServiceFailure,
                $"{host} failed with status {(int)e.Status}{(code.Length > 0 ? $" ({code})" : "")} at {call}",
                "try again shortly; the AWS health page shows the state of its services");
        }

        return code.Length == 0
            ? HttpFailure.Foreign(e.Status, host, "AWS")
            : new Problem(ProblemKind.BadSetting, $"{host} refused {call} of {call.Identity} ({said})", "check region, role and endpoint");
    }

    /// <summary>What a setting here or in AWS causes, and neither rights nor new credentials repair.</summary>
    private static Problem? OfSetting(string code, string message, string said, AwsCall call)
    {
        if (call.Action == "sso:GetRoleCredentials" && IsDenied(code))
        {
            return new Problem(
                ProblemKind.AccessDenied,
                $"IAM Identity Center gives {call.Identity} no access to {call.Object} ({said})",
                "check sso_account_id and sso_role_name in the profile; if both are right, have that permission set assigned to you");
        }

        if (!call.Action.StartsWith("sts:AssumeRole", StringComparison.Ordinal))
        {
            return null;
        }

        if (Says("DurationSeconds"))
        {
            return new Problem(
                ProblemKind.BadSetting,
                $"AWS refuses {call} to {call.Identity} for so long a session ({said})",
                Says("role chaining")
                    ? "remove duration_seconds from the profile, or set it to 3600 or less: a role that a role assumes gets an hour"
                    : "lower or remove duration_seconds in the profile, or have the role's maximum session duration raised");
        }

        return code != "InvalidIdentityToken" ? null
            : Says("OpenIDConnect provider") ? new Problem(
                ProblemKind.BadSetting,
                $"the account of {call.Object} does not know who issued the web identity token ({said})",
                "create the provider there: aws iam create-open-id-connect-provider --url ISSUER --client-id-list sts.amazonaws.com")
            : Says("audience") ? new Problem(
                ProblemKind.BadSetting,
                $"the web identity token is not meant for {call.Object} ({said})",
                "have the token issued for an audience of the role's OpenID Connect provider, mostly sts.amazonaws.com")
            : null;

        bool Says(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What only repositories have. Whether a repository is there and whether one may touch it are two things.</summary>
    private static Problem? OfRepository(string code, string said, AwsCall call) => code switch
    {
        "RepositoryNotFoundException" => new Problem(
            ProblemKind.RepositoryNotFound, $"there is no repository {call.Object}", "list those that there are with: ark repo list"),
        "RepositoryAlreadyExistsException" => new Problem(
            ProblemKind.RepositoryExists,
            $"there is a repository {call.Object} already",
            "use it as it is; --if-not-exists takes that for success"),
        "RepositoryNotEmptyException" => new Problem(
            ProblemKind.RepositoryRefused,
            $"the repository {call.Object} holds images",
            "delete them first, or delete them with it: --force"),
        "LimitExceededException" when call.Action == "ecr:CreateRepository" => new Problem(
            ProblemKind.RepositoryRefused,
            $"the quota of repositories is used up at {call} ({said})",
            "delete some, or have the quota raised in Service Quotas"),
        "InvalidParameterException" or "InvalidTagParameterException" or "TooManyTagsException" or "KmsException"
            when call is { Object: not null } && call.Action.StartsWith("ecr:", StringComparison.Ordinal) => new Problem(
                ProblemKind.RepositoryRefused,
                $"AWS refused {call} ({said})",
                "check the settings of new repositories in the configuration"),
        _ => null,
    };

    /// <summary>What answers need not be AWS, and a code is shown: one that does not look like a code is <c>?</c>.</summary>
    private static string CodeOf(AwsRefusal e) =>
        string.IsNullOrEmpty(e.ErrorCode) ? "" :
        e.ErrorCode.Length <= MaxCode && e.ErrorCode.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_') ? e.ErrorCode :
        "?";

    private static string Trust(AwsCall call) =>
        call.Action.StartsWith("sts:AssumeRole", StringComparison.Ordinal) ? ", and let the role trust it" : "";

    private static bool IsLoginOver(string code) => code is
        "UnauthorizedException" or "InvalidGrantException" or "InvalidClientException" or "UnauthorizedClientException"
        or "ExpiredTokenException" or "invalid_grant" or "invalid_client" or "unauthorized_client" or "expired_token";

    private static bool IsThrottling(AwsRefusal e) =>
        e.Status == HttpStatusCode.TooManyRequests ||
        e.ErrorCode is "TooManyRequestsException" or "RequestLimitExceeded" or "SlowDown" or "RequestThrottled" ||
        (e.ErrorCode?.StartsWith("Throttl", StringComparison.Ordinal) ?? false);

    private static bool IsDenied(string code) => code is
        "AccessDenied" or "AccessDeniedException" or "UnauthorizedOperation" or "NotAuthorized" or "ForbiddenException" or "OptInRequired";

    private static bool IsRejected(string code) => code is
        "ExpiredToken" or "ExpiredTokenException" or "UnrecognizedClientException" or "InvalidClientTokenId" or "InvalidSignatureException"
        or "SignatureDoesNotMatch" or "IncompleteSignature" or "MissingAuthenticationToken" or "MissingAuthenticationTokenException"
        or "AuthFailure" or "InvalidIdentityToken" or "IDPRejectedClaim" or "InvalidToken" or "NotAuthorizedException";
}

/// <summary>Makes a message of AWS fit to be shown: one line, at most 300 characters, and nothing that is or looks like a key.</summary>
internal static class AwsMessage
{
    private const int MaxLength = 300;

    // A secret access key has 40 characters, every session token has more, and no name in a sentence of AWS's has as many.
    private const int LooksLikeAKey = 40;

    private const char Hidden = '…';

    /// <param name="message">What AWS said.</param>
    /// <param name="secrets">Secrets that went into the call; null and empty ones are skipped.</param>
    public static string Clean(string? message, params ReadOnlySpan<Secret?> secrets)
    {
        string text = message ?? "";
        foreach (Secret? secret in secrets)
        {
            text = secret is null or { Bytes.IsEmpty: true } ? text : Hide(text, secret);
        }

        int end = text.AsSpan().IndexOfAny('\r', '\n');
        text = HideKeys((end < 0 ? text : text[..end]).Trim().TrimEnd('.'));
        return text.Length <= MaxLength ? text : text[..MaxLength] + Hidden;
    }

    private static string Hide(string text, Secret secret)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
        var shown = new StringBuilder();
        for (int at = rest.IndexOf(secret.Bytes); at >= 0; at = rest.IndexOf(secret.Bytes))
        {
            shown.Append(Encoding.UTF8.GetString(rest[..at])).Append(Hidden);
            rest = rest[(at + secret.Bytes.Length)..];
        }

        return shown.Append(Encoding.UTF8.GetString(rest)).ToString();
    }

    private static string HideKeys(string text)
    {
        var shown = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            int run = 0;
            while (i + run < text.Length && (char.IsAsciiLetterOrDigit(text[i + run]) || text[i + run] is '+' or '/' or '=' or '%'))
            {
                run++;
            }

            if (run >= LooksLikeAKey)
            {
                shown.Append(Hidden);
                i += run;
            }
            else
            {
                shown.Append(text, i, run);
                i += run;
                if (i < text.Length)
                {
                    shown.Append(char.IsControl(text[i]) ? ' ' : text[i]);
                    i++;
                }
            }
        }

        return shown.ToString();
    }
}
