using System.Security.Cryptography;
using System.Text;
using Ark.Aws.Calls;
using Ark.Core.Problems;

namespace Ark.Aws.Credentials;

/// <summary>
/// Sessions that a person opened with an MFA code. Each stands for the keys and the device it was opened with, so that every role that asks
/// for this device is assumed with it. They are in memory only, and end with the daemon. Safe from any thread.
/// </summary>
internal sealed class MfaSessions(TimeProvider time)
{
    /// <summary>How long a code is good for: the default of AWS for a user's session.</summary>
    private const int Seconds = 12 * 60 * 60;

    private const int MaxKept = 64;

    // A session that ends during the call it is for is of no use.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <summary>A copy of the session's keys, or null when a code is needed.</summary>
    public AwsKeys? Find(string device, AwsKeys keys)
    {
        lock (_lock)
        {
            return _sessions.TryGetValue(KeyOf(device, keys), out Session? session) && session.EndsAt - Margin > time.GetUtcNow()
                ? session.Keys.Copy()
                : null;
        }
    }

    /// <summary>Opens a session with a code, and says when it ends.</summary>
    /// <param name="device">The device that showed the code.</param>
    /// <param name="code">Its digits.</param>
    /// <param name="keys">The user's keys.</param>
    /// <param name="profile">Whose code it is, for people.</param>
    /// <param name="fetch">What is asked, and how.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<Outcome<SessionEnd>> OpenAsync(
        string device, string code, AwsKeys keys, string profile, AwsFetch fetch, CancellationToken cancellationToken)
    {
        if (keys.Session is not null)
        {
            return new Problem(
                ProblemKind.BadSetting,
                $"the profile '{profile}' asks for an MFA code with keys of a session, and AWS takes codes with a user's own keys only",
                "let source_profile name a profile with aws_access_key_id and aws_secret_access_key");
        }

        Outcome<StsSession> outcome =
            await new StsService(fetch, $"profile {profile}", keys).GetSessionTokenAsync(device, code, Seconds, cancellationToken);
        if (!outcome.Succeeded(out StsSession? session, out Problem? problem))
        {
            return problem;
        }

        DateTimeOffset longest = time.GetUtcNow().AddSeconds(Seconds);
        DateTimeOffset end = session.Ends < longest ? session.Ends.Value : longest;
        Keep(KeyOf(device, keys), new Session(session.Keys, end));
        return new SessionEnd(end);
    }

    /// <summary>By the secret too: an id is no secret, and whoever merely names one gets nobody's session.</summary>
    private static string KeyOf(string device, AwsKeys keys) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(keys.Secret.Bytes, Encoding.UTF8.GetBytes($"{keys.Id}\n{device}")));

    private void Keep(string key, Session session)
    {
        lock (_lock)
        {
            foreach ((string other, Session old) in _sessions)
            {
                if (other == key || old.EndsAt <= time.GetUtcNow() || _sessions.Count >= MaxKept)
                {
                    _sessions.Remove(other);
                    old.Keys.Dispose();
                }
            }

            _sessions[key] = session;
        }
    }

    private sealed record Session(AwsKeys Keys, DateTimeOffset EndsAt);
}

/// <summary>When a session ends.</summary>
internal sealed record SessionEnd(DateTimeOffset At);
