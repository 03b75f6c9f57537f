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
                new Binding(
                    registry.Host,
                    Organization: null,
                    RepositoryPrefix: "",
                    EcrSource.Of(registry.Ecr!) with { Proxy = configuration.Proxy },
                    configuration.Refresh))
            { By = DecidedBy.Caller }
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
                + EcrHost.Correction(registry.Host)
        : null;

    private static Problem NoSuchOrganization(ArkConfiguration configuration, Choice choice) => new(
        ProblemKind.BadSetting,
        $"{choice.How}: no organization {TextSanitizer.Quote(choice.Organization)} in the configuration"
            + NearNames.Suggest(choice.Organization, configuration.Organizations.Select(organization => organization.Name)),
        "choose one of those that `ark org list` shows");
}

/// <summary>
/// Chooses between the organizations that the configuration binds to one host: what the caller chose, then the longest repository
/// prefix, then one identity for all, then <c>ark use</c>, then the default. Where nothing decides it says so and guesses nothing.
/// </summary>
internal sealed class Selection(ConfigurationOutcome.Loaded loaded, RegistryReference registry, HostCandidates candidates)
{
    /// <summary>More names than this help nobody.</summary>
    private const int MaxNamed = 10;

    /// <param name="choice">The caller's choice, or null.</param>
    /// <param name="chosen">The organization that it names; null only with no choice.</param>
    public Resolution Select(Choice? choice, Organization? chosen)
    {
        IReadOnlyList<Candidate> open = chosen is null ? candidates.All : candidates.Of(chosen.Name);
        if (open.Count == 0)
        {
            return new Resolution.NotOurs(
                $"{choice!.How} chooses organization \"{chosen!.Name}\", which is not configured for {registry.Host}; "
                    + $"configured there: {Names(candidates.All)}");
        }

        DecidedBy by = choice?.By ?? DecidedBy.OnlyOrganization;
        if (registry.Path.Length > 0 && Above(chosen) is { Count: > 0 } above)
        {
            by = choice is null && above.Count < open.Count ? DecidedBy.RepositoryPrefix : by;
            open = above;
        }

        return One(open, by) ?? new Resolution.NotOurs(null);
    }

    private IReadOnlyList<Candidate> Above(Organization? chosen)
    {
        if (chosen is null)
        {
            return candidates.Above(registry.Path);
        }

        // An organization has a handful of prefixes on a host.
        IReadOnlyList<Candidate> own = [.. candidates.Of(chosen.Name).Where(candidate => IsAbove(candidate.RepositoryPrefix))];
        int longest = own.Count == 0 ? 0 : own.Max(candidate => candidate.RepositoryPrefix.Length);
        return [.. own.Where(candidate => candidate.RepositoryPrefix.Length == longest)];
    }

    private bool IsAbove(string prefix) =>
        prefix.Length == 0
        || (registry.Path.StartsWith(prefix, StringComparison.Ordinal)
            && (registry.Path.Length == prefix.Length || registry.Path[prefix.Length] == '/'));

    /// <summary>Null when nothing fits, which happens to patterns only.</summary>
    /// <param name="open">Who is left.</param>
    /// <param name="by">What left them, which is the reason where nothing else decides.</param>
    private Resolution? One(IReadOnlyList<Candidate> open, DecidedBy by)
    {
        if (open is [var only])
        {
            return Found(only, by);
        }

        // Who may be one of ten thousand is looked up, not searched for.
        Candidate? used = Preferred(loaded.Using, open);
        Candidate? preferred = used ?? Preferred(loaded.Configuration.DefaultOrganization, open);
        if (ReferenceEquals(open, candidates.All) && candidates.ShareOneToken)
        {
            return Found(preferred ?? open[0], DecidedBy.OneIdentity);
        }

        Binding[] bindings = [.. open.Select(candidate => Binding.Of(candidate, registry)).OfType<Binding>()];
        if (bindings.Length == 0)
        {
            return null;
        }

        if (bindings.All(binding => binding.Source.SharesTokenWith(bindings[0].Source)))
        {
            return new Resolution.Found(Array.Find(bindings, binding => binding.Organization == preferred?.Organization) ?? bindings[0])
            {
                By = by == DecidedBy.OnlyOrganization ? DecidedBy.OneIdentity : by,
            };
        }

        DecidedBy preference = used is null ? DecidedBy.DefaultOrganization : DecidedBy.ArkUse;
        Resolution.Found? decided = (preferred is null ? null : Found(preferred, preference)) ?? Whole(bindings, by);
        return decided is not null ? decided : Ambiguous(bindings);
    }

    /// <summary>The only candidate of an organization that was asked for, if it is among those that are left.</summary>
    private Candidate? Preferred(string? nameOrId, IReadOnlyList<Candidate> open)
    {
        if (nameOrId is null || loaded.Configuration.FindOrganization(nameOrId) is not { } organization)
        {
            return null;
        }

        bool isAll = ReferenceEquals(open, candidates.All);
        Candidate[] own = [.. candidates.Of(organization.Name).Where(candidate => isAll || open.Contains(candidate))];
        return own is [var single] ? single : Array.Find(own, candidate => candidate.RepositoryPrefix.Length == 0);
    }

    /// <summary>Of one organization's identities on a host, the one for the whole registry answers outside the others' prefixes.</summary>
    private static Resolution.Found? Whole(Binding[] bindings, DecidedBy by) =>
        Array.TrueForAll(bindings, binding => binding.Organization == bindings[0].Organization)
        && Array.Find(bindings, binding => binding.RepositoryPrefix.Length == 0) is { } whole
            ? new Resolution.Found(whole) { By = by }
            : null;

    private Resolution.Found? Found(Candidate candidate, DecidedBy by) =>
        Binding.Of(candidate, registry) is { } binding ? new Resolution.Found(binding) { By = by } : null;

    private Resolution.Ambiguous Ambiguous(Binding[] bindings)
    {
        string[] names = [.. bindings.Select(binding => binding.Organization!).Distinct()];
        return names is [var one]
            ? new Resolution.Ambiguous(new Problem(
                ProblemKind.Ambiguous,
                $"organization \"{one}\" has several identities for {registry.Host}, "
                    + $"below {Some(bindings.Select(binding => binding.RepositoryPrefix))}",
                "name a repository below one of them, or configure a registry without repositoryPrefix"))
            : new Resolution.Ambiguous(new Problem(
                ProblemKind.Ambiguous,
                $"several organizations are configured for {registry.Host}: {Some(names)}",
                $"choose one: ARK_ORGANIZATION={names[0]}, ark use {names[0]}, or the credential helper ark-{names[0]}"));
    }

    private static string Names(IReadOnlyList<Candidate> candidates) =>
        Some(candidates.Select(candidate => candidate.Organization).Distinct());

    private static string Some(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(MaxNamed)) + (all.Length > MaxNamed ? $" and {all.Length - MaxNamed} more" : "");
    }
}
