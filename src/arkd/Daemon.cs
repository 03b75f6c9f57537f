using System.Diagnostics;
using System.Security.Cryptography;
using Ark.Aws;
using Ark.Core.Configuration;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon.Configuration;
using Ark.Daemon.Handlers;
using Ark.Daemon.Lifetime;
using Ark.Daemon.Listening;
using Ark.Daemon.Logging;
using Ark.Daemon.Sources;
using Ark.Files;
using Ark.Processes;
using Ark.Wire;
using Microsoft.Extensions.Logging;

namespace Ark.Daemon;

/// <summary>The composition: everything that the daemon is made of comes together here, and its life from start to end.</summary>
internal sealed class Daemon(Func<string, string?> environment, TimeProvider time)
{
    /// <summary>How long answers under way may take once the daemon is to stop.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(3);

    private const int MaxConnections = 1024;

    /// <summary>Of the files that this process may have open: for AWS, profiles, the configuration, the log and the runtime.</summary>
    private const int FilesForOthers = 48;

    /// <summary>Serves until a signal, a client, idleness or the loss of the socket ends it. 0 is a clean end.</summary>
    public async Task<int> RunAsync()
    {
        // Whoever started us waits with a request that will be signed. Loading what signs it takes as long as all of this, so it is done
        // beside this, and fails where a failure can still be told.
        _ = Task.Run(static () => HMACSHA256.HashData([], []));

        using LogOutput output = LogOutput.Choose(environment, time);
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
        var frames = new FrameServer(Compose(cache, new Faults(output.Logger), output.Logger).AnswerAsync, time);
        await using Stream? connection = StandardInput.AsConnection();
        if (connection is null)
        {
            return output.CannotStart(
                "standard input is not a connection", "arkd --once is for docker-credential-ark; to look at the daemon: ark daemon run");
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
                    // Only now, so that the socket of whoever started us goes with us.
                    if (Hardening.FindTightLimit() is { } limit)
                    {
                        return output.CannotStart(
                            $"the limit on {limit.Name} is too tight for a daemon",
                            $"look at it with: {limit.Command}; {limit.Enough} are enough");
                    }

                    await ServeAsync(listener, address, output);
                }

                return 0;

            default:
                throw new UnreachableException();
        }
    }

    /// <summary>Everything that answers requests. A test replaces what is outside of the daemon.</summary>
    internal Dispatcher Compose(TokenCache cache, Faults faults, ILogger log, Replacements? replaced = null, string? logPlace = null)
    {
        var stores = new ConfigurationStores(environment, time, log);
        Func<CallerIdentity, ConfigurationOutcome> configurations = replaced?.Configurations ?? stores.For;

        string ownDirectory = replaced?.OwnDirectory ?? AppContext.BaseDirectory;
        var callers =
            new CallerContexts(OwnEnvironment, IdentityVariables.Stores, Ownership.IsOurs, WhyNotTrusted, Ownership.IsRootsAndOpen);
        var search = new ProgramSearch(environment("PATH"));
        var programs = new SourceProcessRunner(time, search, ownDirectory, replaced?.UsualPlaces ?? SourceProcessRunner.UsualPlaces);
        var helpers = new DockerHelper(programs, time);
        var commands = new CommandProgram(programs, time);
        var secrets = new SecretReader(helpers, commands, callers, time);
        var own = new CallerIdentity(IdentityVariables.CollectMetadata(environment));
        AwsAccess aws = replaced?.Aws ?? new AwsAccess(time, search, callers, secrets, own);
        var registries = new RegistrySources(new EcrTokenSources(aws), helpers, commands, secrets, new TokenEndpoint(time), callers, time);
        var sources = new BoundSources(configurations, replaced?.Sources ?? registries.For, log);

        var refused = new RefusedHosts(time);
        var relay = new HelperRelay(helpers, callers, log);
        var fallback = new FallbackHelper(relay);
        var handlers = new RequestHandlers(
            new CredentialHandler(new CredentialLookup(sources.For, cache, refused, log), cache, fallback),
            new LoginHandler(sources.For, cache, refused, relay, fallback, time),
            new StatusHandler(cache, refused, aws.Clock, time, () => faults.Count, logPlace),
            new ConfigurationHandler(stores),
            new ProfileProposal(new ProfileProposals(aws)),
            new RepositoryHandler(new EcrRepositories(aws), log),
            new SignInHandler(new SignIn(aws), cache));
        return new Dispatcher(configurations, handlers, refused, cache, time, faults.Add);
    }

    /// <summary>Our environment, in which HOME is this user's own even where none is set or another user's was left over.</summary>
    private string? OwnEnvironment(string name) =>
        name == "HOME" && !OperatingSystem.IsWindows() ? RuntimeDirectory.Home(environment) : environment(name);

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

    private async Task ServeAsync(Listener listener, DaemonAddress.Found address, LogOutput output)
    {
        ILogger log = output.Logger;
        using var stopping = new CancellationTokenSource();
        var faults = new Faults(log);
        using var cache = new TokenCache(time, onFault: fault => faults.Add("fetching a token", fault));
        Dispatcher dispatcher = Compose(cache, faults, log, logPlace: output.Place);
        int connections = Math.Clamp(Hardening.RaiseFileLimit() - FilesForOthers, 8, MaxConnections);
        var frames = new FrameServer(dispatcher.AnswerAsync, time, PeerNamespace.IsOurs);
        using var server = new Server(listener, frames, connections, time, faults, log);
        var watch = new Watch(listener, () => dispatcher.Idle, dispatcher.IdleExit);
        var signals = new Signals();

        listener.TellReady();
        Task accepting = server.RunAsync(stopping.Token);
        log.Started(Build.Current, Environment.ProcessId, address.Name);
        Task refreshing = new RefreshLoop(cache, time, watch.Look).RunAsync(stopping.Token);

        // A daemon that holds the lock and accepts nobody would be worse than none.
        Task<string> deaf = accepting.ContinueWith(_ => "the accept loop ended", TaskScheduler.Default);
        Task<string>[] ends = [signals.Received, server.ShutdownAsked, watch.Ended, deaf];
        string reason = await await Task.WhenAny(ends);

        // The socket closes first, so that new clients start a new daemon; then the answers under way go out. Whoever asked
        // us to stop learns that we have from the end of the process.
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

/// <summary>What stands in for the world outside of the daemon, in tests; what is null is real.</summary>
internal sealed record Replacements
{
    public Func<CallerIdentity, ConfigurationOutcome>? Configurations { get; init; }

    public Func<Binding, CallerIdentity, SourceOutcome>? Sources { get; init; }

    public AwsAccess? Aws { get; init; }

    /// <summary>Where the daemon's own programs are.</summary>
    public string? OwnDirectory { get; init; }

    /// <summary>Where programs are looked for after PATH.</summary>
    public IReadOnlyList<string>? UsualPlaces { get; init; }
}
