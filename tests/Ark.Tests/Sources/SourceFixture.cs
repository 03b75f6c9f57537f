using System.Text;
using Ark.Aws;
using Ark.Core.Configuration;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;
using Ark.Core.Tokens;
using Ark.Daemon;
using Ark.Daemon.Handlers;
using Ark.Daemon.Logging;
using Ark.Daemon.Sources;
using Ark.Files;
using Ark.Processes;
using Ark.Testing;
using Ark.Tests.Daemon;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Sources;

/// <summary>
/// A dispatcher with real sources of every kind behind it. The programs that they run are scripts which write down what they were given;
/// the caller lives in <see cref="Home"/>, the daemon in another.
/// </summary>
internal sealed class SourceFixture : IDisposable
{
    public const string Host = "registry.example.com";
    public const string NotFound = "credentials not found in native keychain\n";

    public SourceFixture()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the programs are shell scripts");
        OwnDirectory = Path.Combine(DaemonHome.Home, "ark");
        Directory.CreateDirectory(OwnDirectory);
        var programs = new SourceProcessRunner(Clock, new ProgramSearch(Path.Combine(Home.Home, "bin")), OwnDirectory, []);
        Helpers = new DockerHelper(programs, Clock);
        var commands = new CommandProgram(programs, Clock);
        Callers = new CallerContexts(
            name => name == "HOME" ? DaemonHome.Home : null,
            IdentityVariables.Stores,
            home => !Foreign.Contains(home) && Ownership.IsOurs(home),
            directory => TrustedFile.Judge(directory) is { } fault ? $"{fault.Message}; {fault.Repair}" : null);
        Secrets = new SecretReader(Helpers, commands, Callers, Clock);
        var aws = new AwsAccess(Clock, new ProgramSearch(null), Callers, Secrets);
        var ecr = new EcrTokenSources(aws);
        Sources = new RegistrySources(ecr, Helpers, commands, Secrets, new TokenEndpoint(Clock), Callers, Clock);
        Cache = new TokenCache(Clock, static () => 0.5);
        Dispatcher = new Ark.Daemon.Daemon(DaemonVariable, Clock).Compose(Cache, new Faults(Log.Logger), Log.Logger, new Replacements
        {
            Configurations = _ => Configuration,
            Sources = Sources.For,
            Aws = aws,
            OwnDirectory = OwnDirectory,
            UsualPlaces = [],
        });
        Variables = new Dictionary<string, string> { ["HOME"] = Home.Home };
    }

    public ManualClock Clock { get; } = new();

    public TemporaryHome Home { get; } = new();

    public TemporaryHome DaemonHome { get; } = new();

    /// <summary>Where the daemon is, and its helper beside it.</summary>
    public string OwnDirectory { get; }

    public Dictionary<string, string> Variables { get; }

    /// <summary>Homes that are not to be taken for this user's.</summary>
    public HashSet<string> Foreign { get; } = [];

    public CallerContexts Callers { get; }

    public DockerHelper Helpers { get; }

    public SecretReader Secrets { get; }

    public RegistrySources Sources { get; }

    public TokenCache Cache { get; }

    public LogLines Log { get; } = new();

    public Dispatcher Dispatcher { get; }

    public ConfigurationOutcome Configuration { get; set; } = new ConfigurationOutcome.Loaded(ArkConfiguration.Empty);

    public CallerIdentity Caller => new(new Dictionary<string, string>(Variables));

    /// <summary>A configuration of these hosts, and perhaps a fallback helper.</summary>
    public static ConfigurationOutcome ConfigurationOf(string? fallback, params (string Host, RegistrySource Source)[] hosts)
    {
        var table = new HostTable();
        foreach ((string host, RegistrySource source) in hosts)
        {
            table.At(host).TryAdd(new Candidate.Exact("tbd", "", RefreshPolicy.Default, source));
        }

        return new ConfigurationOutcome.Loaded(new ArkConfiguration(table, []) { FallbackHelper = fallback });
    }

    public static Binding Bound(RegistrySource source, string host = Host) => new(host, "tbd", "", source, RefreshPolicy.Default);

    /// <summary>
    /// A program on the daemon's PATH. Before the script it appends its arguments, its environment and its standard input to files of
    /// its name in the caller's home.
    /// </summary>
    public string Program(string name, string script, string folder = "bin") => Home.WriteScript(
        $"{folder}/{name}",
        $$"""
        #!/bin/sh
        printf '%s\n' "$*" >> "{{Home.Home}}/{{name}}.argv"
        env >> "{{Home.Home}}/{{name}}.env"
        cat >> "{{Home.Home}}/{{name}}.stdin"
        {{script}}

        """);

    /// <summary>What a program wrote down; empty when it was never run.</summary>
    public string Record(string program, string what) =>
        Path.Combine(Home.Home, $"{program}.{what}") is var file && File.Exists(file) ? File.ReadAllText(file) : "";

    public int Runs(string program) => Record(program, "argv").Count(c => c == '\n');

    public ITokenSource Found(RegistrySource source, string host = Host) =>
        Assert.IsType<SourceOutcome.Found>(Sources.For(Bound(source, host), Caller)).Source;

    public async Task<(string Username, string Secret, TimeSpan Life)> FetchAsync(RegistrySource source)
    {
        FetchOutcome outcome = await Found(source).FetchAsync(TestContext.Current.CancellationToken);
        Assert.True(outcome is FetchOutcome.Fetched, (outcome as FetchOutcome.Failed)?.Problem.ToString());
        using AuthorizationToken token = ((FetchOutcome.Fetched)outcome).Token;
        return (token.Username, Encoding.UTF8.GetString(token.Secret), token.ExpiresAt - Clock.GetUtcNow());
    }

    public async Task<Problem> FailAsync(RegistrySource source)
    {
        FetchOutcome outcome = await Found(source).FetchAsync(TestContext.Current.CancellationToken);
        return Sound(Assert.IsType<FetchOutcome.Failed>(outcome).Problem);
    }

    public Task<Reply> Ask(Verb verb, string payload = "") => Frames.AskAsync(
        Dispatcher.AnswerAsync,
        Clock,
        new Request("0.1.0", verb, Encoding.UTF8.GetBytes(payload), new Dictionary<string, string>(Variables)));

    private string? DaemonVariable(string name) => name switch
    {
        "HOME" => DaemonHome.Home,
        "PATH" => Path.Combine(Home.Home, "bin"),
        _ => null,
    };

    public void Dispose()
    {
        Cache.Dispose();
        Home.Dispose();
        DaemonHome.Dispose();
    }

    /// <summary>Every problem of every test passes here.</summary>
    private Problem Sound(Problem problem)
    {
        Assert.DoesNotContain("SENTINEL", problem + Log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(problem.Message + problem.Hint, char.IsControl);
        Assert.False(problem.Message.EndsWith('.'), problem.Message);
        Assert.NotEmpty(problem.Hint);
        return problem;
    }
}
