using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ark.Cli.Output;

namespace Ark.Cli.Kura;

/// <summary>
/// The configuration service (REST, version 2) of a device with Eclipse Kura or Eurotech ESF, as one Kura user. A redirect is never
/// followed, since credentials would go with it. Whatever goes wrong is a <see cref="UserError"/> without a secret in it: the reasons that
/// an answer gives are shown only after one that took the user's password, and only if they repeat nothing that was sent in confidence.
/// </summary>
internal sealed class KuraDevice : IDisposable
{
    private const string ContainerFactory = ".ContainerInstance";

    private const string PidHint = "give --pid the name of the container, as Kura's page of the device lists it";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Uri _service;
    private readonly string _user;
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;
    private readonly string[] _login;
    private bool _accepted;

    /// <param name="url">Where the device is: https, or http on this very machine.</param>
    /// <param name="user">The Kura user.</param>
    /// <param name="password">Its password.</param>
    /// <param name="clock">Measures how long a request may take.</param>
    /// <exception cref="UserError">The URL is none that a password may be sent to.</exception>
    public KuraDevice(string url, string user, string password, TimeProvider clock)
    {
        _service = new Uri(Parse(url), "services/configuration/v2/configurableComponents/");
        _user = user;
        _clock = clock;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            // Nobody between this machine and itself; over TLS a proxy sees nothing.
            UseProxy = !_service.IsLoopback,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = 4 << 20,
        };
        string basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", basic);
        _login = [password, basic];
    }

    private string Host => _service.Authority;

    /// <summary>
    /// Returns when the device has a container instance with that id. Asked first, because Kura takes a change of a component that it
    /// does not have and says that all is well.
    /// </summary>
    public async Task ExpectContainerAsync(string pid, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_service, "pidsWithFactory"));
        byte[] answer = await SendAsync(request, _login, cancellationToken);
        if (!KuraAnswer.Components(answer, out Dictionary<string, string?> factories))
        {
            throw new UserError($"the answer of {Host} is not from Kura", "check --url");
        }

        if (!factories.TryGetValue(pid, out string? factory))
        {
            throw new UserError($"{Host} has no component {pid}", PidHint);
        }

        if (factory?.EndsWith(ContainerFactory, StringComparison.Ordinal) != true)
        {
            throw new UserError($"{pid} on {Host} is not a container instance", PidHint);
        }
    }

    /// <summary>Sets the registry password of a container instance. Kura then recreates its container.</summary>
    public async Task SetPasswordAsync(string pid, string secret, bool snapshot, CancellationToken cancellationToken)
    {
        byte[] body = Update(pid, secret, snapshot);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_service, "configurations/_update"));
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            await SendAsync(request, [.. _login, secret], cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
        }
    }

    public void Dispose() => _client.Dispose();

    private static Uri Parse(string typed)
    {
        if (!Uri.TryCreate(typed, UriKind.Absolute, out Uri? url)
            || url.Scheme is not ("https" or "http") || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            throw new UserError("--url is not the address of a device", "give it as https://device.example.com/");
        }

        if (url.UserInfo.Length > 0)
        {
            throw new UserError(
                "--url contains a user or a password, which others can see in the list of processes",
                "use --user, and --password-file or --password-stdin");
        }

        if (url.Scheme == "http" && !url.IsLoopback)
        {
            throw new UserError($"refusing to send a password to {url.Authority} over plain http", "use https");
        }

        return url.AbsolutePath.EndsWith('/') ? url : new UriBuilder(url) { Path = $"{url.AbsolutePath}/" }.Uri;
    }

    private static byte[] Update(string pid, string secret, bool snapshot)
    {
        // Large enough never to grow, which would leave a copy behind.
        var bytes = new ArrayBufferWriter<byte>(1024 + (6 * (pid.Length + secret.Length)));
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteStartArray("configs"u8);
            json.WriteStartObject();
            json.WriteString("pid"u8, pid);
            json.WriteStartObject("properties"u8);
            json.WriteStartObject("registry.password"u8);
            json.WriteString("type"u8, "PASSWORD"u8);
            json.WriteString("value"u8, secret);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteBoolean("takeSnapshot"u8, snapshot);
            json.WriteEndObject();
        }

        byte[] body = bytes.WrittenSpan.ToArray();
        bytes.Clear();
        return body;
    }

    private async Task<byte[]> SendAsync(HttpRequestMessage request, string[] secrets, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Limit, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var response = await _client.SendAsync(request, either.Token);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(either.Token);
            _accepted |= response.IsSuccessStatusCode;
            return response.IsSuccessStatusCode ? answer : throw Refused(response, answer, secrets);
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e.HttpRequestError);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new UserError($"{Host} did not answer within {Limit.TotalSeconds:0} seconds", "try again when the device is less busy");
        }
    }

    private UserError Refused(HttpResponseMessage response, byte[] answer, string[] secrets) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized => new($"Kura on {Host} rejected the password of the user {_user}", "check --user and the password"),
        HttpStatusCode.Forbidden => new(
            $"the Kura user {_user} may not change configurations on {Host}", "grant it the permission rest.configuration"),
        HttpStatusCode.NotFound => new(
            $"no configuration service of Kura at {Host}", "check --url, and that the device has that service, version 2"),
        >= HttpStatusCode.Ambiguous and < HttpStatusCode.BadRequest => new(
            $"{Host} redirected; not followed with credentials", "give --url the address that it redirects to"),
        var status when _accepted && KuraAnswer.Message(answer, new SecretEcho(secrets)) is { } message => new(
            $"Kura on {Host} refused with {(int)status}: {message}", "look at the log of the device"),
        var status => new($"Kura on {Host} refused with {(int)status}", "look at the log of the device"),
    };

    private UserError Unreachable(HttpRequestError reason) => reason switch
    {
        HttpRequestError.SecureConnectionError => new(
            $"no trusted TLS connection to {Host}",
            "make this machine trust the certificate of the device; on Linux SSL_CERT_FILE can name it"),
        HttpRequestError.NameResolutionError => new($"{Host} cannot be resolved", "check --url"),
        HttpRequestError.ConnectionError => new($"{Host} cannot be reached", "check --url, and that the device is on"),
        _ => new($"the answer of {Host} cannot be understood", "check --url"),
    };
}

/// <summary>What Kura's configuration service says, read without trust in it.</summary>
internal static class KuraAnswer
{
    private const int LongestMessage = 200;

    /// <summary>The components of a device, each with its factory if it has one. False when it is no such list.</summary>
    public static bool Components(ReadOnlyMemory<byte> json, out Dictionary<string, string?> factories)
    {
        factories = new Dictionary<string, string?>(StringComparer.Ordinal);
        try
        {
            using var document = JsonDocument.Parse(json);
            foreach (JsonElement component in document.RootElement.GetProperty("components"u8).EnumerateArray())
            {
                string? factory = component.TryGetProperty("factoryPid"u8, out JsonElement found) ? found.GetString() : null;
                _ = factories.TryAdd(component.GetProperty("pid"u8).GetString() ?? "", factory);
            }

            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return false;
        }
    }

    /// <summary>
    /// Why a request failed: the one message of it, or that of its first step that failed, cut after 200 characters. Null where there is
    /// none, or none that can be shown because it repeats a piece of a secret.
    /// </summary>
    public static string? Message(ReadOnlyMemory<byte> json, SecretEcho secrets)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            JsonElement report = document.RootElement;
            if (report.TryGetProperty("failures"u8, out JsonElement failures) && failures.GetArrayLength() > 0)
            {
                report = failures[0];
            }

            string message = report.TryGetProperty("message"u8, out JsonElement text) ? text.GetString() ?? "" : "";
            string shown = message.Length > LongestMessage ? message[..LongestMessage] : message;
            return shown.Length > 0 && !secrets.IsIn(shown) ? shown : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
