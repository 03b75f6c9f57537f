using Ark.Core.Sources;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>Puts together what the configuration says of an ECR registry and what its host says of itself, and finds where the two disagree.</summary>
internal sealed class EcrSourceBuilder(SourceEntry.Ecr entry, string repositoryPrefix, ConfigurationErrors errors)
{
    // What AWS's own tools take when nobody names a profile.
    private const string DefaultProfile = "default";

    /// <summary>The source of a host that is named in full; null after an error.</summary>
    public EcrSource? ForHost(HostEntry host) =>
        host.Reference is { } reference && (entry.IsPublic ? PublicRegistry(host, reference) : PrivateRegistry(host, reference)) is { } registry
            ? Checked(registry)
            : null;

    /// <summary>
    /// The source of each host that a pattern will meet: what the configuration leaves open comes from the host, and one that says otherwise than
    /// the configuration is not covered. Null after an error.
    /// </summary>
    public Func<RegistryReference, EcrSource?>? ForPattern(HostEntry host)
    {
        EcrHost? behind = entry.IsPublic ? EcrHost.PublicGallery(entry.DualStack)
            : entry is { AccountId: { } account, Region: { } region } ? EcrHost.Private(account.Text, region.Text, entry.Fips, entry.DualStack)
            : null;
        if (behind is not null && Checked(behind) is null)
        {
            return null;
        }

        if (behind is null && !EcrHost.IsNearMiss(host.Canonical))
        {
            Refuse(host, "does not say which registries it stands for: its source needs \"accountId\" and \"region\"");
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
        own.IsPublic == entry.IsPublic
        && (!entry.Fips || own.Fips)
        && (!entry.DualStack || own.DualStack)
        && (entry.AccountId is not { } account || account.Text == own.AccountId)
        && (entry.Region is not { } region || region.Text == own.Region);

    private EcrSource? Checked(EcrHost registry)
    {
        if (entry.RoleArn is { } role && role.Text.Split(':')[1] is var partition && partition != registry.Partition.Name)
        {
            errors.Add(role, $"{TextSanitizer.Quote(role.Text)} is a role of partition {partition}, and the registry is in {registry.Partition.Name}");
            return null;
        }

        return Of(registry);
    }

    private EcrSource Of(EcrHost registry) => EcrSource.Of(registry) with
    {
        Profile = entry.Keys is null ? entry.Profile?.Text ?? DefaultProfile : null,
        Keys = entry.Keys,
        Endpoint = entry.Endpoint,
        Role = entry.RoleArn is { } role
            ? new AssumedRole(role.Text, entry.ExternalId?.Text, entry.SessionName?.Text, Scope(registry))
            : null,
    };

    private RepositoryScope? Scope(EcrHost registry) => entry.Scope is { } scope && registry.AccountId is { } account
        ? new RepositoryScope(scope.Text == "push" ? ScopeRights.Push : ScopeRights.Pull, account, repositoryPrefix)
        : null;

    private EcrHost? PublicRegistry(HostEntry host, RegistryReference reference) => reference.Ecr switch
    {
        { IsPublic: false } => Refuse(host, "is a private registry: its type is \"ecr\""),
        { } gallery => gallery,
        null => Proxy(host, EcrHost.PublicGallery(entry.DualStack)),
    };

    private EcrHost? PrivateRegistry(HostEntry host, RegistryReference reference)
    {
        if (reference.Ecr is not { } registry)
        {
            return entry is { AccountId: { } account, Region: { } region }
                ? Proxy(host, EcrHost.Private(account.Text, region.Text, entry.Fips, entry.DualStack) ?? Refuse(host, $"has no dual-stack API in {region.Text}"))
                : Refuse(host, "does not say which registry it stands for: its source needs \"accountId\" and \"region\"");
        }

        if (registry.IsPublic)
        {
            return Refuse(host, "is the public gallery: its type is \"ecr-public\"");
        }

        if ((entry.Fips && !registry.Fips) || (entry.DualStack && !registry.DualStack))
        {
            return Refuse(host, "says itself whether it is FIPS or dual stack; leave \"fips\" and \"dualStack\" out");
        }

        bool agrees = Agrees(host, entry.AccountId, "account", registry.AccountId);
        return Agrees(host, entry.Region, "region", registry.Region) && agrees ? registry : null;
    }

    private bool Agrees(HostEntry host, Located? written, string what, string? inHost)
    {
        if (written is not { } value || value.Text == inHost)
        {
            return true;
        }

        errors.Add(value, $"{TextSanitizer.Quote(value.Text)} is not the {what} of {host.Canonical}");
        return false;
    }

    /// <summary>Docker Hub is nobody's front for ECR, and an ECR token sent there would be a leak.</summary>
    private EcrHost? Proxy(HostEntry host, EcrHost? registry) =>
        host.Canonical == RegistryReference.DockerHub ? Refuse(host, "is Docker Hub, which is no ECR registry") : registry;

    private EcrHost? Refuse(HostEntry host, string why)
    {
        errors.Add(host.Written, $"{TextSanitizer.Quote(host.Written.Text)} {why}");
        return null;
    }
}
