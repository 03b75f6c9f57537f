using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Ark.Testing.Aws;

/// <summary>The stand-in's users, roles, sessions and single sign-on portals.</summary>
internal sealed class IdentityStore(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Principal> _principals = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Role> _roles = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SsoSession> _ssoByAccessToken = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SsoSession> _ssoByRefreshToken = new(StringComparer.Ordinal);

    /// <summary>Whether a refresh token is good for one use and no other comes in its place.</summary>
    public bool EndsRefreshTokens { get; set; }

    public Principal? FindPrincipal(string accessKeyId) => _principals.GetValueOrDefault(accessKeyId);

    public void Add(Principal principal) => _principals[principal.AccessKeyId] = principal;

    public void Remove(Principal principal) => _principals.TryRemove(principal.AccessKeyId, out _);

    public Role? FindRole(string arn) => _roles.GetValueOrDefault(arn);

    public void Add(Role role) => _roles[role.Arn] = role;

    /// <summary>The portal session of a bearer token, while the token lives.</summary>
    public SsoSession? FindPortal(string accessToken) =>
        _ssoByAccessToken.GetValueOrDefault(accessToken) is { } session && session.ExpiresAt > clock.GetUtcNow() ? session : null;

    public SsoSession? FindRefresh(string refreshToken) => _ssoByRefreshToken.GetValueOrDefault(refreshToken);

    public void Add(SsoSession session)
    {
        _ssoByAccessToken[session.AccessToken] = session;
        if (session.RefreshToken is { } refreshToken)
        {
            _ssoByRefreshToken[refreshToken] = session;
        }
    }

    /// <summary>Keys for a role, as STS gives them; accepted from now on.</summary>
    public Principal OpenSession(string roleArn, string sessionName, TimeSpan life)
    {
        var parts = roleArn.Split(':');
        var role = roleArn[(roleArn.LastIndexOf('/') + 1)..];
        var session = new Principal(
            "ASIA" + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(30)),
            StandInAws.Sentinel + Convert.ToBase64String(RandomNumberGenerator.GetBytes(360)),
            parts[4],
            $"arn:{parts[1]}:sts::{parts[4]}:assumed-role/{role}/{sessionName}",
            clock.GetUtcNow() + life);
        Add(session);
        return session;
    }
}

/// <summary>A role that may be assumed.</summary>
/// <param name="Arn">Its full name.</param>
/// <param name="ExternalId">What AssumeRole must bring, or null.</param>
/// <param name="WebIdentityToken">What AssumeRoleWithWebIdentity must bring, or null when it may not be assumed that way.</param>
internal sealed record Role(string Arn, string? ExternalId, string? WebIdentityToken);

/// <summary>Somebody signed in at a single sign-on portal, with the roles open to them there.</summary>
internal sealed record SsoSession(string AccessToken, string? RefreshToken, DateTimeOffset ExpiresAt, IReadOnlyList<string> RoleArns);
