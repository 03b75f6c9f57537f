namespace Ark.Core.Configuration;

/// <summary>
/// Every property of the configuration, described once. The reader checks files by it; <c>ark.schema.json</c> and the page
/// <c>src/docs/configuration-reference.md</c> are written from it. Rows stand in the order in which the page shows them.
/// </summary>
internal static class ConfigurationTable
{
    private const int MaxArguments = 64;
    private const string HelperWords = "Such as secretservice, osxkeychain, wincred, pass or desktop.";

    private const string CommandWords = "The program and its arguments. No shell is involved.";

    private static readonly TimeSpan TwelveHours = TimeSpan.FromHours(12);
    private static readonly TextType Lifetime = TextType.Duration("from PT10S to PT12H", TimeSpan.FromSeconds(10), TwelveHours);

    private static readonly ListType Command = new("argument", TextType.Argument)
    {
        First = TextType.Program,
        Least = 1,
        Most = MaxArguments,
    };

    public static ObjectType Refresh { get; } = new(
        "refresh",
        "refresh",
        "When tokens are renewed.",
        new("at", new NumberType(0.1, 0.9), "The share of a token's life after which a new one is fetched in the background.")
        {
            Default = "0.5",
        },
        new(
            "minRemaining",
            TextType.Duration("from PT1S to PT6H", TimeSpan.FromSeconds(1), TimeSpan.FromHours(6)),
            "A token with less life left is handed out only if fetching a new one failed, and then down to a fifth of this, "
                + "with a warning.")
        {
            Default = "PT5M",
        });

    public static ObjectType Secret { get; } = new(
        "secret",
        "a secret",
        "Where a secret is kept. The configuration never holds the secret itself.",
        new("file", TextType.SecretFile, "A file of yours that is closed to others (mode 0600).")
        {
            Examples = ["~/.config/ark/quay.secret"],
        },
        new("helper", TextType.Helper, HelperWords) { Examples = ["secretservice"] },
        new("server", TextType.Line, "The key under which the helper keeps it."),
        new("command", Command, CommandWords) { Examples = ["""["op", "read", "op://private/registry/password"]"""] })
    {
        Alternatives =
        [
            ("A file of yours: the secret alone, or JSON with username and secret.", ["file"]),
            ("The operating system's store, or another, through its docker credential helper.", ["helper", "server"]),
            ("What a program prints.", ["command"]),
        ],
    };

    private static readonly Property Profile = new(
        "profile",
        TextType.Profile,
        "The profile in your ~/.aws whose credentials are used; not together with keys. The caller's AWS_* variables are not used.")
    {
        MayBeNull = true,
        Default = "default",
    };

    private static readonly Property Keys = new(
        "keys",
        Secret,
        "Where an access key is kept that is used instead of a profile: its id as the user name, its secret as the secret.");

    private static readonly Property RoleArn = new("roleArn", TextType.RoleArn, "A role that the profile or the keys assume first.")
    {
        MayBeNull = true,
        Examples = ["arn:aws:iam::123456789012:role/registry"],
    };

    private static readonly Property ExternalId =
        new("externalId", TextType.ExternalId, "The external id that the role's trust policy requires.") { MayBeNull = true };

    private static readonly Property SessionName =
        new("sessionName", TextType.SessionName, "The name of the session in AWS's logs.") { MayBeNull = true };

    private static readonly Property DualStack = new(
        "dualStack", new FlagType(), "For hosts that are not ECR's own: use the dual-stack endpoint of the API, which has IPv6.")
    {
        Default = "false",
    };

    public static ObjectType Ecr { get; } = new(
        "ecr",
        "a source of type \"ecr\"",
        "Amazon ECR: a token, renewed long before it expires.",
        Type("ecr", "Amazon ECR."),
        Profile,
        Keys,
        RoleArn,
        ExternalId,
        SessionName,
        new(
            "scope",
            new ChoiceType("none", "pull", "push"),
            "What the role's session, and so its token, is limited to: pull or push below repositoryPrefix. none: everything that "
                + "the role may do. ark repo uses the role without this limit.")
        {
            MayBeNull = true,
            Default = "none",
        },
        new("accountId", TextType.AccountId, "The owner of the registry. ECR's own hosts contain it; other hosts need it.")
        {
            MayBeNull = true,
            Examples = ["123456789012"],
        },
        new("region", TextType.Region, "The region of the registry. ECR's own hosts contain it; other hosts need it.")
        {
            MayBeNull = true,
            Examples = ["eu-west-1"],
        },
        new("endpoint", TextType.Endpoint, "Another address of the ECR API, such as a VPC endpoint.")
        {
            MayBeNull = true,
            Examples = ["https://vpce-0123.api.ecr.eu-west-1.vpce.amazonaws.com"],
        },
        new("fips", new FlagType(), "For hosts that are not ECR's own: use the FIPS endpoint of the API.") { Default = "false" },
        DualStack)
    {
        Rule = (source, errors) => CheckIdentity(source, errors, "externalId", "sessionName", "scope"),
    };

    public static ObjectType EcrPublic { get; } = new(
        "ecr-public",
        "a source of type \"ecr-public\"",
        "Amazon ECR Public, public.ecr.aws.",
        Type("ecr-public", "Amazon ECR Public."),
        Profile,
        Keys,
        RoleArn,
        ExternalId,
        SessionName,
        new("endpoint", TextType.Endpoint, "Another address of the ECR Public API.") { MayBeNull = true },
        DualStack)
    {
        Rule = (source, errors) => CheckIdentity(source, errors, "externalId", "sessionName"),
    };

    public static ObjectType Helper { get; } = new(
        "helper",
        "a source of type \"helper\"",
        "Another docker credential helper, used as docker would use it.",
        Type("helper", "Another docker credential helper."),
        new("helper", TextType.Helper, HelperWords) { IsRequired = true, Examples = ["secretservice", "gcloud"] },
        new(
            "server",
            TextType.Line,
            "The key to use with it instead of the host that the client named; docker login and docker logout use it too. "
                + "Credentials saved under another spelling, such as quay.io/ns, are only found with it.")
        {
            MayBeNull = true,
        },
        new(
            "lifetime",
            TextType.Duration("from PT0S to PT12H", TimeSpan.Zero, TwelveHours),
            "How long its answer is kept; PT0S asks it each time.")
        {
            Default = "PT1M",
        });

    public static ObjectType CommandSource { get; } = new(
        "command",
        "a source of type \"command\"",
        "A program that prints a secret, or JSON with username, secret and expiresAt.",
        Type("command", "A program that prints a secret."),
        new("command", Command, CommandWords) { IsRequired = true, Examples = ["""["gh", "auth", "token"]"""] },
        new("username", TextType.Line, "The user name, if the program prints the secret only.") { MayBeNull = true },
        new("lifetime", Lifetime, "How long a secret is kept that comes without its expiry.") { Default = "PT5M" });

    public static ObjectType Static { get; } = new(
        "static",
        "a source of type \"static\"",
        "A fixed password.",
        Type("static", "A fixed password."),
        new("username", TextType.Line, "The user name; not needed if it is kept together with the secret.") { MayBeNull = true },
        new("secret", Secret, "Where the password is kept.") { IsRequired = true });

    public static ObjectType OAuth { get; } = new(
        "oauth",
        "a source of type \"oauth\"",
        "A form posted to a token endpoint, as Azure, JFrog and Quay have them.",
        Type("oauth", "A form posted to a token endpoint."),
        new("url", TextType.Url, "The token endpoint.")
        {
            IsRequired = true,
            Examples = ["https://example.azurecr.io/oauth2/exchange"],
        },
        new("form", new MapType("form field", TextType.Any, TextType.Any), "The fields of the form that are not secret, in order.")
        {
            Examples = ["""{ "grant_type": "refresh_token", "service": "example.azurecr.io" }"""],
        },
        new("secretField", TextType.Line, "The field that carries the secret.")
        {
            IsRequired = true,
            Examples = ["refresh_token", "password"],
        },
        new("secret", Secret, "Where that secret is kept.") { IsRequired = true },
        new(
            "tokenField",
            TextType.Line,
            "The property of the response that is the password; without it, the first of access_token, refresh_token and token.")
        {
            MayBeNull = true,
        },
        new("username", TextType.Line, "The user name that goes with the token.")
        {
            IsRequired = true,
            Examples = ["<token>", "00000000-0000-0000-0000-000000000000"],
        },
        new("lifetime", Lifetime, "How long a token is kept whose response has no expires_in.") { Default = "PT15M" });

    public static VariantType Source { get; } = new("a source", Ecr, EcrPublic, Helper, CommandSource, Static, OAuth);

    public static ObjectType Encryption { get; } = new(
        "encryption",
        "encryption",
        "How images are encrypted at rest.",
        new("type", new ChoiceType("AES256", "KMS", "KMS_DSSE"), "AES256: by ECR itself. KMS, KMS_DSSE: with a key of KMS.")
        {
            IsRequired = true,
        },
        new("kmsKey", TextType.Line, "The ARN, id or alias of the key; without it, the key of AWS for ECR.") { MayBeNull = true })
    {
        Rule = CheckEncryption,
    };

    public static ObjectType RepositoryDefaults { get; } = new(
        "repositoryDefaults",
        "repositoryDefaults",
        "The settings that ark repo create gives a new repository. Whatever is omitted is as AWS has it.",
        new(
            "tagMutability",
            new ChoiceType("MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"),
            "Whether a tag can be moved to another image, with or without the exceptions below.")
        {
            Default = "MUTABLE",
        },
        new(
            "tagMutabilityExclusions",
            new ListType("tag pattern", TextType.TagPattern) { Least = 1, Most = 5 },
            "Tags for which the opposite is true; * matches any characters.")
        {
            Examples = ["""["latest", "dev-*"]"""],
        },
        new("encryption", Encryption, "How images are encrypted at rest."),
        new("scanOnPush", new FlagType(), "Scan every image that is pushed.") { Default = "false" },
        new("tags", new MapType("tag", TextType.TagKey, TextType.TagValue) { Most = 50 }, "The repository's tags in AWS.")
        {
            Examples = ["""{ "team": "a" }"""],
        },
        new("lifecyclePolicy", new JsonType(30_720), "ECR's lifecycle policy as JSON: what is cleaned up, and when."),
        new("repositoryPolicy", new JsonType(10_240), "The repository's IAM policy as JSON: who else may pull or push."))
    {
        Needs = new Dictionary<string, string> { ["tagMutabilityExclusions"] = "tagMutability" },
        Rule = CheckMutability,
    };

    public static ObjectType Registry { get; } = new(
        "registry",
        "a registry",
        "One or more hosts whose credentials come from one source.",
        new(
            "hosts",
            new ListType("host", TextType.Host) { Least = 1 },
            "The registry's hosts, as docker knows them. One * matches any characters within one label; "
                + "Docker Hub is https://index.docker.io/v1/.")
        {
            IsRequired = true,
            Examples = ["""["123456789012.dkr.ecr.eu-west-1.amazonaws.com", "docker.example.com"]"""],
        },
        new(
            "repositoryPrefix",
            TextType.RepositoryPrefix,
            "The path below which the organization's repositories are; empty for the whole registry. "
                + "If several organizations share a host, the longest prefix that matches an image decides.")
        {
            MayBeNull = true,
            Examples = ["prod/2ea25035-6aa4-42fb-9955-92288ea1b972"],
        },
        new("source", Source, "Where the credentials come from.") { IsRequired = true },
        new("refresh", Refresh, "When its tokens are renewed; whatever is omitted is as for all registries."),
        new("repositoryDefaults", RepositoryDefaults, "The settings that ark repo create gives a new repository."));

    public static ObjectType Organization { get; } = new(
        "organization",
        "an organization",
        "Somebody whose repositories you use.",
        new("name", TextType.Name, "Its name in commands: ark use NAME, docker-credential-ark-NAME.")
        {
            IsRequired = true,
            Examples = ["acme"],
        },
        new("id", TextType.Id, "Its GUID, if it has one.")
        {
            MayBeNull = true,
            Examples = ["2ea25035-6aa4-42fb-9955-92288ea1b972"],
        },
        new("registries", new ListType(Registry.Title, Registry), "Its registries.") { IsRequired = true });

    public static ObjectType Root { get; } = new(
        "configuration",
        "the configuration",
        "Which organization answers for which registry, and where its credentials come from. It never holds a secret itself.",
        new("$schema", TextType.Any, "For editors, which then complete and check the file. ark init writes the schema beside it.")
        {
            MayBeNull = true,
            Examples = ["ark.schema.json"],
        },
        new(
            "mode",
            new ChoiceType("auto", "mapped-only"),
            "auto: ECR hosts that are not configured are served with the caller's own AWS credentials. "
                + "mapped-only: only configured hosts are served.")
        {
            Default = "auto",
        },
        new(
            "defaultOrganization",
            TextType.Any,
            "The name or id of the organization that is used if several share a host and nothing else decides.")
        {
            MayBeNull = true,
        },
        new(
            "fallbackHelper",
            TextType.Helper,
            $"With ark as docker's credsStore: the credential helper that serves all other registries. {HelperWords}")
        {
            MayBeNull = true,
            OldName = "chain",
            Examples = ["secretservice", "desktop", "osxkeychain", "wincred", "pass"],
        },
        new("refresh", Refresh, "When tokens are renewed, unless a registry says otherwise."),
        new(
            "idleExit",
            TextType.Duration("of PT1M or more, or PT0S for never", TimeSpan.FromMinutes(1), TimeSpan.MaxValue, orZero: true),
            "The daemon stops after this time without requests; asking for its status does not count.")
        {
            Default = ArkConfiguration.DefaultIdleExit,
        },
        new("organizations", new ListType(Organization.Title, Organization), "Whose registries you use."));

    /// <summary>Every object, as the page shows them.</summary>
    public static IReadOnlyList<ObjectType> Objects { get; } =
        [Root, Organization, Registry, .. Source.Variants, Secret, Refresh, RepositoryDefaults, Encryption];

    private static Property Type(string name, string words) => new("type", new ChoiceType(name), words) { IsRequired = true };

    private static void CheckIdentity(Entry source, ConfigurationErrors errors, params ReadOnlySpan<string> ofSession)
    {
        if (source["keys"] is { } keys && source["profile"] is not null)
        {
            errors.Add(keys, "\"keys\"", "specify \"keys\" or \"profile\", not both");
        }

        foreach (string name in ofSession)
        {
            if (source["roleArn"] is null && source[name] is { } value && !value.ValueEquals("none"))
            {
                errors.Add(value, $"{name} {ConfigurationErrors.Show(value)} needs \"roleArn\"");
            }
        }
    }

    private static void CheckEncryption(Entry encryption, ConfigurationErrors errors)
    {
        if (encryption["kmsKey"] is { } key && encryption.Text("type") == "AES256")
        {
            errors.Add(key, $"kmsKey {ConfigurationErrors.Show(key)} needs type KMS or KMS_DSSE");
        }
    }

    private static void CheckMutability(Entry defaults, ConfigurationErrors errors)
    {
        bool excludes = defaults["tagMutabilityExclusions"] is not null;
        if (defaults["tagMutability"] is { } mutability
            && excludes != mutability.GetString()!.EndsWith("_WITH_EXCLUSION", StringComparison.Ordinal))
        {
            string shown = ConfigurationErrors.Show(mutability);
            errors.Add(mutability, $"tagMutability {shown} {(excludes ? "does not allow" : "needs")} \"tagMutabilityExclusions\"");
        }
    }
}
