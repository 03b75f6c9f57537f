using System.Security.Cryptography.X509Certificates;
using Ark.Aws.Credentials;
using Ark.Aws.Sdk;
using Ark.Core.Problems;
using Ark.Processes;

namespace Ark.Aws.Identity;

/// <summary>
/// Makes calls as an asker. Each time gets its credentials anew, has connections of its own and shares nothing with the last.
/// </summary>
internal sealed class AwsSession(TimeProvider time, ProgramSearch programs, KeptKeys kept)
{
    /// <summary>For everything together: roles, logins, retries and the calls themselves.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>Gets the asker's credentials and does <paramref name="work"/> with them, both within <paramref name="limit"/>.</summary>
    public async Task<Outcome<T>> RunAsync<T>(
        AwsIdentity asker, TimeSpan limit, Func<IdentityCalls, CancellationToken, Task<Outcome<T>>> work, CancellationToken cancellationToken)
        where T : class
    {
        if (!CaBundle.Load(asker.CaBundle).Succeeded(out X509Certificate2Collection? roots, out Problem? problem))
        {
            return problem;
        }

        using var expiry = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        using var http = new AwsHttp(roots);
        var clients = new Clients(new SdkSettings(time, http), asker.Endpoints);
        var holder = new AwsCaller(asker.KeyHolder);
        var caller = new AwsCaller(asker.Identity);
        try
        {
            Outcome<AwsKeys> credentials = await Resolver(asker, clients, holder).ResolveAsync(asker.Recipe, either.Token);
            if (credentials.Succeeded(out AwsKeys? keys, out problem))
            {
                Outcome<T> outcome = await work(new IdentityCalls(clients, caller, keys), either.Token);
                return outcome.Succeeded(out _, out problem) ? outcome : problem;
            }

            return problem;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Problem(
                ProblemKind.Unreachable,
                $"{caller.Asking ?? holder.Asking ?? new Uri(asker.Endpoints.Ecr).Authority} did not answer within {limit.TotalSeconds:0} seconds",
                "check the network, VPN, firewall and proxy");
        }
    }

    private CredentialResolver Resolver(AwsIdentity asker, Clients clients, AwsCaller holder) => new(
        clients, holder, new SsoLogin(time, clients, holder), new CredentialProgram(time, programs, asker.Files), kept, asker.StsRegion);
}

/// <summary>What calls are made with.</summary>
/// <param name="Clients">The clients; whoever asks for one disposes of it.</param>
/// <param name="Caller">Turns failures into problems.</param>
/// <param name="Keys">The asker's credentials as they are now.</param>
internal sealed record IdentityCalls(Clients Clients, AwsCaller Caller, AwsKeys Keys)
{
    /// <summary>What must not be in the text of a problem.</summary>
    public string?[] Secrets => [Keys.Secret, Keys.Session];
}
