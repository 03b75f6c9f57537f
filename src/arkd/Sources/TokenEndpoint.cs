using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Ark.Aws.Calls;
using Ark.Core.Problems;
using Ark.Core.Secrets;
using Ark.Core.Sources;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>
/// Posts a form with a secret to a token endpoint. Follows no redirect, keeps no cookie, reads 1 MiB of an answer at most, and tells
/// nobody what was sent.
/// </summary>
internal sealed class TokenEndpoint(TimeProvider time)
{
    /// <summary>A second less than the cache gives a fetch, so that the reason is told by who knows it.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(19);

    public const int MaxAnswer = 1024 * 1024;

    /// <summary>The token, or why there is none.</summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="caBundle">A file of roots to trust instead of the platform's, or null.</param>
    /// <param name="secret">What is exchanged for it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<Outcome<Credential>> ExchangeAsync(
        OAuthSource source, string? caBundle, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(source.Url, UriKind.Absolute, out Uri? url)
            || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)))
        {
            return new Problem(
                ProblemKind.BadSetting, $"{TextSanitizer.Name(source.Url)} is no https address", "correct url in the configuration");
        }

        if (!CaBundle.Load(caBundle).Succeeded(out X509Certificate2Collection? roots, out Problem? problem))
        {
            return problem;
        }

        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = new OutboundProxy(source.Proxy),
        };
        CaBundle.Trust(roots, handler);
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MaxAnswer };
        using var form = new FormBody(source.Form, source.SecretField, secret.Span);
        using var content = new ReadOnlyMemoryContent(form.Content)
        {
            Headers = { { "Content-Type", "application/x-www-form-urlencoded" } },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = content,
            Headers = { { "Accept", "application/json" } },
        };
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(either.Token);
            try
            {
                return Judge(response.StatusCode, answer, source, secret.Span);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(answer);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HttpFailure.TimedOut(url.Authority, Limit);
        }
        catch (HttpRequestException e)
        {
            return HttpFailure.Describe(e, url.Authority, "\"caBundle\" in the configuration's \"proxy\" names others")!;
        }
    }

    private Outcome<Credential> Judge(HttpStatusCode status, byte[] answer, OAuthSource source, ReadOnlySpan<byte> secret)
    {
        string host = new Uri(source.Url).Authority;
        int code = (int)status;
        if (code is >= 200 and < 300)
        {
            switch (TokenResponse.Read(answer, source.TokenField, time.GetUtcNow()))
            {
                case null:
                    return new Problem(
                        ProblemKind.BadAnswer,
                        $"{host} answered without "
                            + (source.TokenField is { } field ? TextSanitizer.Name(field) : "access_token, refresh_token or token"),
                        "look up in its documentation how the answer's property is called, and write it into tokenField");

                case var damaged when damaged.Secret.Span.IndexOfAnyInRange((byte)0, (byte)0x1F) >= 0 || damaged.HasControls:
                    damaged.Dispose();
                    return new Problem(
                        ProblemKind.BadAnswer,
                        $"{host} answered with a token that holds control characters",
                        "check url and tokenField in the configuration");

                case var issued:
                    return issued;
            }
        }

        if (code is >= 300 and < 400)
        {
            return new Problem(
                ProblemKind.BadSetting,
                $"{host} answered with a redirect ({code}), and a secret follows none",
                "write the address to which it leads into the configuration");
        }

        string said = TokenResponse.ErrorCode(answer);
        string why = said.Length == 0 || Share(said, secret) ? "" : $": {said}";
        (ProblemKind kind, string hint) = code switch
        {
            400 or 401 => (
                ProblemKind.CredentialsRejected,
                $"renew the secret in {SecretReader.NameOf(source.Secret)}, and check the form in the configuration"),
            403 => (ProblemKind.AccessDenied, "ask the registry's administrator for the right to do this"),
            429 => (ProblemKind.Throttled, "wait a while"),
            >= 500 => (ProblemKind.ServiceFailure, "try again later"),
            _ => (ProblemKind.BadAnswer, "check url in the configuration"),
        };
        return new Problem(kind, $"{host} refused the exchange ({code}){why}", hint);
    }

    /// <summary>
    /// Whether a word is a piece of a secret, or holds it. A short secret is in many a word, and then the word is not shown either.
    /// </summary>
    private static bool Share(string word, ReadOnlySpan<byte> secret) =>
        Encoding.UTF8.GetBytes(word) is var bytes && (secret.IndexOf(bytes) >= 0 || bytes.AsSpan().IndexOf(secret) >= 0);
}

/// <summary>Reads what a token endpoint answered.</summary>
internal static class TokenResponse
{
    private const int LongestCode = 40;

    private static readonly string[] UsualFields = ["access_token", "refresh_token", "token"];

    /// <summary>Null when it is not a JSON object with such a token.</summary>
    /// <param name="json">The whole answer.</param>
    /// <param name="field">The property that holds the token, or null for the first of the usual ones.</param>
    /// <param name="now">From when its life counts.</param>
    public static Credential? Read(ReadOnlyMemory<byte> json, string? field, DateTimeOffset now)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            foreach (string name in field is null ? UsualFields : [field])
            {
                if (Text(root, name) is { Length: > 0 } token)
                {
                    byte[] secret = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(token), pinned: true);
                    Encoding.UTF8.GetBytes(token, secret);
                    return new Credential(null, secret, LifeOf(root) is { } life ? now + life : null);
                }
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>
    /// <c>error</c> of a refusal, where it is a code as OAuth has them (RFC 6749); otherwise empty. Nothing else is told: a description
    /// may repeat what was sent, in whatever form.
    /// </summary>
    public static string ErrorCode(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && Text(root, "error") is { Length: <= LongestCode } code
                && code.All(static c => c is '_' or (>= 'a' and <= 'z'))
                ? code
                : "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    /// <summary>
    /// A number of seconds, or, as some write it, its digits; what is neither, or no life at all, is as if nothing were said.
    /// </summary>
    private static TimeSpan? LifeOf(JsonElement root)
    {
        if (!root.TryGetProperty("expires_in", out JsonElement value))
        {
            return null;
        }

        double seconds = value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetDouble(out double number) => number,
            JsonValueKind.String when double.TryParse(
                value.GetString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) => number,
            _ => 0,
        };
        return seconds >= 1 ? TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.SecondsPerDay * 365)) : null;
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
