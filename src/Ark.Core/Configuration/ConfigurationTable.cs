namespace Ark.Core.Configuration;

/// <summary>
/// Every property of the configuration, described once. The reader checks files by it; <c>ark.schema.json</c> and the page
/// <c>src/docs/configuration-reference.md</c> are written from it. Rows stand in the order in which the page shows them.
/// </summary>
internal static class ConfigurationTable
{
    private const string HelperWords = "Such as secretservice, osxkeychain, wincred, pass or desktop.";
    private const string CommandWords = "The program and its arguments. No shell is involved.";

    private static readonly TimeSpan TwelveHours = TimeSpan.FromHours(12);
    private static readonly TextType Lifetime = TextType.Duration("from PT10S to PT12H", TimeSpan.FromSeconds(10), TwelveHours);
    private static readonly ListType Command = new("argument", TextType.Argument, Least: 1, Most: 64) { First = TextType.Program };

    public static ObjectType Refresh { get; } = new(
        "refresh",
        "refresh",
        "When tokens are renewed.",
        new(
            "at",
            new NumberType(0.1, 0.9),
            "The share of a token's life after which a new one is fetched in the background.",
            Default: "0.5"),
        new(
            "minRemaining",
            TextType.Duration("from PT1S to PT6H", TimeSpan.FromSeconds(1), TimeSpan.FromHours(6)),
            "A token with less life left is handed out only if fetching a new one failed, and then down to a fifth of this, "
                + "with a warning.",
            Default: "PT5M"));

    public static ObjectType Secret { get; } = new(
        "secret",
        "a secret",
        "Where a secret is kept. The configuration never holds the secret itself.",
        new("file", TextType.SecretFile, "A file of yours that is closed to others (mode 0600).", Example: "~/.config/ark/quay.secret"),
        new("helper", TextType.Helper, HelperWords, Example: "secretservice"),
        new("server", TextType.Line, "The key under which the helper keeps it."),
        new("command", Command, CommandWords, Example: """["op", "read", "op://private/registry/password"]"""))
    {
        Alternatives =
        [
            ("A file of yours: the secret alone, or JSON with username and secret.", ["file"]),
            ("The operating system's store, or another, through its docker credential helper.", ["helper", "server"]),
            ("What a program prints.", ["command"]),
        ],
    };

    private static readonly Property[] Identity =
    [
        new(
            "profile",
            TextType.Profile,
            "The profile in your ~/.aws whose credentials are used; not together with keys. The caller's AWS_* variables are not used.",
            OrNull: true,
            Default: "default"),
        new(
            "credentials",
            new ChoiceType("instance", "container"),
            "Credentials that the daemon's machine has by itself, instead of a profile or keys. instance: of the EC2 instance's role. "
                + "container: of the ECS task, EKS Pod Identity and their like, as the variables say with which the daemon was started.",
            OrNull: true),
        new("keys", Secret, "Where an access key is kept that is used instead of a profile: its id as user name, its secret as secret."),
        new(
            "roleArn",
            TextType.RoleArn,
            "A role that the profile, the keys or the machine's own role assume first.",
            OrNull: true,
            Example: "arn:aws:iam::123456789012:role/registry"),
        new("externalId", TextType.ExternalId, "The external id that the role's trust policy requires.", OrNull: true),
        new("sessionName", TextType.SessionName, "The name of the session in AWS's logs.", OrNull: true),
    ];

    private static readonly Property DualStack = new(
        "dualStack",
        new FlagType(),
        "For hosts that are not ECR's own: use the dual-stack endpoint of the API, which has IPv6.",
        Default: "false");

    public static ObjectType Ecr { get; } = new(
        "ecr",
        "a source of type \"ecr\"",
        "Amazon ECR: a token, renewed long before it expires.",
        [
            Type("ecr", "Amazon ECR."),
            .. Identity,
            new(
                "scope",
                new ChoiceType("none", "pull", "push"),
                "What the role's session, and so its token, is limited to: pull or push below repositoryPrefix. none: everything that the "
                    + "role may do. ark repo uses the role without this limit.",
                OrNull: true,
                Default: "none"),
            new(
                "accountId",
                TextType.AccountId,
                "The owner of the registry. ECR's own hosts contain it; other hosts need it.",
                OrNull: true,
                Example: "123456789012"),
            new(
                "region",
                TextType.Region,
                "The region of the registry. ECR's own hosts contain it; other hosts need it.",
                OrNull: true,
                Example: "eu-west-1"),
            new(
                "endpoint",
                TextType.Endpoint,
                "Another address of the ECR API, such as a VPC endpoint.",
                OrNull: true,
                Example: "https://vpce-0123.api.ecr.eu-west-1.vpce.amazonaws.com"),
            new("fips", new FlagType(), "For hosts that are not ECR's own: use the FIPS endpoint of the API.", Default: "false"),
            DualStack,
        ])
    {
        Rule = (source, errors) => CheckIdentity(source, errors, "externalId", "sessionName", "scope"),
    };

    public static ObjectType EcrPublic { get; } = new(
        "ecr-public",
        "a source of type \"ecr-public\"",
        "Amazon ECR Public, public.ecr.aws.",
        [
            Type("ecr-public", "Amazon ECR Public."),
            .. Identity,
            new("endpoint", TextType.Endpoint, "Another address of the ECR Public API.", OrNull: true),
            DualStack,
        ])
    {
        Rule = (source, errors) => CheckIdentity(source, errors, "externalId", "sessionName"),
    };

    public static ObjectType Helper { get; } = new(
        "helper",
        "a source of type \"helper\"",
        "Another docker credential helper, used as docker would use it.",
        Type("helper", "Another docker credential helper."),
        new("helper", TextType.Helper, HelperWords, Required: true, Example: "secretservice"),
        new(
            "server",
            TextType.Line,
            "The key to use with it instead of the host that the client named; docker login and docker logout use it too. "
                + "Credentials saved under another spelling, such as quay.io/ns, are only found with it.",
            OrNull: true),
        new(
            "lifetime",
            TextType.Duration("from PT0S to PT12H", TimeSpan.Zero, TwelveHours),
            "How long its answer is kept; PT0S asks it each time.",
            Default: "PT1M"));

    public static ObjectType CommandSource { get; } = new(
        "command",
        "a source of type \"command\"",
        "A program that prints a secret, or JSON with username, secret and expiresAt.",
        Type("command", "A program that prints a secret."),
        new("command", Command, CommandWords, Required: true, Example: """["gh", "auth", "token"]"""),
        new("username", TextType.Line, "The user name, if the program prints the secret only.", OrNull: true),
        new("lifetime", Lifetime, "How long a secret is kept that comes without its expiry.", Default: "PT5M"));

    public static ObjectType Static { get; } = new(
        "static",
        "a source of type \"static\"",
        "A fixed password.",
        Type("static", "A fixed password."),
        new("username", TextType.Line, "The user name; not needed if it is kept together with the secret.", OrNull: true),
        new("secret", Secret, "Where the password is kept.", Required: true));

    public static ObjectType OAuth { get; } = new(
        "oauth",
        "a source of type \"oauth\"",
        "A form posted to a token endpoint, as Azure, JFrog and Quay have them.",
        Type("oauth", "A form posted to a token endpoint."),
        new("url", TextType.Url, "The token endpoint.", Required: true, Example: "https://example.azurecr.io/oauth2/exchange"),
        new(
            "form",
            new MapType("form field", TextType.Any, TextType.Any),
            "The fields of the form that are not secret, in order.",
            Example: """{ "grant_type": "refresh_token", "service": "example.azurecr.io" }"""),
        new("secretField", TextType.Line, "The field that carries the secret.", Required: true, Example: "refresh_token"),
        new("secret", Secret, "Where that secret is kept.", Required: true),
        new(
            "tokenField",
            TextType.Line,
            "The property of the response that is the password; without it, the first of access_token, refresh_token and token.",
            OrNull: true),
        new("username", TextType.Line, "The user name that goes with the token.", Required: true, Example: "<token>"),
        new("lifetime", Lifetime, "How long a token is kept whose response has no expires_in.", Default: "PT15M"));

    public static VariantType Source { get; } = new("a source", Ecr, EcrPublic, Helper, CommandSource, Static, OAuth);

    public static ObjectType Encryption { get; } = new(
        "encryption",
        "encryption",
        "How images are encrypted at rest.",
        new(
            "type",
            new ChoiceType("AES256", "KMS", "KMS_DSSE"),
            "AES256: by ECR itself. KMS, KMS_DSSE: with a key of KMS.",
            Required: true),
        new("kmsKey", TextType.Line, "The ARN, id or alias of the key; without it, the key of AWS for ECR.", OrNull: true))
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
            "Whether a tag can be moved to another image, with or without the exceptions below.",
            Default: "MUTABLE"),
        new(
            "tagMutabilityExclusions",
            new ListType("tag pattern", TextType.TagPattern, Least: 1, Most: 5),
            "Tags for which the opposite is true; * matches any characters.",
            Example: """["latest", "dev-*"]"""),
        new("encryption", Encryption, "How images are encrypted at rest."),
        new("scanOnPush", new FlagType(), "Scan every image that is pushed.", Default: "false"),
        new(
            "tags",
            new MapType("tag", TextType.TagKey, TextType.TagValue, Most: 50),
            "The repository's tags in AWS.",
            Example: """{ "team": "a" }"""),
        new("lifecyclePolicy", new JsonType(30_720), "ECR's lifecycle policy as JSON: what is cleaned up, and when."),
        new("repositoryPolicy", new JsonType(10_240), "The repository's IAM policy as JSON: who else may pull or push."))
    {
        Needs = ("tagMutabilityExclusions", "tagMutability"),
        Rule = CheckMutability,
    };

    public static ObjectType Registry { get; } = new(
        "registry",
        "a registry",
        "One or more hosts whose credentials come from one source.",
        new(
            "hosts",
            new ListType("host", TextType.Host, Least: 1),
            "The registry's hosts, as docker knows them. One * matches any characters within one label; "
                + "Docker Hub is https://index.docker.io/v1/.",
            Required: true,
            Example: """["123456789012.dkr.ecr.eu-west-1.amazonaws.com", "docker.example.com"]"""),
        new(
            "repositoryPrefix",
            TextType.RepositoryPrefix,
            "The path below which the organization's repositories are; empty for the whole registry. "
                + "If several organizations share a host, the longest prefix that matches an image decides.",
            OrNull: true,
            Example: "prod/2ea25035-6aa4-42fb-9955-92288ea1b972"),
        new("source", Source, "Where the credentials come from.", Required: true),
        new("refresh", Refresh, "When its tokens are renewed; whatever is omitted is as for all registries."),
        new("repositoryDefaults", RepositoryDefaults, "The settings that ark repo create gives a new repository."));

    public static ObjectType Proxy { get; } = new(
        "proxy",
        "proxy",
        "How the daemon reaches AWS and token endpoints. It takes no HTTPS_PROXY from a shell; without this, that of its own environment "
            + "counts. This machine itself and the metadata services of instances and containers are never asked through a proxy.",
        new(
            "https",
            TextType.Proxy,
            "The proxy for https addresses. If it asks for a user and a password, they stand before its host in percent encoding; close "
                + "the file to others then (chmod 600).",
            Example: "http://proxy.example.com:3128"),
        new(
            "noProxy",
            new ListType("entry", TextType.Line),
            "What is reached without it: a host with all hosts below it, .HOST for only those below it, an address, a range of addresses, "
                + "or * for everything. :PORT limits an entry to one port.",
            Example: """["vpce.amazonaws.com", "10.0.0.0/8"]"""),
        new(
            "caBundle",
            TextType.SecretFile,
            "A PEM file of the root certificates to trust instead of the system's, such as those of an inspecting proxy. AWS_CA_BUNDLE and "
                + "a profile's ca_bundle count before it.",
            Example: "~/.config/ark/roots.pem"));

    public static ObjectType Organization { get; } = new(
        "organization",
        "an organization",
        "Somebody whose repositories you use.",
        new("name", TextType.Name, "Its name in commands: ark use NAME, docker-credential-ark-NAME.", Required: true, Example: "acme"),
        new("id", TextType.Id, "Its GUID, if it has one.", OrNull: true, Example: "2ea25035-6aa4-42fb-9955-92288ea1b972"),
        new("registries", new ListType(Registry.Title, Registry), "Its registries.", Required: true));

    public static ObjectType Root { get; } = new(
        "configuration",
        "the configuration",
        "Which organization answers for which registry, and where its credentials come from. It never holds a registry's secret itself.",
        new(
            "$schema",
            TextType.Any,
            "For editors, which then complete and check the file. ark init writes the schema beside it.",
            OrNull: true,
            Example: "ark.schema.json"),
        new(
            "mode",
            new ChoiceType("auto", "mapped-only"),
            "auto: ECR hosts that are not configured are served with the caller's own AWS credentials. "
                + "mapped-only: only configured hosts are served.",
            Default: "auto"),
        new(
            "defaultOrganization",
            TextType.Any,
            "The name or id of the organization that is used if several share a host and nothing else decides.",
            OrNull: true),
        new(
            "fallbackHelper",
            TextType.Helper,
            $"With ark as docker's credsStore: the credential helper that serves all other registries. {HelperWords}",
            OrNull: true,
            OldName: "chain",
            Example: "secretservice"),
        new("refresh", Refresh, "When tokens are renewed, unless a registry says otherwise."),
        new("proxy", Proxy, "How the daemon reaches AWS and token endpoints."),
        new(
            "idleExit",
            TextType.Duration("of PT1M or more, or PT0S for never", TimeSpan.FromMinutes(1), TimeSpan.MaxValue, orZero: true),
            "The daemon stops after this time without requests; asking for its status does not count.",
            Default: ArkConfiguration.DefaultIdleExit),
        new("organizations", new ListType(Organization.Title, Organization), "Whose registries you use."));

    /// <summary>Every object, as the page shows them.</summary>
    public static IReadOnlyList<ObjectType> Objects { get; } =
        [Root, Organization, Registry, .. Source.Variants, Secret, Refresh, Proxy, RepositoryDefaults, Encryption];

    private static Property Type(string name, string words) => new("type", new ChoiceType(name), words, Required: true);

    private static void CheckIdentity(Entry source, ConfigurationErrors errors, params ReadOnlySpan<string> ofSession)
    {
        if (source["keys"] is { } keys && source["profile"] is not null)
        {
            errors.Add(keys, "\"keys\"", "specify \"keys\" or \"profile\", not both");
        }

        if (source["credentials"] is { } credentials && (source["keys"] ?? source["profile"]) is not null)
        {
            errors.Add(credentials, "\"credentials\"", "specify \"credentials\", \"keys\" or \"profile\", not several");
        }

        foreach (string name in ofSession)
        {
            if (source[name] is { } value && !value.ValueEquals("none") && source["roleArn"] is null)
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
