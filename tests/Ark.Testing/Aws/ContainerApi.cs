using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Ark.Testing.Aws;

/// <summary>Plays what hands out keys to a container: checks the token, notes the requests, and misbehaves as scripted.</summary>
public sealed class ContainerApi : IAsyncDisposable
{
    /// <summary>The one operation, for the script.</summary>
    public const string Keys = "Keys";

    private readonly Delivery _delivery;
    private readonly Script _script = new();
    private readonly CallLog _log = new();
    private readonly TimeProvider _clock;
    private readonly List<(string Target, string Accept, string Authorization)> _requests = [];
    private LoopbackServer? _server;

    private ContainerApi(TimeProvider clock) => (_clock, _delivery) = (clock, new Delivery(clock));

    /// <summary>The whole address of the keys.</summary>
    public string Url => $"{_server!.Endpoint}v1/credentials?task=1";

    /// <summary>Whose keys it hands out.</summary>
    public required Principal Principal { get; set; }

    /// <summary>When the keys end, as it says; null when it does not.</summary>
    public DateTimeOffset? KeysEnd { get; set; }

    /// <summary>The account that it says the keys are of; null when it says none.</summary>
    public string? Account { get; set; }

    /// <summary>What must be in <c>Authorization</c>; null when nothing need be.</summary>
    public string? RequiredToken { get; set; }

    /// <summary>Path and query, <c>Accept</c> and <c>Authorization</c> of every request so far.</summary>
    public IReadOnlyList<(string Target, string Accept, string Authorization)> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public int Calls => _log.All.Count;

    /// <param name="principal">Whose keys it hands out.</param>
    /// <param name="clock">The time it goes by; the real one when null.</param>
    /// <param name="at">Where it listens; a port of 127.0.0.1 when null.</param>
    public static async Task<ContainerApi> StartAsync(Principal principal, TimeProvider? clock = null, IPEndPoint? at = null)
    {
        clock ??= TimeProvider.System;
        var api = new ContainerApi(clock) { Principal = principal, KeysEnd = clock.GetUtcNow().AddHours(6) };
        api._server = await LoopbackServer.StartAsync(api.HandleAsync, at: at);
        return api;
    }

    public void Next(Behavior behavior, int times = 1) => _script.Add(Keys, behavior, null, times);

    public void Always(Behavior behavior) => _script.Add(Keys, behavior, null, null);

    public void Normally() => _script.Clear(Keys);

    public Task CallsReached(int count) => _log.Reached(Keys, count);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        string authorization = request.Headers.Authorization.ToString();
        lock (_requests)
        {
            _requests.Add(($"{request.Path}{request.QueryString}", request.Headers.Accept.ToString(), authorization));
        }

        var behavior = _script.Take(Keys, null);
        _log.Add(new AwsCall(Keys, null, null, "", _clock.GetUtcNow(), null));
        await _delivery.SendAsync(context, () => Answer(authorization, behavior as Behavior.Fail), behavior);
    }

    private AwsAnswer Answer(string authorization, Behavior.Fail? fail)
    {
        if (fail is not null || (RequiredToken is not null && RequiredToken != authorization))
        {
            var refusal = new JsonObject
            {
                ["code"] = fail?.Code ?? "InvalidAuthorizationToken",
                ["message"] = fail?.Message ?? $"{authorization} is not known",
            };
            return Json(fail?.Status ?? 401, refusal);
        }

        return Json(200, new JsonObject
        {
            ["AccessKeyId"] = Principal.AccessKeyId,
            ["SecretAccessKey"] = Principal.Secret,
            ["Token"] = Principal.SessionToken,
            ["Expiration"] = KeysEnd?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["AccountId"] = Account,
        });
    }

    private static AwsAnswer Json(int status, JsonObject body) =>
        new(status, "application/json", Encoding.UTF8.GetBytes(body.ToJsonString()));
}
