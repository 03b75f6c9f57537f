using System.Diagnostics;
using System.Text;
using Ark.Aws.Calls;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Processes;
using Ark.Wire;

namespace Ark.Aws.Credentials;

/// <summary>
/// Gets credentials from where they come from. Nothing is kept for the next time, so that a new login or an edited file is always seen,
/// but keys of metadata endpoints, which are nowhere else.
/// </summary>
/// <param name="time">The clock of limits and expiry.</param>
/// <param name="programs">Where programs are.</param>
/// <param name="stored">Keys that are stored outside of profiles.</param>
/// <param name="instance">Keys of the instance's role.</param>
internal sealed class CredentialResolver(TimeProvider time, ProgramSearch programs, StoredKeys stored, InstanceMetadata instance)
{
    private readonly ContainerEndpoint _container = new(time);

    /// <summary>What a person opened with an MFA code.</summary>
    public MfaSessions MfaSessions { get; } = new(time);

    /// <summary>Credentials as they are now; whoever gets them disposes of them.</summary>
    /// <param name="provider">Where they come from.</param>
    /// <param name="holder">Who asks for roles and logins, for people.</param>
    /// <param name="files">The files of whoever asks.</param>
    /// <param name="context">Where programs run for them.</param>
    /// <param name="fetch">What they are got for.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<Outcome<AwsKeys>> ResolveAsync(
        CredentialProvider provider,
        string holder,
        ProfileFiles files,
        CallerContext context,
        AwsFetch fetch,
        CancellationToken cancellationToken)
    {
        Outcome<AwsKeys> found = await FindAsync(provider, holder, files, context, fetch, cancellationToken);
        if (!found.Succeeded(out AwsKeys? keys, out _) || keys.Broken is not { } part)
        {
            return found;
        }

        keys.Dispose();
        string name = provider.NameOf(part);
        return new Problem(
            ProblemKind.BadSetting,
            $"{name} has a blank, a line break or a character beyond ASCII within, which no key has",
            "copy it once more, whole and in one line");
    }

    private async Task<Outcome<AwsKeys>> FindAsync(
        CredentialProvider provider,
        string holder,
        ProfileFiles files,
        CallerContext context,
        AwsFetch fetch,
        CancellationToken cancellationToken) => provider switch
        {
            CredentialProvider.InProfile profile => profile.Keys!,
            CredentialProvider.CallerSupplied supplied => supplied.Keys is { } keys ? keys : RequestIsOver(holder),
            CredentialProvider.Role role => await AssumeAsync(role, holder, files, context, fetch, cancellationToken),
            CredentialProvider.WebIdentity identity => await AssumeAsync(identity, holder, fetch, cancellationToken),
            CredentialProvider.Sso login => await new SsoLogin(time, fetch, holder).GetAsync(login, cancellationToken),
            CredentialProvider.Login login => await new LoginSession(time, fetch, holder).GetAsync(login, cancellationToken),
            CredentialProvider.Stored place => await stored.ReadAsync(place, cancellationToken),
            CredentialProvider.Program program =>
                await new CredentialProgram(time, programs, files, context, fetch.StsRegion).RunAsync(program, cancellationToken),
            CredentialProvider.Container container => await _container.GetAsync(container, cancellationToken),
            CredentialProvider.Instance service => Explain(service, await instance.GetAsync(service, cancellationToken)),
            _ => throw new UnreachableException(),
        };

    /// <summary>AWS does not accept what the provider gave: what is kept of it is not given again.</summary>
    public void Forget(CredentialProvider provider)
    {
        switch (provider)
        {
            case CredentialProvider.Role role:
                Forget(role.Source);
                break;

            case CredentialProvider.Container container:
                _container.Forget(container);
                break;

            case CredentialProvider.Instance service:
                instance.Forget(service);
                break;
        }
    }

    /// <summary>Where the instance was the last resort, all that was tried before it belongs to the answer.</summary>
    private static Outcome<AwsKeys> Explain(CredentialProvider.Instance service, Outcome<AwsKeys> outcome) =>
        outcome.Succeeded(out _, out Problem? problem) || service.NothingElse is not { } tried ? outcome
        : problem.Kind != ProblemKind.NoCredentials ? problem
        : tried with { Message = $"{tried.Message}; instance metadata: {problem.Message}", Hint = $"{tried.Hint}; or {problem.Hint}" };

    private async Task<Outcome<AwsKeys>> AssumeAsync(
        CredentialProvider.Role role,
        string holder,
        ProfileFiles files,
        CallerContext context,
        AwsFetch fetch,
        CancellationToken cancellationToken)
    {
        Outcome<AwsKeys> source = await ResolveAsync(role.Source, holder, files, context, fetch, cancellationToken);
        if (!source.Succeeded(out AwsKeys? found, out Problem? problem))
        {
            return problem;
        }

        if (role.Mfa is { } mfa)
        {
            using AwsKeys own = found;
            if (MfaSessions.Find(mfa.Device, own) is not { } session)
            {
                return new Problem(
                    ProblemKind.MfaRequired,
                    $"the profile '{TextSanitizer.Name(mfa.Profile)}' needs an MFA code for {TextSanitizer.Name(role.RoleArn)}",
                    $"run `ark login --profile {TextSanitizer.Name(mfa.Profile)}`");
            }

            found = session;
        }

        using AwsKeys keys = found;
        return KeysOf(await new StsService(fetch, holder, keys).AssumeRoleAsync(role, cancellationToken));
    }

    private static async Task<Outcome<AwsKeys>> AssumeAsync(
        CredentialProvider.WebIdentity identity, string holder, AwsFetch fetch, CancellationToken cancellationToken)
    {
        string? token;
        try
        {
            token = SmallFile.ReadText(identity.TokenFile).Trim();
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
                "check that you may read the file; on Kubernetes, that the service account is annotated with the role");
        }

        using var secret = new Secret(Encoding.UTF8.GetBytes(token));
        return KeysOf(await new StsService(fetch, holder, keys: null).AssumeRoleAsync(identity, secret, cancellationToken));
    }

    private static Outcome<AwsKeys> KeysOf(Outcome<StsSession> outcome) =>
        outcome.Succeeded(out StsSession? session, out Problem? problem) ? session.Keys : problem;

    private static Problem RequestIsOver(string holder) => new(
        ProblemKind.NoCredentials, $"the request that brought {holder} was over before they were used", "run the command again");
}
