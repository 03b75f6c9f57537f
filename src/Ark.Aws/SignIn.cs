using System.Collections.Concurrent;
using System.Security.Cryptography;
using Ark.Aws.Calls;
using Ark.Aws.Credentials;
using Ark.Aws.Identity;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Wire;

namespace Ark.Aws;

/// <summary>
/// What only a person can do to sign in, step by step, for a command that talks to them. Nothing here runs within a request for
/// credentials. One instance serves a whole daemon, from any thread.
/// </summary>
public sealed class SignIn(AwsAccess access)
{
    private const int MaxAttempts = 16;

    private readonly ConcurrentDictionary<string, (AwsIdentity Identity, DeviceAttempt Attempt)> _attempts = new(StringComparer.Ordinal);

    /// <summary>The profile whose login the caller means, if no other is named.</summary>
    public static string ProfileOf(CallerIdentity caller) => IdentityResolver.ChosenProfile(caller);

    /// <summary>Begins a login.</summary>
    public async Task<Outcome<SignInStep>> BeginAsync(SignInTarget target, CancellationToken cancellationToken)
    {
        if (!Find(target).Succeeded(out AwsIdentity? identity, out Problem? problem))
        {
            return problem;
        }

        switch (Interactive(identity.Credentials))
        {
            case CredentialProvider.Sso sso:
                return await access.Session.AskAsync(
                    identity, AwsSession.Deadline, (fetch, limited) => BeginAsync(identity, sso, fetch, limited), cancellationToken);
            case CredentialProvider.Login login:
                return new SignInStep.Command(["aws", "login", "--profile", login.Profile]);
            case CredentialProvider.Role { Mfa: { } mfa }:
                return new SignInStep.Code(mfa.Device);
            default:
                return new SignInStep.Nothing(identity.KeyHolder);
        }
    }

    /// <summary>Whether the person has confirmed in the browser.</summary>
    public async Task<Outcome<SignInStep>> AskAsync(string attempt, CancellationToken cancellationToken)
    {
        if (!_attempts.TryGetValue(attempt, out (AwsIdentity Identity, DeviceAttempt Attempt) pending))
        {
            return new Problem(ProblemKind.LoginRequired, "no such login is under way", "begin it again with: ark login");
        }

        DeviceAttempt login = pending.Attempt;
        Outcome<DeviceEnd> outcome = await access.Session.AskAsync(
            pending.Identity,
            AwsSession.Deadline,
            (fetch, limited) => DeviceLogin.AskAsync(login, fetch, access.Time, limited),
            cancellationToken);
        bool answered = outcome.Succeeded(out DeviceEnd? end, out Problem? problem);
        bool isAway = problem is { Kind: ProblemKind.Unreachable or ProblemKind.ServiceFailure or ProblemKind.Throttled };
        if (answered ? end!.At is null : isAway && login.EndsAt > access.Time.GetUtcNow())
        {
            return new SignInStep.Waiting(login.Interval);
        }

        Forget(attempt);
        return problem is null ? new SignInStep.Done($"signed in to {TextSanitizer.Name(login.Sso.StartUrl)}", end!.At!.Value) : problem;
    }

    /// <summary>Opens a session with the code of an MFA device.</summary>
    public async Task<Outcome<SignInStep>> EnterAsync(SignInTarget target, string code, CancellationToken cancellationToken)
    {
        if (!Find(target).Succeeded(out AwsIdentity? identity, out Problem? problem))
        {
            return problem;
        }

        if (Interactive(identity.Credentials) is not CredentialProvider.Role { Mfa: { } mfa } role)
        {
            return new SignInStep.Nothing(identity.KeyHolder);
        }

        if (code.Length is < 6 or > 64 || !code.All(char.IsAsciiDigit))
        {
            return new Problem(ProblemKind.MfaRequired, "an MFA code has six digits", "type the digits that the device shows now");
        }

        Outcome<SessionEnd> outcome = await access.Session.RunAsync<SessionEnd>(
            identity with { Credentials = role.Source },
            AwsSession.Deadline,
            (fetch, keys, limited) => access.Session.MfaSessions.OpenAsync(mfa.Device, code, keys, mfa.Profile, fetch, limited),
            cancellationToken);
        return outcome.Succeeded(out SessionEnd? end, out problem)
            ? new SignInStep.Done($"signed in with {TextSanitizer.Name(mfa.Device)}", end.At)
            : problem;
    }

    private Outcome<AwsIdentity> Find(SignInTarget target) => target.Source is { } source
        ? access.Identities.Find(source, target.Caller)
        : access.Identities.FindProfile(target.Profile, target.Caller, target.Proxy);

    /// <summary>Which part of where credentials come from waits for a person; null for none.</summary>
    private static CredentialProvider? Interactive(CredentialProvider provider) => provider switch
    {
        CredentialProvider.Sso or CredentialProvider.Login or CredentialProvider.Role { Mfa: not null } => provider,
        CredentialProvider.Role role => Interactive(role.Source),
        _ => null,
    };

    private async Task<Outcome<SignInStep>> BeginAsync(
        AwsIdentity identity, CredentialProvider.Sso sso, AwsFetch fetch, CancellationToken cancellationToken)
    {
        Outcome<DeviceAttempt> begun = await DeviceLogin.BeginAsync(sso, fetch, access.Time, cancellationToken);
        if (!begun.Succeeded(out DeviceAttempt? attempt, out Problem? problem))
        {
            return problem;
        }

        foreach ((string old, (_, DeviceAttempt pending)) in _attempts)
        {
            if (_attempts.Count >= MaxAttempts || pending.EndsAt <= access.Time.GetUtcNow())
            {
                Forget(old);
            }
        }

        string number = RandomNumberGenerator.GetHexString(32, lowercase: true);
        _attempts[number] = (identity, attempt);
        return new SignInStep.Browser(number, attempt.Url, attempt.UserCode, attempt.Interval, attempt.EndsAt);
    }

    private void Forget(string attempt)
    {
        if (_attempts.TryRemove(attempt, out (AwsIdentity, DeviceAttempt Attempt) over))
        {
            over.Attempt.Dispose();
        }
    }
}

/// <summary>Whose login it is.</summary>
/// <param name="Source">The configuration's source that uses the profile; null for a profile of the caller's.</param>
/// <param name="Profile">The profile.</param>
/// <param name="Caller">Whose files count.</param>
/// <param name="Proxy">How AWS is reached for a profile of the caller's, or null.</param>
public sealed record SignInTarget(EcrSource? Source, string Profile, CallerIdentity Caller, ProxySettings? Proxy);

/// <summary>What is to be done next, or that it is done.</summary>
public abstract record SignInStep
{
    private SignInStep()
    {
    }

    /// <summary>A page to open, and the code that it shows.</summary>
    public sealed record Browser(string Attempt, string Url, string UserCode, int Seconds, DateTimeOffset Until) : SignInStep;

    /// <summary>The person has not confirmed yet.</summary>
    public sealed record Waiting(int Seconds) : SignInStep;

    /// <summary>The digits of an MFA device are needed.</summary>
    public sealed record Code(string Device) : SignInStep;

    /// <summary>Another program logs in.</summary>
    public sealed record Command(IReadOnlyList<string> Arguments) : SignInStep;

    public sealed record Done(string Text, DateTimeOffset Until) : SignInStep;

    /// <summary>These credentials need no login.</summary>
    public sealed record Nothing(string Holder) : SignInStep;
}
