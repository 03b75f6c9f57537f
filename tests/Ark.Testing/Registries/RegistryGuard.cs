using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using Ark.Testing.Aws;

namespace Ark.Testing.Registries;

/// <summary>Decides as ECR does whether a password opens a registry: issued, alive, for its region, allowed by its account.</summary>
internal sealed class RegistryGuard(StandInAws aws, TimeProvider clock)
{
    private readonly ConcurrentDictionary<(string Owner, string Guest), bool> _shared = new();

    public void Share(string ownerAccount, string guestAccount) => _shared[(ownerAccount, guestAccount)] = true;

    public AuthOutcome Judge(string host, string? authorization)
    {
        if (authorization is null)
        {
            return AuthOutcome.Anonymous;
        }

        if (Password(authorization) is not { } password || aws.FindToken(password) is not { } token)
        {
            return AuthOutcome.Unknown;
        }

        return token.ExpiresAt <= clock.GetUtcNow() ? AuthOutcome.Expired
            : MayEnter(host, token) ? AuthOutcome.Accepted
            : AuthOutcome.Forbidden;
    }

    /// <summary>A host that is not of ECR's shape is a proxy before some registry; whatever is alive opens it.</summary>
    private bool MayEnter(string host, IssuedToken token) => host.Split('.') switch
    {
        ["public", "ecr", "aws"] => token.Service == "ecr-public",
        [var owner, "dkr", "ecr" or "ecr-fips", var region, ..] => MayEnter(owner, region, token),
        [var owner, "dkr-ecr" or "dkr-ecr-fips", var region, ..] => MayEnter(owner, region, token),
        _ => true,
    };

    private bool MayEnter(string owner, string region, IssuedToken token) =>
        token.Service == "ecr" && token.Region == region
        && (token.Principal.Account == owner || _shared.ContainsKey((owner, token.Principal.Account)));

    private static string? Password(string authorization)
    {
        if (!AuthenticationHeaderValue.TryParse(authorization, out var header)
            || !header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var bytes = new byte[header.Parameter?.Length ?? 0];
        return Convert.TryFromBase64String(header.Parameter ?? "", bytes, out var length)
            && Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is ["AWS", var password]
                ? password
                : null;
    }
}
