using Ark.Aws.Calls;
using Ark.Aws.Profiles;
using Ark.Core.Resolving;
using Ark.Core.Sources;

namespace Ark.Aws.Credentials;

/// <summary>Where credentials come from, as profiles, variables or the configuration say it, without a call to anybody yet.</summary>
internal abstract record CredentialProvider
{
    private CredentialProvider()
    {
    }

    /// <summary>The account of the credentials, where what is known of them names one; otherwise null.</summary>
    public string? KnownAccount => this switch
    {
        Sso login => login.AccountId,
        Login login => login.AccountId,
        Role role => AccountOf(role.RoleArn),
        WebIdentity identity => AccountOf(identity.RoleArn),
        _ => null,
    };

    /// <summary>Keys in a profile.</summary>
    public sealed record InProfile(IniSection Profile) : CredentialProvider
    {
        /// <summary>The keys as the profile has them, or null when it lacks one of the two.</summary>
        public AwsKeys? Keys => AwsKeys.From(Profile["aws_access_key_id"], Profile["aws_secret_access_key"], Profile["aws_session_token"]);
    }

    /// <summary>Keys in the caller's variables, which are wiped with the request: a fetch takes a copy of them when it begins.</summary>
    public sealed record CallerSupplied(string Id, CallerIdentity Caller) : CredentialProvider
    {
        /// <summary>A copy of the keys, or null when the request is over.</summary>
        public AwsKeys? Keys => AwsKeys.From(Id, Caller.CopySecret("AWS_SECRET_ACCESS_KEY"), Caller.CopySecret("AWS_SESSION_TOKEN"));
    }

    /// <summary>A role that other credentials may assume.</summary>
    /// <param name="Source">Where those come from.</param>
    /// <param name="RoleArn">The role.</param>
    /// <param name="SessionName">How AWS's logs show the session.</param>
    /// <param name="ExternalId">What the role's trust asks for besides, or null.</param>
    /// <param name="Seconds">How long the session lasts; null for AWS's own default.</param>
    /// <param name="Policy">What the session is limited to, or null for all that the role may.</param>
    public sealed record Role(
        CredentialProvider Source, string RoleArn, string SessionName, string? ExternalId, int? Seconds, string? Policy = null)
        : CredentialProvider
    {
        /// <summary>The device whose code the role asks for, or null.</summary>
        public MfaDevice? Mfa { get; init; }
    }

    /// <summary>Keys that the configuration keeps somewhere else than in a profile.</summary>
    /// <param name="Reference">Where.</param>
    /// <param name="Caller">The caller's home and nothing else of the caller.</param>
    public sealed record Stored(SecretReference Reference, CallerIdentity Caller) : CredentialProvider
    {
        /// <summary>Never the arguments of a program, which some write secrets into.</summary>
        public override string ToString() => nameof(Stored);
    }

    /// <summary>A role for whoever holds a token of a trusted identity provider; the token is in a file that changes.</summary>
    public sealed record WebIdentity(string RoleArn, string SessionName, string TokenFile, int? Seconds) : CredentialProvider;

    /// <summary>A role of IAM Identity Center.</summary>
    /// <param name="Profile">The profile to log in with.</param>
    /// <param name="TokenFile">Where the AWS command keeps the login.</param>
    /// <param name="Region">The region of the identity center.</param>
    /// <param name="AccountId">The account of the role.</param>
    /// <param name="RoleName">The role.</param>
    public sealed record Sso(string Profile, string TokenFile, string Region, string AccountId, string RoleName) : CredentialProvider
    {
        /// <summary>The address of the identity center's portal.</summary>
        public required string StartUrl { get; init; }

        /// <summary>What a login asks for; nothing where it cannot be renewed.</summary>
        public IReadOnlyList<string> Scopes { get; init; } = [];

        /// <summary>By what it says, for whoever compares.</summary>
        public override string ToString() => Profile;
    }

    /// <summary>A session of <c>aws login</c>.</summary>
    /// <param name="Profile">The profile to log in with.</param>
    /// <param name="SessionFile">Where the AWS command keeps the session.</param>
    /// <param name="Region">The region whose sign-in service renews it; null for the one that is asked otherwise.</param>
    /// <param name="AccountId">The account, where the session's name says it; otherwise null.</param>
    public sealed record Login(string Profile, string SessionFile, string? Region, string? AccountId) : CredentialProvider;

    /// <summary>A program that prints credentials.</summary>
    public sealed record Program(string Profile, string CommandLine) : CredentialProvider
    {
        /// <summary>Never the command line, which some write secrets into.</summary>
        public override string ToString() => nameof(Program);
    }

    /// <summary>A device that shows codes.</summary>
    /// <param name="Device">Its ARN or serial number.</param>
    /// <param name="Profile">The profile to log in with.</param>
    public sealed record MfaDevice(string Device, string Profile);

    /// <summary>The fifth field of <c>arn:partition:iam::account:role/name</c>.</summary>
    public static string? AccountOf(string arn) => arn.Split(':') is { Length: > 4 } fields ? fields[4] : null;
}
