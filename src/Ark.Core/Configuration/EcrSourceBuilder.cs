using Ark.Core.Sources;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>Combines what the file says of an ECR registry with what its host says of itself, and finds where the two disagree.</summary>
internal sealed class EcrSourceBuilder
{
    private readonly string _repositoryPrefix;
    private readonly ConfigurationErrors _errors;
    private readonly bool _isPublic;
    private readonly bool _fips;
    private readonly bool _dualStack;
    private readonly Located? _account;
    private readonly Located? _region;
    private readonly Located? _role;
    private readonly string? _externalId;
    private readonly string? _sessionName;
    private readonly ScopeRights? _rights;
    private readonly string? _endpoint;
    private readonly string? _profile;
    private readonly SecretReference? _keys;
    private readonly CredentialOrigin? _origin;
    private readonly ProxySettings? _proxy;

    public EcrSourceBuilder(Entry source, string repositoryPrefix, ProxySettings? proxy, ConfigurationErrors errors)
    {
        (_repositoryPrefix, _proxy, _errors) = (repositoryPrefix, proxy, errors);
        _isPublic = source.Type == ConfigurationTable.EcrPublic;
        _dualStack = source.Flag("dualStack");
        _keys = ConfigurationBuilder.Secret(source.Object("keys"));
        _origin = source.Text("credentials") switch
        {
            "instance" => CredentialOrigin.Instance,
            "container" => CredentialOrigin.Container,
            _ => null,
        };
        _profile = _keys is null && _origin is null ? source.Text("profile") : null;
        _role = Located("roleArn");
        _externalId = source.Text("externalId");
        _sessionName = source.Text("sessionName");
        _endpoint = source.Text("endpoint") is { } text && ApiEndpoint.TryParse(text, out string endpoint, out _) ? endpoint : null;
        if (!_isPublic)
        {
            _fips = source.Flag("fips");
            _account = Located("accountId");
            _region = Located("region");
            _rights = source.Text("scope") switch { "pull" => ScopeRights.Pull, "push" => ScopeRights.Push, _ => null };
        }

        Located? Located(string name) => source[name] is { } value ? errors.Locate(value) : null;
    }

    /// <summary>The source of a host that is named in full; null after an error.</summary>
    public EcrSource? ForHost(ConfiguredHost host) =>
        host.Reference is { } reference && (_isPublic ? PublicRegistry(host, reference) : PrivateRegistry(host, reference)) is { } registry
            ? Checked(registry)
            : null;

    /// <summary>
    /// The source of each host that a pattern will meet: what the configuration leaves open comes from the host, and one that says
    /// otherwise than the configuration is not covered. Null after an error.
    /// </summary>
    public Func<RegistryReference, EcrSource?>? ForPattern(ConfiguredHost host)
    {
        EcrHost? behind = _isPublic ? EcrHost.PublicGallery(_dualStack)
            : (_account, _region) is ({ } account, { } region) ? EcrHost.Private(account.Text, region.Text, _fips, _dualStack)
            : null;
        if (behind is not null && Checked(behind) is null)
        {
            return null;
        }

        if (behind is null && !EcrHost.IsNearMiss(host.Canonical))
        {
            Refuse(host, "can stand for any registry: its source needs \"accountId\" and \"region\"");
            return null;
        }

        return reference => reference switch
        {
            { Ecr: { } own } => Fits(own) ? Of(own) : null,
            { Host: RegistryReference.DockerHub } => null,
            _ => behind is null ? null : Of(behind),
        };
    }

    private bool Fits(EcrHost own) =>
        own.IsPublic == _isPublic
        && (!_fips || own.Fips)
        && (!_dualStack || own.DualStack)
        && (_account is not { } account || account.Text == own.AccountId)
        && (_region is not { } region || region.Text == own.Region);

    private EcrSource? Checked(EcrHost registry)
    {
        if (_role is { } role && role.Text.Split(':')[1] is var partition && partition != registry.Partition.Name)
        {
            string arn = TextSanitizer.Quote(role.Text);
            _errors.Add(role, $"{arn} is a role of partition {partition}, and the registry is in {registry.Partition.Name}");
            return null;
        }

        return Of(registry);
    }

    private EcrSource Of(EcrHost registry) => EcrSource.Of(registry) with
    {
        Profile = _profile,
        Keys = _keys,
        Origin = _origin,
        Endpoint = _endpoint,
        Proxy = _proxy,
        Role = _role is { } role ? new AssumedRole(role.Text, _externalId, _sessionName, Scope(registry)) : null,
    };

    private RepositoryScope? Scope(EcrHost registry) =>
        _rights is { } rights && registry.AccountId is { } account ? new RepositoryScope(rights, account, _repositoryPrefix) : null;

    private EcrHost? PublicRegistry(ConfiguredHost host, RegistryReference reference) => reference.Ecr switch
    {
        { IsPublic: false } => Refuse(host, "is a private registry: its type is \"ecr\""),
        { } gallery => gallery,
        null => Proxy(host, EcrHost.PublicGallery(_dualStack)),
    };

    private EcrHost? PrivateRegistry(ConfiguredHost host, RegistryReference reference)
    {
        if (reference.Ecr is not { } registry)
        {
            return (_account, _region) is not ({ } account, { } region)
                ? Refuse(host, "is not a host of ECR: its source needs \"accountId\" and \"region\"")
                : Proxy(host, EcrHost.Private(account.Text, region.Text, _fips, _dualStack)!);
        }

        if (registry.IsPublic)
        {
            return Refuse(host, "is the public gallery: its type is \"ecr-public\"");
        }

        if ((_fips && !registry.Fips) || (_dualStack && !registry.DualStack))
        {
            return Refuse(host, "says itself whether it is FIPS or dual-stack: omit \"fips\" and \"dualStack\"");
        }

        bool agrees = Agrees(host, _account, "account", registry.AccountId);
        return Agrees(host, _region, "region", registry.Region) && agrees ? registry : null;
    }

    private bool Agrees(ConfiguredHost host, Located? written, string what, string? inHost)
    {
        if (written is not { } value || value.Text == inHost)
        {
            return true;
        }

        _errors.Add(value, $"{TextSanitizer.Quote(value.Text)} is not the {what} of {host.Canonical}");
        return false;
    }

    /// <summary>Docker Hub is nobody's front for ECR, and an ECR token sent there would be a leak.</summary>
    private EcrHost? Proxy(ConfiguredHost host, EcrHost registry) =>
        host.Canonical == RegistryReference.DockerHub ? Refuse(host, "is Docker Hub, which is not an ECR registry") : registry;

    private EcrHost? Refuse(ConfiguredHost host, string why)
    {
        _errors.Add(host.Written, $"{TextSanitizer.Quote(host.Written.Text)} {why}");
        return null;
    }
}
