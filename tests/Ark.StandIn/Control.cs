using System.Globalization;
using Ark.Testing;
using Ark.Testing.Aws;
using Ark.Testing.Registries;
using Microsoft.AspNetCore.Http;

namespace Ark.StandIn;

/// <summary>
/// The control address for shell scripts, plain text over HTTP:
/// <list type="bullet">
/// <item><c>GET /calls</c>: one line per operation, <c>GetAuthorizationToken 1</c></item>
/// <item><c>GET /registry</c>: one line per outcome of the registry's requests, <c>Accepted 3</c></item>
/// <item><c>GET /images</c>: one line per tag, with the digests of its manifest and of all that this names</item>
/// <item><c>GET /issued</c>: every password given out, one per line, to search files and logs for</item>
/// <item><c>POST /token-life?seconds=N</c>: for tokens issued from now on</item>
/// <item><c>POST /latency?milliseconds=N</c>: of AWS and of instance metadata, for each answer from now on</item>
/// <item><c>POST /fail?operation=O&amp;code=C[&amp;status=400][&amp;message=M][&amp;times=N]</c>: fails N calls, or all</item>
/// <item><c>POST /normal?operation=O</c>: forgets the failures</item>
/// </list>
/// </summary>
internal sealed class Control(StandInAws aws, InstanceMetadataApi metadata, StandInRegistry registry) : IAsyncDisposable
{
    private LoopbackServer? _server;

    public Uri Endpoint => _server!.Endpoint;

    public static async Task<Control> StartAsync(StandInAws aws, InstanceMetadataApi metadata, StandInRegistry registry)
    {
        var control = new Control(aws, metadata, registry);
        control._server = await LoopbackServer.StartAsync(control.HandleAsync);
        return control;
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private Task HandleAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var answer = (context.Request.Method, context.Request.Path.Value) switch
        {
            ("GET", "/calls") => Tally([
                .. aws.Log.Select(call => call.Operation), .. metadata.Requests.Select(each => "InstanceMetadata")]),
            ("GET", "/registry") => Tally(registry.Log.Select(request => request.Outcome.ToString())),
            ("GET", "/images") => string.Concat(registry.Images.Select(image => image + "\n")),
            ("GET", "/issued") => string.Concat(aws.Issued.Select(token => token.Password + "\n")),
            ("POST", "/token-life") => SetTokenLife(query),
            ("POST", "/latency") => SetLatency(query),
            ("POST", "/fail") => Fail(query),
            ("POST", "/normal") => Normally(query),
            _ => null,
        };
        context.Response.StatusCode = answer is null ? 400 : 200;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(answer ?? "not understood\n", context.RequestAborted);
    }

    private static string Tally(IEnumerable<string> names) => string.Concat(
        names.CountBy(name => name).OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key} {count.Value}\n"));

    private string? SetTokenLife(IQueryCollection query)
    {
        if (Number(query, "seconds") is not { } seconds)
        {
            return null;
        }

        aws.TokenLife = TimeSpan.FromSeconds(seconds);
        return "";
    }

    private string? SetLatency(IQueryCollection query)
    {
        if (Number(query, "milliseconds") is not { } milliseconds)
        {
            return null;
        }

        aws.Latency = metadata.Latency = TimeSpan.FromMilliseconds(milliseconds);
        return "";
    }

    private string? Fail(IQueryCollection query)
    {
        if (query["operation"].ToString() is not { Length: > 0 } operation || query["code"].ToString() is not { Length: > 0 } code)
        {
            return null;
        }

        var message = query["message"].ToString() is { Length: > 0 } given ? given : "Scripted by the stand-in";
        var failure = new Behavior.Fail(Number(query, "status") ?? 400, code, message);
        if (Number(query, "times") is { } times)
        {
            aws.Next(operation, failure, times);
        }
        else
        {
            aws.Always(operation, failure);
        }

        return "";
    }

    private string? Normally(IQueryCollection query)
    {
        if (query["operation"].ToString() is not { Length: > 0 } operation)
        {
            return null;
        }

        aws.Normally(operation);
        return "";
    }

    private static int? Number(IQueryCollection query, string name) =>
        int.TryParse(query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
