using Ark.Aws.Credentials;
using Ark.Aws.Identity;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Wire;
using Ark.Wire.Registries;

namespace Ark.Aws;

/// <summary>
/// Finds out which account and region each profile of a user belongs to: from what the profile says, and for keys, which say nothing,
/// by asking STS. Profiles are read from the home alone, as they are for a configuration.
/// </summary>
public sealed class ProfileProposals(AwsAccess access)
{
    /// <summary>For one profile: a person waits for all of them.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(8);

    private const int AtOnce = 32;

    /// <summary>Every profile in the order of names, or the problem that stands between us and all of them.</summary>
    public async Task<Outcome<IReadOnlyList<ProposedProfile>>> FindAsync(
        CallerIdentity caller, ProxySettings? proxy, CancellationToken cancellationToken)
    {
        Outcome<ProfileSet> loaded = access.Profiles.Load(ProfileFiles.In(access.Callers.Of(caller).Home));
        if (!loaded.Succeeded(out ProfileSet? profiles, out Problem? problem))
        {
            return problem;
        }

        if (profiles.FirstBroken is { } broken)
        {
            return broken;
        }

        using var places = new SemaphoreSlim(AtOnce);
        return Outcome.Of<IReadOnlyList<ProposedProfile>>(await Task.WhenAll(profiles.Names.Select(LookInTurnAsync)));

        async Task<ProposedProfile> LookInTurnAsync(string name)
        {
            await places.WaitAsync(cancellationToken);
            try
            {
                return await LookAsync(profiles, name, caller, proxy, cancellationToken);
            }
            finally
            {
                places.Release();
            }
        }
    }

    private async Task<ProposedProfile> LookAsync(
        ProfileSet profiles, string name, CallerIdentity caller, ProxySettings? proxy, CancellationToken cancellationToken)
    {
        string? region = profiles.Profile(name)?["region"];
        ProposedProfile LeftOut(string why) => new(name, null, region, why);

        if (region is null)
        {
            return LeftOut("it has no region");
        }

        if (EcrHost.Private(new string('0', 12), region) is not { } somewhere)
        {
            return LeftOut($"its region {TextSanitizer.Name(region)} is not an AWS region");
        }

        EcrSource source = EcrSource.Of(somewhere) with { Profile = name, Proxy = proxy };
        if (!access.Identities.Find(source, caller).Succeeded(out AwsIdentity? identity, out Problem? problem) ||
            !(await AccountAsync(identity, cancellationToken)).Succeeded(out string? account, out problem))
        {
            return LeftOut(problem.Message);
        }

        return EcrHost.IsAccountId(account)
            ? new ProposedProfile(name, account, region, null)
            {
                Endpoint = Endpoint(profiles, name),
                IsSignedIn = identity.Credentials is CredentialProvider.Sso or CredentialProvider.Login,
            }
            : LeftOut("its account is not twelve digits");
    }

    /// <summary>For a host of a configuration the profile's own endpoint is not used, unless the configuration has it too.</summary>
    private static string? Endpoint(ProfileSet profiles, string name)
    {
        IniSection? profile = profiles.Profile(name);
        IniSection? services = profile?["services"] is { } listed ? profiles.Services(listed) : null;
        return new ConfiguredEndpoints(CallerIdentity.Empty, profile, services).Ecr;
    }

    private async Task<Outcome<string>> AccountAsync(AwsIdentity identity, CancellationToken cancellationToken) =>
        identity.Credentials switch
        {
            CredentialProvider.Program => new Problem(
                ProblemKind.NoCredentials,
                "only its credential_process knows the account",
                "add its registry's host to the configuration by hand"),
            CredentialProvider.InProfile => await AskAsync(identity, cancellationToken),
            var provider => provider.KnownAccount ?? "",
        };

    private Task<Outcome<string>> AskAsync(AwsIdentity identity, CancellationToken cancellationToken) =>
        access.Session.RunAsync<string>(
            identity,
            Deadline,
            (fetch, keys, limited) => new StsService(fetch, identity.Name, keys).GetAccountAsync(limited),
            cancellationToken);
}

/// <summary>One profile, and the registry that goes with it.</summary>
/// <param name="Name">As the files have it.</param>
/// <param name="AccountId">Twelve digits; null where it is left out.</param>
/// <param name="Region">A region of AWS; anything, or null, where it is left out.</param>
/// <param name="LeftOut">Why no registry goes with it, one line, or null.</param>
public sealed record ProposedProfile(string Name, string? AccountId, string? Region, string? LeftOut)
{
    /// <summary>It is a person's login, by IAM Identity Center or <c>aws login</c>, and has no keys that somebody must keep.</summary>
    public bool IsSignedIn { get; init; }

    /// <summary>The address of ECR's API as the files have it, unchecked; null where they have none.</summary>
    public string? Endpoint { get; init; }
}
