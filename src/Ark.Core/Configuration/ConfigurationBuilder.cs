using System.Text.Json;
using Ark.Core.Repositories;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>Makes a configuration of a file whose every object is valid in itself, and finds where they contradict each other.</summary>
internal sealed class ConfigurationBuilder(ConfigurationErrors errors)
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ids = new(StringComparer.OrdinalIgnoreCase);
    private readonly HostTable _hosts = new();
    private ProxySettings? _proxy;

    /// <summary>The configuration; null after an error.</summary>
    public ArkConfiguration? Build(Entry root)
    {
        RefreshPolicy refresh = Refresh(root, RefreshPolicy.Default);
        _proxy = root.Object("proxy") is { } proxy
            ? new ProxySettings(proxy.Text("https"), proxy.Texts("noProxy"), proxy.Text("caBundle"))
            : null;
        List<Organization> organizations = [.. root.Objects("organizations").Select(organization => Organization(organization, refresh))];
        string? defaultOrganization = root["defaultOrganization"] is { } chosen ? Chosen(chosen, organizations) : null;
        return errors.Count > 0 ? null : new ArkConfiguration(_hosts, organizations)
        {
            Mode = root.Text("mode") == "mapped-only" ? ServingMode.MappedOnly : ServingMode.Auto,
            Refresh = refresh,
            IdleExit = root.Duration("idleExit")!.Value,
            DefaultOrganization = defaultOrganization,
            FallbackHelper = root.Text("fallbackHelper"),
            Proxy = _proxy,
        };
    }

    private string? Chosen(JsonElement written, List<Organization> organizations)
    {
        string text = written.GetString()!;
        string? name = organizations
            .Find(known => known.Name == text || string.Equals(known.Id, text, StringComparison.OrdinalIgnoreCase))?.Name;
        if (name is null)
        {
            errors.Add(written, $"no organization {TextSanitizer.Quote(text)} for defaultOrganization{NearNames.Suggest(text, _names)}");
        }

        return name;
    }

    private Organization Organization(Entry entry, RefreshPolicy refresh)
    {
        string name = entry.Text("name")!;
        if (!_names.Add(name))
        {
            errors.Add(entry["name"]!.Value, $"duplicate organization name {TextSanitizer.Quote(name)}");
        }

        string? id = entry.Text("id");
        if (id is not null && !_ids.Add(id))
        {
            errors.Add(entry["id"]!.Value, $"duplicate organization id {TextSanitizer.Quote(id)}");
        }

        IEnumerable<Registry> registries = entry.Objects("registries").SelectMany(registry => Registries(name, registry, refresh));
        return new Organization(name, id?.ToLowerInvariant(), [.. registries]);
    }

    /// <summary>One entry may name several registries, which then share their settings; and one registry by several names.</summary>
    private IEnumerable<Registry> Registries(string organization, Entry entry, RefreshPolicy wider)
    {
        string prefix = entry.Text("repositoryPrefix") ?? "";
        RefreshPolicy refresh = Refresh(entry, wider);
        RepositoryDefaults defaults = Defaults(entry.Object("repositoryDefaults"));
        Entry source = entry.Object("source")!.Value;
        bool isEcr = source.Type == ConfigurationTable.Ecr || source.Type == ConfigurationTable.EcrPublic;
        EcrSourceBuilder? ecr = isEcr ? new EcrSourceBuilder(source, prefix, _proxy, errors) : null;
        RegistrySource? other = isEcr ? null : Other(source) with { Proxy = _proxy };
        List<(string Host, RegistrySource? Source)> hosts = [];
        foreach (JsonElement written in entry["hosts"]!.Value.EnumerateArray())
        {
            var host = ConfiguredHost.Of(errors.Locate(written));
            if (CandidateOf(host) is { } candidate)
            {
                Bind(host, candidate);
                hosts.Add((host.Canonical, candidate is Candidate.Exact exact ? exact.Always : null));
            }
        }

        return hosts is [var only]
            ? [new Registry([only.Host], prefix, only.Source, refresh, defaults)]
            : from host in hosts
              group host by RegistryOf(host.Source) into same
              select new Registry([.. same.Select(host => host.Host)], prefix, same.First().Source, refresh, defaults);

        Candidate? CandidateOf(ConfiguredHost host) =>
            ecr is null ? new Candidate.Exact(organization, prefix, refresh, other!)
            : host.Pattern is not null
                ? ecr.ForPattern(host) is { } ofHost ? new Candidate.ByPattern(organization, prefix, refresh, ofHost) : null
            : ecr.ForHost(host) is { } exact ? new Candidate.Exact(organization, prefix, refresh, exact)
            : null;
    }

    /// <summary>What tells the registries of one entry apart: all else that matters is in the entry.</summary>
    private static string RegistryOf(RegistrySource? source) => source switch
    {
        null => "*",
        EcrSource ecr => $"{ecr.AccountId} {ecr.Region}",
        _ => "",
    };

    private void Bind(ConfiguredHost host, Candidate candidate)
    {
        HostCandidates candidates = host.Pattern is { } pattern ? _hosts.At(pattern) : _hosts.At(host.Canonical);
        if (!candidates.TryAdd(candidate))
        {
            string prefix = candidate.RepositoryPrefix;
            string below = prefix.Length == 0 ? "" : $" with repositoryPrefix {TextSanitizer.Quote(prefix)}";
            string text = TextSanitizer.Quote(host.Written.Text);
            errors.Add(host.Written, $"duplicate host {text}{below} in organization \"{candidate.Organization}\"");
        }
    }

    /// <summary>What is written counts, the rest comes from the wider policy.</summary>
    private static RefreshPolicy Refresh(Entry owner, RefreshPolicy wider) => owner.Object("refresh") is { } refresh
        ? new RefreshPolicy(
            refresh["at"]?.GetDouble() ?? wider.At,
            refresh["minRemaining"] is null ? wider.MinRemaining : refresh.Duration("minRemaining")!.Value)
        : wider;

    private static RegistrySource Other(Entry source) => source.Type.Name switch
    {
        "helper" => new HelperSource(source.Text("helper")!, source.Text("server"), source.Duration("lifetime")!.Value),
        "command" => new CommandSource(source.Texts("command"), source.Text("username"), source.Duration("lifetime")!.Value),
        "static" => new StaticSource(source.Text("username"), Secret(source.Object("secret"))!),
        _ => new OAuthSource(
            ApiEndpoint.TryParseWithPath(source.Text("url")!, out string url, out _) ? url : "",
            new ValueList<FormField>([.. source.Map("form").Select(field => new FormField(field.Key, field.Value))]),
            source.Text("secretField")!,
            Secret(source.Object("secret"))!,
            source.Text("tokenField"),
            source.Text("username")!,
            source.Duration("lifetime")!.Value),
    };

    /// <summary>Where a secret is kept; null for none.</summary>
    internal static SecretReference? Secret(Entry? entry) =>
        entry is not { } secret ? null
        : secret.Text("file") is { } file ? new SecretReference.File(file)
        : secret.Text("helper") is { } helper ? new SecretReference.Helper(helper, secret.Text("server")!)
        : new SecretReference.Command(secret.Texts("command"));

    private static RepositoryDefaults Defaults(Entry? entry) => entry is not { } defaults ? RepositoryDefaults.None : new RepositoryDefaults
    {
        Tags = defaults["tagMutability"]?.GetString() is { } mutability
            ? new TagMutability(mutability.StartsWith("IMMUTABLE", StringComparison.Ordinal), defaults.Texts("tagMutabilityExclusions"))
            : null,
        Encryption = defaults.Object("encryption") is { } encryption
            ? new RepositoryEncryption(Encryption(encryption.Text("type")!), encryption.Text("kmsKey"))
            : null,
        ScanOnPush = defaults["scanOnPush"]?.GetBoolean(),
        ResourceTags = new ValueList<ResourceTag>([.. defaults.Map("tags").Select(tag => new ResourceTag(tag.Key, tag.Value))]),
        LifecyclePolicy = defaults["lifecyclePolicy"] is { } lifecycle ? JsonType.TextOf(lifecycle) : null,
        RepositoryPolicy = defaults["repositoryPolicy"] is { } policy ? JsonType.TextOf(policy) : null,
    };

    private static EncryptionType Encryption(string type) => type switch
    {
        "KMS" => EncryptionType.Kms,
        "KMS_DSSE" => EncryptionType.KmsDsse,
        _ => EncryptionType.Aes256,
    };
}

/// <summary>A host of the file, or a pattern of hosts.</summary>
internal sealed record ConfiguredHost(RegistryReference? Reference, HostPattern? Pattern, Located Written)
{
    public string Canonical => Reference?.Host ?? Pattern!.ToString();

    /// <summary>Reads what its rule has already allowed.</summary>
    public static ConfiguredHost Of(Located written) => HostPattern.IsMeant(written.Text)
        ? new ConfiguredHost(null, HostPattern.Parse(written.Text, out _), written)
        : new ConfiguredHost(((RegistryParse.Parsed)RegistryReference.Parse(written.Text)).Reference, null, written);
}
