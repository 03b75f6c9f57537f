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
        Role role => AccountOf(role.RoleArn),
        WebIdentity identity => AccountOf(identity.RoleArn),
        _ => null,
    };

    /// <summary>Where a part of the keys is written, for people: the variable, or the property and whose it is.</summary>
    public string NameOf(KeyPart part)
    {
        string property = new[] { "AccessKeyId", "SecretAccessKey", "SessionToken" }[(int)part];
        return this switch
        {
            CallerSupplied => new[] { "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN" }[(int)part],
            InProfile keys => new[] { "aws_access_key_id", "aws_secret_access_key", "aws_session_token" }[(int)part]
                + $" of profile '{keys.Profile.Name}'",
            Program program => $"the {property} that the credential_process of profile '{program.Profile}' printed",
            Stored stored => $"the {property} of the {StoredKeys.Describe(stored.Reference)}",
            _ => $"the {property} of the answer",
        };
    }

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
        : CredentialProvider;

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
    public sealed record Sso(string Profile, string TokenFile, string Region, string AccountId, string RoleName) : CredentialProvider;

    /// <summary>A program that prints credentials.</summary>
    public sealed record Program(string Profile, string CommandLine) : CredentialProvider
    {
        /// <summary>Never the command line, which some write secrets into.</summary>
        public override string ToString() => nameof(Program);
    }

    /// <summary>The fifth field of <c>arn:partition:iam::account:role/name</c>.</summary>
    private static string? AccountOf(string arn) => arn.Split(':') is { Length: > 4 } fields ? fields[4] : null;
}
