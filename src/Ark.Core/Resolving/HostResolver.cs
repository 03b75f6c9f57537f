using System.Diagnostics;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Core.Resolving;

/// <summary>
/// Decides whose a registry is, from the configuration and from what the caller chose and nothing else: no file, no network, no clock.
/// A host is ours when the configuration names it, in full or by a pattern, or when it is one of ECR's own and the mode allows it.
/// </summary>
public static class HostResolver
{
    /// <summary>Resolves what a client sent, byte for byte as it came. Never throws.</summary>
    public static Resolution Resolve(ConfigurationOutcome configuration, ReadOnlySpan<byte> input, CallerIdentity caller) =>
        RegistryReference.Parse(input) switch
        {
            RegistryParse.Parsed(RegistryReference registry) => Resolve(configuration, registry, caller),
            RegistryParse.NotARegistry(string reason) => new Resolution.NotOurs($"not a registry address: {reason}"),
            _ => new Resolution.Nothing(),
        };

    /// <summary>Resolves a registry. While the configuration is invalid it is unknown whose a host is, so that every one stops.</summary>
    public static Resolution Resolve(ConfigurationOutcome configuration, RegistryReference registry, CallerIdentity caller) =>
        configuration switch
        {
            ConfigurationOutcome.Loaded loaded => Resolve(loaded, registry, caller),
            ConfigurationOutcome.Invalid invalid => new Resolution.Stopped(invalid.Problem),
            _ => throw new UnreachableException(),
        };

    private static Resolution Resolve(ConfigurationOutcome.Loaded loaded, RegistryReference registry, CallerIdentity caller)
    {
        var choice = Choice.Of(caller);
        HostCandidates? candidates = loaded.Configuration.Find(registry);
        if (candidates is null && !(loaded.Configuration.Mode == ServingMode.Auto && registry.Ecr is not null))
        {
            return new Resolution.NotOurs(WhyNotOurs(registry));
        }

        Organization? chosen = choice is null ? null : loaded.Configuration.FindOrganization(choice.Organization);

        // A choice is obeyed or refused, never read over: another identity would be a surprise.
        if (choice is not null && chosen is null && !IsEverybodys(candidates, registry))
        {
            return new Resolution.Stopped(NoSuchOrganization(loaded.Configuration, choice));
        }

        return candidates is null
            ? Unmapped(loaded.Configuration, registry, choice)
            : new Selection(loaded, registry, candidates).Select(choice, chosen);
    }

    /// <summary>An ECR host that is not configured is served as the caller, so not for an organization that was chosen.</summary>
    private static Resolution Unmapped(ArkConfiguration configuration, RegistryReference registry, Choice? choice) =>
        choice is null || IsEverybodys(null, registry)
            ? new Resolution.Found(
                new Binding(registry.Host, Organization: null, RepositoryPrefix: "", EcrSource.Of(registry.Ecr!), configuration.Refresh))
            : new Resolution.NotOurs(
                $"{choice.How} chooses organization {TextSanitizer.Quote(choice.Organization)}, and {registry.Host} is not configured");

    /// <summary>The public gallery: a choice between organizations says nothing about it unless one of them has it.</summary>
    private static bool IsEverybodys(HostCandidates? candidates, RegistryReference registry) =>
        candidates is null && registry.Ecr is { IsPublic: true };

    /// <summary>A word for hosts that somebody may have meant for us; ordinary foreign ones pass in silence.</summary>
    private static string? WhyNotOurs(RegistryReference registry) =>
        registry.Ecr is not null
            ? $"the configuration does not name {registry.Host}, and its mode is mapped-only"
        : EcrHost.IsNearMiss(registry.Host)
            ? $"{registry.Host} looks like an ECR registry, but it is not one of ECR's host names and the configuration does not name it"
        : null;

    private static Problem NoSuchOrganization(ArkConfiguration configuration, Choice choice) => new(
        ProblemKind.BadSetting,
        $"{choice.How}: no organization {TextSanitizer.Quote(choice.Organization)} in the configuration"
            + NearestName.Suggest(choice.Organization, configuration.Organizations.Select(organization => organization.Name)),
        "choose one of those that `ark org list` shows");
}
