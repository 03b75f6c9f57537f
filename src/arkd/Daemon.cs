using System.Diagnostics;
using Ark.Aws;
using Ark.Core.Resolving;
using Ark.Core.Tokens;
using Ark.Daemon.Configuration;
using Ark.Daemon.Dispatching;
using Ark.Daemon.Lifetime;
using Ark.Daemon.Listening;
using Ark.Daemon.Logging;
using Ark.Daemon.Sources;
using Ark.Files;
using Ark.Processes;
using Ark.Wire;
using Ark.Wire.Unix;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon;

/// <summary>The composition: everything that the daemon is made of comes together here, and its life from start to end.</summary>
internal sealed class Daemon(Func<string, string?> environment, TimeProvider time)
{
    /// <summary>How long answers under way may take once the daemon is leaving.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(3);

    private const int MaxConnections = 1024;

    /// <summary>Of the files that this process may have open: for AWS, profiles, the configuration, the log and the runtime.</summary>
    private const int FilesForOthers = 48;

    /// <summary>Serves until a signal, a client, idleness or the loss of the socket ends it. 0 is a clean end.</summary>
    public async Task<int> RunAsync()
    {
        using LogOutput output = LogOutput.Choose(environment, time);
        if (Hardening.IsTooTightForDaemon())
        {
            return output.CannotStart("the limit on address space is too tight for a daemon", "look at it with: ulimit -v; 512 MiB are enough");
        }

        switch (DaemonAddress.Find(environment))
        {
            case DaemonAddress.Refused refused:
                return output.CannotStart(refused.Message, refused.Hint);

            case DaemonAddress.Found address:
                return await RunAsync(address, output);

            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Serves one request on standard input, which is a socket on Unix, and exits.</summary>
    public async Task<int> RunOnceAsync()
    {
        using var cache = new TokenCache(time);
        using LogOutput output = LogOutput.Choose(environment, time);
        var frames = new FrameServer(Compose(cache, output.Logger).AnswerAsync, time);
        await using Stream? connection = StandardInput.AsConnection();
        if (connection is null)
        {
            return output.CannotStart("standard input is not a connection", "arkd --once is for docker-credential-ark; to look at the daemon: ark daemon run");
        }

        return await frames.ServeAsync(connection, CancellationToken.None) == Served.Answered ? 0 : 1;
    }

    private async Task<int> RunAsync(DaemonAddress.Found address, LogOutput output)
    {
        switch (Listener.Open(address, environment))
        {
            case ListenResult.Refused refused:
                return output.CannotStart(refused.Message, refused.Hint);

            case ListenResult.AlreadyRunning:
                // Somebody was faster, which is as good.
                output.Logger.AlreadyRunning(address.Name);
                return 0;

            case ListenResult.Listening(var listener):
                using (listener)
                {
                    await ServeAsync(listener, address, output.Logger);
                }

                return 0;

            default:
                throw new UnreachableException();
        }
    }

    private Dispatcher Compose(TokenCache cache, ILogger log)
    {
        var configurations = new ConfigurationStores(environment, time, log);
        var refused = new RefusedHosts(time);
        var callers = new CallerContexts(OwnEnvironment, IdentityVariables.Stores, Ownership.IsOurs, WhyNotTrusted);
        var search = new ProgramSearch(environment("PATH"));
        var programs = new SourceProcessRunner(time, search, AppContext.BaseDirectory, SourceProcessRunner.UsualPlaces);
        var helpers = new DockerHelper(programs, time);
        var commands = new CommandProgram(programs, time);
        var secrets = new SecretReader(helpers, commands, callers, time);
        var aws = new AwsAccess(time, search, callers, secrets);
        var registries = new RegistrySources(new EcrTokenSources(aws), helpers, commands, secrets, new TokenEndpoint(time), callers, time);
        var sources = new BoundSources(configurations.For, registries.For, log);

        var answerers = new Handlers(
            new CredentialHandler(sources.For, cache, refused, new HelperRelay(helpers, callers, log), time, log),
            new RefreshHandler(sources.For, cache, refused, log),
            new DescribeHandler(sources.For, cache, log),
            new ConfigurationHandler(configurations),
            new RepositoryHandler(new EcrRepositories(aws), log),
            new ProposalHandler(new ProfileProposals(aws)));
        return new Dispatcher(configurations.For, answerers, refused, cache, time, log);
    }

    /// <summary>Our environment, in which HOME is this user's own even where none is set or another user's was left over.</summary>
    private string? OwnEnvironment(string name) => name == "HOME" && !OperatingSystem.IsWindows() ? RuntimeDirectory.Home(environment) : environment(name);

    /// <summary>For directories in which programs are configured that run as this user.</summary>
    private static string? WhyNotTrusted(string directory)
    {
        try
        {
            return TrustedFile.Judge(directory) is { } fault ? $"{fault.Message}; {fault.Repair}" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{directory} cannot be looked at ({e.GetType().Name}); look at it with: ls -ld {directory}";
        }
    }

    private async Task ServeAsync(Listener listener, DaemonAddress.Found address, ILogger log)
    {
        using var stopping = new CancellationTokenSource();
        using var cache = new TokenCache(time);
        Dispatcher dispatcher = Compose(cache, log);
        int connections = Math.Clamp(Hardening.RaiseFileLimit() - FilesForOthers, 8, MaxConnections);
        using var server = new Server(listener, new FrameServer(dispatcher.AnswerAsync, time), connections, time, log);
        var watch = new Watch(listener, () => dispatcher.Idle, dispatcher.IdleExit);
        var signals = new Signals();

        log.Started(Build.Current, Environment.ProcessId, address.Name);
        Task accepting = server.RunAsync(stopping.Token);
        Task refreshing = new RefreshLoop(cache, time, watch.Look).RunAsync(stopping.Token);

        // A daemon that holds the lock and accepts nobody would be worse than none.
        Task<string> deaf = accepting.ContinueWith(_ => "the accept loop ended", TaskScheduler.Default);
        Task<string>[] ends = [signals.Received, server.ShutdownAsked, watch.Ended, deaf];
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
