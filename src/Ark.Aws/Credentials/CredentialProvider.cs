using Ark.Aws.Calls;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
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

    /// <summary>Whether they need what came with a request and goes with it.</summary>
    public bool GoesWithRequest => this switch
    {
        CallerSupplied or Container { IsOfRequest: true } => true,
        Role role => role.Source.GoesWithRequest,
        _ => false,
    };

    /// <summary>Where a metadata endpoint is and what it is sent, for the cache key; null where none is asked.</summary>
    public string? Place => this switch
    {
        Instance instance => instance.Endpoint,
        Container container => container.KeptAs,
        Role role => role.Source.Place,
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

    /// <summary>The role of the instance that this runs on, from its metadata service.</summary>
    /// <param name="Endpoint">Where that is: scheme and host, without a slash at the end.</param>
    public sealed record Instance(string Endpoint) : CredentialProvider
    {
        /// <summary>What else was looked at and had nothing, where this is the last resort; null where this was chosen.</summary>
        public Problem? NothingElse { get; init; }
    }

    /// <summary>What ECS, EKS or whoever runs the container hands out to it at an address.</summary>
    /// <param name="Url">The whole address.</param>
    /// <param name="TokenFile">Where the token is that is sent along, read each time; or null.</param>
    /// <param name="Token">Whose variable has the token that is sent along; null where it is in a file, or there is none.</param>
    /// <param name="KeptAs">What keys are kept under: only who sends the same gets the same.</param>
    public sealed record Container(string Url, string? TokenFile, CallerIdentity? Token, string KeptAs) : CredentialProvider
    {
        /// <summary>Whether the token came with a request.</summary>
        public bool IsOfRequest { get; init; }

        /// <summary>Never the path, which some put a secret into.</summary>
        public override string ToString() => nameof(Container);
    }

    /// <summary>A device that shows codes.</summary>
    /// <param name="Device">Its ARN or serial number.</param>
    /// <param name="Profile">The profile to log in with.</param>
    public sealed record MfaDevice(string Device, string Profile);

    /// <summary>The fifth field of <c>arn:partition:iam::account:role/name</c>.</summary>
    public static string? AccountOf(string arn) => arn.Split(':') is { Length: > 4 } fields ? fields[4] : null;
}
