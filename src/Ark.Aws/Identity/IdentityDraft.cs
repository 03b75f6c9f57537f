using Ark.Aws.Credentials;
using Ark.Aws.Profiles;
using Ark.Aws.Sdk;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Wire;

namespace Ark.Aws.Identity;

/// <summary>What is known of the asker before it is known how it gets its keys; adds the settings that all kinds share.</summary>
internal sealed class IdentityDraft(EcrSource source, CallerIdentity caller, ProfileSet profiles, string profileName)
{
    private readonly IniSection? _profile = profiles.Profile(profileName);

    public CallerIdentity Caller => caller;

    public ProfileSet Profiles => profiles;

    public string ProfileName => profileName;

    private IniSection? Services => _profile?["services"] is { } name ? profiles.Services(name) : null;

    /// <summary>The asker, in whose principal is everything that a fetch depends on: only what is fetched alike is shared.</summary>
    /// <param name="identity">Who asks, for people.</param>
    /// <param name="principal">The same for the cache key, still without its fingerprint.</param>
    /// <param name="fingerprint">Of what decides about the keys.</param>
    /// <param name="recipe">How the keys are come by.</param>
    /// <param name="lent">Whether the recipe holds keys that a caller lent for one request.</param>
    public Outcome<AwsIdentity> Complete(string identity, string principal, Fingerprint fingerprint, CredentialProvider recipe, bool lent)
    {
        if (!new ConfiguredEndpoints(caller, _profile, Services).Find(source).Succeeded(out ServiceEndpoints? endpoints, out Problem? problem))
        {
            return problem;
        }

        if (!CaBundle().Succeeded(out CallerPath? bundle, out problem))
        {
            return problem;
        }

        if (!RegionName.IsValid(Region))
        {
            return new Problem(
                ProblemKind.BadSetting,
                $"the region of {identity} is not the name of a region",
                "correct AWS_REGION or the profile's region");
        }

        (recipe, string suffix) = Assume(recipe, fingerprint);
        fingerprint.Add(Region).Add(bundle.Path).Add(endpoints.Sts).Add(endpoints.Sso).Add(endpoints.SsoOidc);
        return new AwsIdentity
        {
            Identity = identity + suffix,
            KeyHolder = identity,
            Principal = $"{principal}{suffix} {fingerprint.End()}",
            Recipe = recipe,
            Endpoints = endpoints,
            EndpointOverride = endpoints.Ecr == source.DefaultEndpoint && !source.Fips ? "" : endpoints.Ecr,
            StsRegion = Region,
            CaBundle = bundle.Path,
            Files = profiles.Files,
            HoldsLentKeys = lent,
        };
    }

    /// <summary>Puts the role of the configuration, if there is one, on top of the recipe.</summary>
    private (CredentialProvider Recipe, string Suffix) Assume(CredentialProvider recipe, Fingerprint fingerprint)
    {
        AssumedRole? role = source.Role;
        string? policy = role?.Scope is { } scope ? SessionPolicy.For(scope, source.Partition, source.Region) : null;
        fingerprint.Add(role?.Arn).Add(role?.ExternalId).Add(role?.SessionName).Add(policy);
        if (role is null)
        {
            return (recipe, "");
        }

        string limit = role.Scope switch
        {
            null => "",
            { Rights: ScopeRights.Push } => " (push)",
            _ => " (pull)",
        };
        string session = role.SessionName ?? ProfileReader.DefaultSessionName;
        return (
            new CredentialProvider.Role(recipe, role.Arn, session, role.ExternalId, Seconds: null, policy),
            $" as {TextSanitizer.Name(role.Arn)}{limit}");
    }

    private string Region => caller["AWS_REGION"] ?? caller["AWS_DEFAULT_REGION"] ?? _profile?["region"] ?? source.Region;

    private Outcome<CallerPath> CaBundle()
    {
        if (caller["AWS_CA_BUNDLE"] is not null || _profile?["ca_bundle"] is not { } own)
        {
            return CallerFiles.PathOf(caller, profiles.Files, "AWS_CA_BUNDLE");
        }

        return profiles.Files.Absolute(own) is { } path
            ? new CallerPath(path)
            : new Problem(
                ProblemKind.BadSetting,
                $"ca_bundle of profile '{TextSanitizer.Name(profileName)}' is not an absolute path",
                "write the whole path");
    }
}
