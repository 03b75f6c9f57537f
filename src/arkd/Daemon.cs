using Ark.Aws;
using Ark.Core.Map;
using Ark.Core.Tokens;
using Ark.Daemon.Dispatching;
using Ark.Daemon.Lifetime;
using Ark.Daemon.Listening;
using Ark.Daemon.Logging;
using Ark.Daemon.Map;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon;

/// <summary>The composition: everything that the daemon is made of comes together here, and its life from start to end.</summary>
internal sealed class Daemon(Func<string, string?> environment, TimeProvider time)
{
    /// <summary>How long answers under way may take once the daemon is leaving.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(3);

    /// <summary>Serves until a signal, a client, idleness or the loss of the socket ends it. 0 is a clean end.</summary>
    public async Task<int> RunAsync()
    {
        using LogOutput output = LogOutput.Choose(environment, time);
        ILogger log = output.Logger;

        if (DaemonAddress.Find(environment) is not DaemonAddress.Found address)
        {
            var refused = (DaemonAddress.Refused)DaemonAddress.Find(environment);
            return output.CannotStart(refused.Message, refused.Hint);
        }

        switch (Listener.Open(address, environment))
        {
            case ListenResult.Refused refused:
                return output.CannotStart(refused.Message, refused.Hint);

            case ListenResult.Listening(var listener):
                using (listener)
                {
                    await ServeAsync(listener, address, log);
                }

                return 0;

            default:
                // Somebody was faster, which is as good.
                return 0;
        }
    }

    /// <summary>Serves one request on standard input, which is a socket on Unix, and exits.</summary>
    public async Task<int> RunOnceAsync()
    {
        using var cache = new TokenCache(time);
        using LogOutput output = LogOutput.Choose(environment, time);
        var frames = new FrameServer(Compose(cache, output.Logger).AnswerAsync, time);
        await using Stream connection = StandardInput.AsConnection();
        return await frames.ServeAsync(connection, CancellationToken.None) == Served.Answered ? 0 : 1;
    }

    private Dispatcher Compose(TokenCache cache, ILogger log)
    {
        Func<MapOutcome> map = MapStore.Locate(environment) is { } path
            ? new MapStore(path, log).Current
            : static () => new MapOutcome.Loaded(OrganizationMap.Empty);
        var sources = new EcrTokenSources(time, environment, static _ => true);
        return new Dispatcher(map, sources.For, cache, time, log);
    }

    private async Task ServeAsync(Listener listener, DaemonAddress.Found address, ILogger log)
    {
        using var stopping = new CancellationTokenSource();
        using var cache = new TokenCache(time);
        Dispatcher dispatcher = Compose(cache, log);
        using var server = new Server(listener, new FrameServer(dispatcher.AnswerAsync, time), time, log);
        var watch = new Watch(listener, () => dispatcher.Idle, dispatcher.IdleExit, time);
        var signals = new Signals();

        log.Started(Build.Current, Environment.ProcessId, address.Name);
        Task accepting = server.RunAsync(stopping.Token);
        Task refreshing = new RefreshLoop(cache, time).RunAsync(stopping.Token);
        Task<string> watching = watch.RunAsync(stopping.Token);

        Task<string>[] ends = [signals.Received, server.LeaveAsked, watching];
        string reason = await await Task.WhenAny(ends);

        // The door closes first, so that new clients start a new daemon; then the answers under way go out. Whoever asked
        // us to leave learns that we have from the end of the process.
        await stopping.CancelAsync();
        await Quietly(accepting);
        listener.Dispose();
        await server.DrainAsync(DrainLimit);
        await Quietly(refreshing);
        log.Stopped(reason, dispatcher.Requests);
        signals.Dispose();
    }

    private static async Task Quietly(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
