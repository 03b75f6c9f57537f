using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Ark.Testing;

/// <summary>Kestrel, by default on 127.0.0.1 and a port of the system's choice, without configuration, environment or logging of its own.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping;

    private LoopbackServer(WebApplication app, CancellationTokenSource stopping, Uri endpoint)
    {
        _app = app;
        _stopping = stopping;
        Endpoint = endpoint;
    }

    public Uri Endpoint { get; }

    /// <summary>
    /// Starts to listen. A request's <see cref="HttpContext.RequestAborted"/> also fires when the server is disposed of, so that a
    /// request which hangs on purpose never holds up the end of a test.
    /// </summary>
    public static async Task<LoopbackServer> StartAsync(
        RequestDelegate handler, Action<ListenOptions>? listen = null, IPEndPoint? at = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 64 << 20;
            kestrel.Listen(at ?? new IPEndPoint(IPAddress.Loopback, 0), options =>
            {
                options.Protocols = HttpProtocols.Http1;
                listen?.Invoke(options);
            });
        });

        var app = builder.Build();
        var stopping = new CancellationTokenSource();
        app.Run(async context =>
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping.Token);
            context.RequestAborted = either.Token;
            try
            {
                await handler(context);
            }
            catch (OperationCanceledException) when (either.IsCancellationRequested)
            {
                context.Abort();
            }
        });
        await app.StartAsync();

        var address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return new LoopbackServer(app, stopping, address);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }
}
