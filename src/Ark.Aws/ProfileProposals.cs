using System.Diagnostics;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Ark.Aws.Credentials;
using Ark.Aws.Identity;
using Ark.Aws.Profiles;
using Ark.Aws.Sdk;
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
    public async Task<Outcome<IReadOnlyList<ProposedProfile>>> FindAsync(CallerIdentity caller, CancellationToken cancellationToken)
    {
        if (!access.Profiles.Load(ProfileFiles.In(access.Homes.Of(caller))).Succeeded(out ProfileSet? profiles, out Problem? problem))
        {
            return problem;
        }

        using var places = new SemaphoreSlim(AtOnce);
        return Outcome.Of<IReadOnlyList<ProposedProfile>>(await Task.WhenAll(profiles.Names.Select(LookInTurnAsync)));

        async Task<ProposedProfile> LookInTurnAsync(string name)
        {
            await places.WaitAsync(cancellationToken);
            try
            {
                return await LookAsync(profiles, name, caller, cancellationToken);
            }
            finally
            {
                places.Release();
            }
        }
    }

    private async Task<ProposedProfile> LookAsync(ProfileSet profiles, string name, CallerIdentity caller, CancellationToken cancellationToken)
    {
        string? region = profiles.Profile(name)?["region"];
        ProposedProfile LeftOut(string why) => new(name, null, region, why);

        if (region is null)
        {
            return LeftOut("it has no region");
        }

        if (EcrHost.Private(new string('0', 12), region) is not { } somewhere)
        {
            return LeftOut($"its region {TextSanitizer.Name(region)} is none of AWS's");
        }

        EcrSource source = EcrSource.Of(somewhere) with { Profile = name };
        if (!access.Askers.Find(source, caller).Succeeded(out AwsIdentity? asker, out Problem? problem) ||
            !(await AccountAsync(asker, cancellationToken)).Succeeded(out string? account, out problem))
        {
            return LeftOut(problem.Message);
        }

        return EcrHost.IsAccountId(account)
            ? new ProposedProfile(name, account, region, null) { Endpoint = Endpoint(profiles, name) }
            : LeftOut("its account is not twelve digits");
    }

    /// <summary>For a host of a configuration the profile's own endpoint is not used, unless the configuration has it too.</summary>
    private static string? Endpoint(ProfileSet profiles, string name)
    {
        IniSection? profile = profiles.Profile(name);
        return new ConfiguredEndpoints(CallerIdentity.Empty, profile, profile?["services"] is { } services ? profiles.Services(services) : null).Ecr;
    }

    private async Task<Outcome<string>> AccountAsync(AwsIdentity asker, CancellationToken cancellationToken) => asker.Recipe switch
    {
        CredentialProvider.Sso login => login.AccountId,
        CredentialProvider.Role role => AccountOf(role.RoleArn),
        CredentialProvider.WebIdentity identity => AccountOf(identity.RoleArn),
        CredentialProvider.Fixed => await AskAsync(asker, cancellationToken),
        CredentialProvider.Program => new Problem(
            ProblemKind.NoCredentials, "only its credential_process knows the account", "add its registry's host to the configuration by hand"),
        _ => throw new UnreachableException(),
    };

    /// <summary>The fifth field of <c>arn:partition:iam::account:role/name</c>.</summary>
    private static string AccountOf(string arn) => arn.Split(':') is { Length: > 4 } fields ? fields[4] : "";

    private Task<Outcome<string>> AskAsync(AwsIdentity asker, CancellationToken cancellationToken) =>
        access.Session.RunAsync<string>(asker, Deadline, async (calls, limited) =>
        {
            using AmazonSecurityTokenServiceClient sts = calls.Clients.Sts(calls.Keys, asker.StsRegion);
            Outcome<GetCallerIdentityResponse> outcome = await calls.Caller.CallAsync(
                new AwsCall("sts:GetCallerIdentity"), sts, calls.Secrets, () => sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), limited));
            return outcome.Succeeded(out GetCallerIdentityResponse? answer, out Problem? problem) ? answer.Account ?? "" : problem;
        }, cancellationToken);
}

/// <summary>One profile, and the registry that goes with it.</summary>
/// <param name="Name">As the files have it.</param>
/// <param name="AccountId">Twelve digits; null where it is left out.</param>
/// <param name="Region">A region of AWS; anything, or null, where it is left out.</param>
/// <param name="LeftOut">Why no registry goes with it, one line, or null.</param>
public sealed record ProposedProfile(string Name, string? AccountId, string? Region, string? LeftOut)
{
    /// <summary>The address of ECR's API as the files have it, unchecked; null where they have none.</summary>
    public string? Endpoint { get; init; }
}
