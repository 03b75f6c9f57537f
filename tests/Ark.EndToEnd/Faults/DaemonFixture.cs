using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.EndToEnd.Faults;

/// <summary>A user with keys in the environment, an AWS that knows them, and the published programs. No daemon runs yet.</summary>
internal sealed partial class DaemonFixture : IAsyncDisposable
{
    public const string Host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    public const string NotFound = "credentials not found in native keychain\n";
    public const string Token = "GetAuthorizationToken";
    public const int Hangup = 1, Interrupt = 2, Kill9 = 9, Crash = 11, Terminate = 15, Stop = 19, Continue = 18;

    private readonly List<int> _stopped = [];

    private DaemonFixture(StandInAws aws) => Aws = aws;

    public TemporaryHome Home { get; } = new();

    public StandInAws Aws { get; }

    public Dictionary<string, string> Variables => Home.Variables;

    public string Socket => Path.Combine(Home.DaemonDirectory, "arkd.sock");

    public string LogFile => Path.Combine(Home.Home, ".local", "state", "ark", "arkd.log");

    /// <summary>How many daemons have ever listened here.</summary>
    public int DaemonsStarted => File.Exists(LogFile) ? File.ReadLines(LogFile).Count(line => line.Contains(" started version=", StringComparison.Ordinal)) : 0;

    public static async Task<DaemonFixture> StartAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "signals and /proc as Linux has them");
        Assert.SkipUnless(File.Exists(Programs.Daemon), $"not published: {Programs.PublishDirectory} (run scripts/publish)");
        var fixture = new DaemonFixture(await StandInAws.StartAsync());
        fixture.Aws.AddPrincipal("AKIAHOUSEHOLD0000000", "SENTINEL-fixture-key");
        fixture.Variables["AWS_ACCESS_KEY_ID"] = "AKIAHOUSEHOLD0000000";
        fixture.Variables["AWS_SECRET_ACCESS_KEY"] = "SENTINEL-fixture-key";
        fixture.Variables["AWS_ENDPOINT_URL"] = fixture.Aws.Endpoint.ToString();
        return fixture;
    }

    public Task<ProgramResult> Ask(string verb, string input = Host) => Home.RunAsync(Programs.Helper, [verb], input);

    /// <summary>A get that must succeed; the password.</summary>
    public async Task<string> Get(string host = Host)
    {
        var result = await Ask("get", host);
        Assert.True(result.ExitCode == 0, result.ToString());
        using var answer = JsonDocument.Parse(result.Output);
        var password = answer.RootElement.GetProperty("Secret").GetString()!;
        Assert.NotNull(Aws.FindToken(password));
        Assert.Equal("", result.ErrorText);
        return password;
    }

    /// <summary>The daemon that answers, or 0.</summary>
    public async Task<int> DaemonId()
    {
        var status = await Home.RunAsync(Programs.Ark, ["status", "--json"]);
        using var json = JsonDocument.Parse(status.Output.Length > 0 ? status.OutputText : "{}");
        return json.RootElement.TryGetProperty("daemon", out var daemon) && daemon.ValueKind == JsonValueKind.Object ? daemon.GetProperty("pid").GetInt32() : 0;
    }

    public void Signal(int process, int signal)
    {
        Assert.True(process > 1);
        Assert.Equal(0, Kill(process, signal));
        if (signal == Stop)
        {
            _stopped.Add(process);
        }
    }

    /// <summary>Waits until a process has ended; one that nobody has collected yet counts as ended.</summary>
    public static Task Ended(int process) => Eventually.HoldsAsync($"the end of {process}", () => !IsRunning(process));

    public static bool IsRunning(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Starts the daemon itself; it is ended by the caller or with the fixture.</summary>
    public System.Diagnostics.Process StartDaemon(params string[] wrapper)
    {
        string[] command = [.. wrapper, Programs.Daemon];
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = Home.Home };
        start.Environment.Clear();
        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }

        return System.Diagnostics.Process.Start(start)!;
    }

    public Task DaemonAnswers() => Eventually.HoldsAsync("a daemon", async () => await DaemonId() != 0);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _stopped)
        {
            _ = Kill(process, Kill9);
        }

        await Aws.DisposeAsync();
        Home.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);
}
