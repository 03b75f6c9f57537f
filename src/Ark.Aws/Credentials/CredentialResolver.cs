using System.Diagnostics;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Ark.Aws.Profiles;
using Ark.Aws.Sdk;
using Ark.Core.Problems;
using StsCredentials = Amazon.SecurityToken.Model.Credentials;

namespace Ark.Aws.Credentials;

/// <summary>Carries a recipe out, once: nothing is kept for the next time, so a new login or an edited file is always seen.</summary>
/// <param name="clients">Clients of the same fetch.</param>
/// <param name="caller">Makes the calls.</param>
/// <param name="sso">Logins of IAM Identity Center.</param>
/// <param name="programs">Programs that print credentials.</param>
/// <param name="kept">Keys that are kept outside of profiles.</param>
/// <param name="region">The region whose STS is asked.</param>
internal sealed class CredentialResolver(
    Clients clients, AwsCaller caller, SsoLogin sso, CredentialProgram programs, KeptKeys kept, string region)
{
    /// <summary>Gets credentials as they are now.</summary>
    public async Task<Outcome<AwsKeys>> ResolveAsync(CredentialProvider recipe, CancellationToken cancellationToken) => recipe switch
    {
        CredentialProvider.Fixed @fixed => @fixed.Keys,
        CredentialProvider.Role role => await AssumeAsync(role, cancellationToken),
        CredentialProvider.WebIdentity identity => await AssumeAsync(identity, cancellationToken),
        CredentialProvider.Sso login => await sso.GetAsync(login, cancellationToken),
        CredentialProvider.Stored place => await kept.ReadAsync(place, cancellationToken),
        CredentialProvider.Program program => await programs.RunAsync(program, cancellationToken),
        _ => throw new UnreachableException(),
    };

    private async Task<Outcome<AwsKeys>> AssumeAsync(CredentialProvider.Role role, CancellationToken cancellationToken)
    {
        Outcome<AwsKeys> source = await ResolveAsync(role.Source, cancellationToken);
        if (!source.Succeeded(out AwsKeys? keys, out Problem? problem))
        {
            return problem;
        }

        using AmazonSecurityTokenServiceClient sts = clients.Sts(keys, region);
        var request = new AssumeRoleRequest
        {
            RoleArn = role.RoleArn,
            RoleSessionName = role.SessionName,
            ExternalId = role.ExternalId,
            DurationSeconds = role.Seconds,
            Policy = role.Policy,
        };
        Outcome<AssumeRoleResponse> outcome = await caller.CallAsync(
            new AwsCall("sts:AssumeRole", role.RoleArn), sts, [keys.Secret, keys.Session], () =>
                sts.AssumeRoleAsync(request, cancellationToken));
        return outcome.Succeeded(out AssumeRoleResponse? answer, out problem) ? Session(role.RoleArn, answer.Credentials) : problem;
    }

    private async Task<Outcome<AwsKeys>> AssumeAsync(CredentialProvider.WebIdentity identity, CancellationToken cancellationToken)
    {
        string? token;
        try
        {
            token = SmallFile.Find(identity.TokenFile)?.ReadText().Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            token = null;
        }

        if (string.IsNullOrEmpty(token))
        {
            return new Problem(
                ProblemKind.NoCredentials,
                $"the web identity token file {identity.TokenFile} is missing, empty or unreadable",
                "check that the file is there and that you may read it; on Kubernetes, that the service account is annotated with the role");
        }

        using AmazonSecurityTokenServiceClient sts = clients.Sts(keys: null, region);
        var request = new AssumeRoleWithWebIdentityRequest
        {
            RoleArn = identity.RoleArn,
            RoleSessionName = identity.SessionName,
            WebIdentityToken = token,
            DurationSeconds = identity.Seconds,
        };
        var call = new AwsCall("sts:AssumeRoleWithWebIdentity", identity.RoleArn);
        Outcome<AssumeRoleWithWebIdentityResponse> outcome =
            await caller.CallAsync(call, sts, [token], () => sts.AssumeRoleWithWebIdentityAsync(request, cancellationToken));
        return outcome.Succeeded(out AssumeRoleWithWebIdentityResponse? answer, out Problem? problem)
            ? Session(identity.RoleArn, answer.Credentials)
            : problem;
    }

    private static Outcome<AwsKeys> Session(string role, StsCredentials? session) =>
        AwsKeys.From(session?.AccessKeyId, session?.SecretAccessKey, session?.SessionToken) is { } keys
            ? keys
            : new Problem(ProblemKind.BadAnswer, $"STS answered for {role} without credentials", "check what answers at the STS endpoint");
}
