using System.Text;
using Ark.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Ark.Tests.Cli;

/// <summary>
/// The configuration service of Eclipse Kura on loopback, as far as its page describes it, with one container, one other component and
/// one user. As the real one it takes a change of a component that it does not have and says nothing.
/// </summary>
internal sealed class StandInKura : IAsyncDisposable
{
    public const string User = "admin";
    public const string Password = "SENTINEL-kura:password";

    private const string Service = "/services/configuration/v2/configurableComponents/";

    private LoopbackServer? _server;

    /// <summary>Method, path and body of every request, in order.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Answers the update instead of a plain 200.</summary>
    public Func<HttpContext, Task>? AnswersUpdate { get; set; }

    /// <summary>Answers everything.</summary>
    public Func<HttpContext, Task>? AnswersAll { get; set; }

    public string Url => _server!.Endpoint.ToString();

    public static async Task<StandInKura> StartAsync(Action<ListenOptions>? listen = null)
    {
        var kura = new StandInKura();
        kura._server = await LoopbackServer.StartAsync(kura.AnswerAsync, listen);
        return kura;
    }

    public static Task Says(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(body);
    }

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        string body = await reader.ReadToEndAsync(context.RequestAborted);
        Requests.Add($"{context.Request.Method} {context.Request.Path} {body}".TrimEnd());
        string expected = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"))}";
        Task answer = (context.Request.Method, context.Request.Path.Value) switch
        {
            _ when AnswersAll is { } all => all(context),
            _ when context.Request.Headers.Authorization != expected => Says(context, 401, ""),
            ("GET", Service + "pidsWithFactory") => Says(
                context,
                200,
                """{"components":[{"pid":"clock"},{"pid":"app","factoryPid":"org.eclipse.kura.container.provider.ContainerInstance"}]}"""),
            ("PUT", Service + "configurations/_update") => AnswersUpdate?.Invoke(context) ?? Task.CompletedTask,
            _ => Says(context, 404, "<html>nothing here</html>"),
        };
        await answer;
    }
}
