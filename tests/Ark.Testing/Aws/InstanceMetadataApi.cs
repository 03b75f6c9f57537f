using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Ark.Testing.Aws;

/// <summary>
/// Plays the metadata service of an EC2 instance with version 2 of its protocol: a token first, then the role's name, then its keys. It
/// checks the tokens, counts the calls, and misbehaves as scripted.
/// </summary>
public sealed class InstanceMetadataApi : IAsyncDisposable
{
    /// <summary>The operations, for the script and the log.</summary>
    public const string Token = "Token", List = "List", Keys = "Keys";

    private const string Root = "/latest/meta-data/iam/security-credentials";

    private readonly TimeProvider _clock;
    private readonly Delivery _delivery;
    private readonly Script _script = new();
    private readonly CallLog _log = new();
    private readonly Dictionary<string, DateTimeOffset> _tokens = [];
    private readonly List<string> _requests = [];
    private LoopbackServer? _server;

    private InstanceMetadataApi(TimeProvider clock) => (_clock, _delivery) = (clock, new Delivery(clock));

    /// <summary>Where it listens, without a slash at the end.</summary>
    public string Endpoint => _server!.Endpoint.ToString().TrimEnd('/');

    /// <summary>The name of the instance's role; null when none is attached.</summary>
    public string? Role { get; set; } = "web-server";

    /// <summary>What the list says, where it is not the role's name.</summary>
    public Queue<string> Listed { get; } = [];

    /// <summary>Whose keys it hands out.</summary>
    public required Principal Principal { get; set; }

    /// <summary>When the keys end, as it says.</summary>
    public DateTimeOffset KeysEnd { get; set; }

    /// <summary>What it says instead of <c>Success</c>.</summary>
    public string State { get; set; } = "Success";

    /// <summary>The path with the account in the answer, which old services lack.</summary>
    public bool IsExtended { get; set; } = true;

    /// <summary>How long tokens are good, whatever is asked for.</summary>
    public int TokenSeconds { get; set; } = 21_600;

    /// <summary>How long every answer takes longer.</summary>
    public TimeSpan Latency
    {
        get => _delivery.Latency;
        set => _delivery.Latency = value;
    }

    /// <summary>Method, path and the header that matters of every request so far.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    /// <param name="principal">Whose keys it hands out.</param>
    /// <param name="clock">The time it goes by; the real one when null.</param>
    /// <param name="at">Where it listens; a port of 127.0.0.1 when null.</param>
    public static async Task<InstanceMetadataApi> StartAsync(Principal principal, TimeProvider? clock = null, IPEndPoint? at = null)
    {
        clock ??= TimeProvider.System;
        var api = new InstanceMetadataApi(clock) { Principal = principal, KeysEnd = clock.GetUtcNow().AddHours(6) };
        api._server = await LoopbackServer.StartAsync(api.HandleAsync, at: at);
        return api;
    }

    public void Next(string operation, Behavior behavior, int times = 1) => _script.Add(operation, behavior, null, times);

    public void Always(string operation, Behavior behavior) => _script.Add(operation, behavior, null, null);

    public void Normally(string operation) => _script.Clear(operation);

    public int Calls(string operation) => _log.All.Count(call => call.Operation == operation);

    public Task CallsReached(string operation, int count) => _log.Reached(operation, count);

    /// <summary>Every token is unknown from now on.</summary>
    public void ForgetTokens()
    {
        lock (_tokens)
        {
            _tokens.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        string path = context.Request.Path;
        bool isPut = context.Request.Method == "PUT";
        string header = isPut ? "X-aws-ec2-metadata-token-ttl-seconds" : "X-aws-ec2-metadata-token";
        string operation = isPut ? Token : path.EndsWith('/') ? List : Keys;
        lock (_requests)
        {
            _requests.Add(isPut ? $"PUT {path} {context.Request.Headers[header]}" : $"GET {path}");
        }

        var behavior = _script.Take(operation, null);
        _log.Add(new AwsCall(operation, null, null, "", _clock.GetUtcNow(), null));
        if (behavior is Behavior.Wait wait)
        {
            await wait.Gate.WaitAsync(context.RequestAborted);
        }

        if (isPut)
        {
            context.Response.Headers[header] = TokenSeconds.ToString(CultureInfo.InvariantCulture);
        }

        await _delivery.SendAsync(context, () => Answer(context.Request, operation, path, behavior as Behavior.Fail), behavior);
    }

    private AwsAnswer Answer(HttpRequest request, string operation, string path, Behavior.Fail? fail)
    {
        if (fail is not null)
        {
            return Text(fail.Status, fail.Message);
        }

        if (operation == Token)
        {
            return path == "/latest/api/token" ? Text(200, NewToken()) : Text(404, "");
        }

        if (!IsKnown(request.Headers["X-aws-ec2-metadata-token"].ToString()))
        {
            return Text(401, "");
        }

        string? root = path.StartsWith(Root + "/", StringComparison.Ordinal) ? Root
            : IsExtended && path.StartsWith(Root + "-extended/", StringComparison.Ordinal) ? Root + "-extended"
            : null;
        if (root is null || Role is null)
        {
            return Text(404, "<html>404 - Not Found</html>");
        }

        return operation == List ? Text(200, Listed.TryDequeue(out string? listed) ? listed : Role)
            : path[(root.Length + 1)..] == Role ? Document(isExtended: root != Root)
            : Text(404, "");
    }

    private AwsAnswer Document(bool isExtended)
    {
        var document = new JsonObject { ["Code"] = State, ["LastUpdated"] = Instant(_clock.GetUtcNow()) };
        if (State != "Success")
        {
            document["Message"] = "EC2 cannot assume the role";
            return Text(200, document.ToJsonString());
        }

        document["Type"] = "AWS-HMAC";
        document["AccessKeyId"] = Principal.AccessKeyId;
        document["SecretAccessKey"] = Principal.Secret;
        document["Token"] = Principal.SessionToken;
        document["Expiration"] = Instant(KeysEnd);
        if (isExtended)
        {
            document["AccountId"] = Principal.Account;
        }

        return Text(200, document.ToJsonString());
    }

    private string NewToken()
    {
        string token = $"{StandInAws.Sentinel}-{Guid.NewGuid():N}==";
        lock (_tokens)
        {
            _tokens[token] = _clock.GetUtcNow().AddSeconds(TokenSeconds);
        }

        return token;
    }

    private bool IsKnown(string token)
    {
        lock (_tokens)
        {
            return _tokens.TryGetValue(token, out DateTimeOffset ends) && _clock.GetUtcNow() < ends;
        }
    }

    private static string Instant(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static AwsAnswer Text(int status, string text) => new(status, "text/plain", Encoding.UTF8.GetBytes(text));
}
