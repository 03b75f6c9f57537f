using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ark.Testing.Aws;

/// <summary>Makes registry passwords that look like ECR's and knows again those it made.</summary>
internal sealed class TokenMint(TimeProvider clock)
{
    /// <summary>Without it each plus sign of base64 would be written as an escape.</summary>
    private static readonly JsonSerializerOptions PlainText = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ConcurrentDictionary<string, IssuedToken> _issued = new(StringComparer.Ordinal);

    public TimeSpan Life { get; set; } = TimeSpan.FromHours(12);

    public IReadOnlyCollection<IssuedToken> Issued => [.. _issued.Values.OrderBy(token => token.IssuedAt)];

    public IssuedToken? Find(string password) => _issued.GetValueOrDefault(password);

    public IssuedToken Issue(Principal principal, string region, string service)
    {
        var now = clock.GetUtcNow();
        var expiresAt = now + Life;
        var json = new JsonObject
        {
            ["payload"] = StandInAws.Sentinel + Noise(900),
            ["datakey"] = Noise(180),
            ["version"] = "2",
            ["type"] = "DATA_KEY",
            ["expiration"] = expiresAt.ToUnixTimeSeconds(),
        };
        var password = Convert.ToBase64String(Encoding.ASCII.GetBytes(json.ToJsonString(PlainText)));
        var token = new IssuedToken(password, principal, region, service, now, expiresAt);
        _issued[password] = token;
        return token;
    }

    private static string Noise(int bytes) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes));
}
