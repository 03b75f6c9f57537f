using Ark.Core.Map;
using Ark.Core.Problems;
using Ark.Core.Registries;
using Ark.Core.Sources;

namespace Ark.Core.Resolving;

/// <summary>
/// Decides whose a registry is, from the map and from what the caller chose and nothing else: no file, no network, no clock.
/// A host is ours when the map names exactly that host, or when it is one of ECR's own names and the map does not forbid it.
/// </summary>
public static class HostResolver
{
    private const string Choice = "ARK_ORGANIZATION";

    /// <summary>Resolves what a client sent, byte for byte as it came. Never throws.</summary>
    public static Resolution Resolve(MapOutcome map, ReadOnlySpan<byte> input, CallerIdentity caller) =>
        RegistryReference.Parse(input) switch
        {
            RegistryParse.Parsed(RegistryReference registry) => Resolve(map, registry, caller),
            RegistryParse.NotARegistry(string reason) => new Resolution.NotOurs($"not a registry address: {reason}"),
            _ => new Resolution.Nothing(),
        };

    /// <summary>
    /// Resolves a registry. While the map is invalid nobody can say whose a host is, so every one of them stops, but for Docker Hub,
    /// which no map can bind to ECR.
    /// </summary>
    public static Resolution Resolve(MapOutcome map, RegistryReference registry, CallerIdentity caller) => map switch
    {
        MapOutcome.Invalid when registry.Host == RegistryReference.DockerHub => new Resolution.NotOurs(null),
        MapOutcome.Loaded(OrganizationMap loaded) => Resolve(loaded, registry, caller),
        MapOutcome.Invalid invalid => new Resolution.Stopped(invalid.Problem),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Resolves a registry by a map that is valid.</summary>
    public static Resolution Resolve(OrganizationMap map, RegistryReference registry, CallerIdentity caller)
    {
        Binding? binding = map.Find(registry.Host);
        if (binding is null && map.Mode == MapMode.Auto && registry.Ecr is { } ecr)
        {
            binding = new Binding(registry.Host, Organization: null, RepositoryPrefix: "", EcrSource.Of(ecr), map.Refresh);
        }

        if (binding is null)
        {
            return new Resolution.NotOurs(WhyNotOurs(registry));
        }

        // The public gallery is everybody's: a choice between organizations says nothing about it unless one of them has it.
        bool everybodys = binding.Organization is null && registry.Ecr is { IsPublic: true };
        return !everybodys && caller[Choice] is { } chosen && chosen != binding.Organization
            ? new Resolution.Stopped(Contradiction(map, binding, chosen))
            : new Resolution.Found(binding);
    }

    /// <summary>A word for hosts that somebody may have meant for us; ordinary foreign ones pass in silence.</summary>
    private static string? WhyNotOurs(RegistryReference registry) =>
        registry.Ecr is not null
            ? $"the map does not name {registry.Host}, and its mode is mapped-only"
        : EcrHost.IsNearMiss(registry.Host)
            ? $"{registry.Host} looks like an ECR registry, but it is not one of ECR's host names and the map does not name it"
        : null;

    /// <summary>An explicit choice is obeyed or refused, never read over: another identity would be a surprise.</summary>
    private static Problem Contradiction(OrganizationMap map, Binding binding, string chosen) => new(
        ProblemKind.BadConfiguration,
        $"{Choice} is {Printable.Quote(chosen)}, " + (!map.HasOrganization(chosen)
            ? $"which is none of the map's organizations{NearestName.Suggest(chosen, map.Organizations)}"
            : $"but {binding.Host} is mapped to {(binding.Organization is { } owner ? $"organization \"{owner}\"" : "no organization")}"),
        $"unset {Choice}, or set it to the organization that has this host in the map");
}
