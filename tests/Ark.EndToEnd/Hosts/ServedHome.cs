using System.Globalization;
using System.Text;
using System.Text.Json;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.EndToEnd.Hosts;

/// <summary>
/// A home whose user has AWS keys in the environment and, for the hosts that the corpus takes as configured, a profile in the configuration; AWS is
/// the stand-in. The daemon is whichever the first call starts.
/// </summary>
public sealed class ServedHome : IAsyncDisposable
{
    public const string Host = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

    /// <summary>Configured by nobody, so that the caller's own keys decide.</summary>
    public const string CallersHost = "999999999999.dkr.ecr.us-east-1.amazonaws.com";

    public const string NotFound = "credentials not found in native keychain\n";

    private const string CallerKey = "AKIACALLER0000000000", CallerSecret = "SENTINEL-caller-secret";
    private const string ConfiguredKey = "AKIAMAPPED0000000000", ConfiguredSecret = "SENTINEL-configured-secret";

    private ServedHome(StandInAws aws) => Aws = aws;

    public StandInAws Aws { get; }

    public TemporaryHome Home { get; } = new();

    public string Socket => Path.Combine(Home.DaemonDirectory, "arkd.sock");

    public static async Task<ServedHome> StartAsync(string mode = "auto", IEnumerable<string>? moreHosts = null)
    {
        Assert.True(File.Exists(Programs.Helper), $"{Programs.Helper} is not there; run scripts/publish first");
        var served = new ServedHome(await StandInAws.StartAsync());
        served.Aws.AddPrincipal(CallerKey, CallerSecret, name: "caller");
        served.Aws.AddPrincipal(ConfiguredKey, ConfiguredSecret, name: "configured");
        Dictionary<string, string> variables = served.Home.Variables;
        variables["AWS_ACCESS_KEY_ID"] = CallerKey;
        variables["AWS_SECRET_ACCESS_KEY"] = CallerSecret;
        variables["AWS_ENDPOINT_URL"] = $"{served.Aws.Endpoint}";
        variables["HELPER"] = Programs.Helper;
        served.Home.WriteAwsCredentials($"[configured]\naws_access_key_id = {ConfiguredKey}\naws_secret_access_key = {ConfiguredSecret}\n");
        served.WriteConfiguration(mode, moreHosts ?? []);
        return served;
    }

    /// <summary>Runs the published helper; standard input is those bytes.</summary>
    public Task<ProgramResult> HelperAsync(string verb, ReadOnlyMemory<byte> input) =>
        Programs.RunAsync(Programs.Helper, [verb], Home.Variables, input, Home.Home);

    public Task<ProgramResult> HelperAsync(string verb, string input = "") => HelperAsync(verb, Encoding.UTF8.GetBytes(input));

    /// <summary>Runs a script in bash; <c>$HELPER</c> is the published helper.</summary>
    public Task<ProgramResult> BashAsync(string script, string input = "")
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a shell");
        return Home.RunAsync("bash", ["-c", script], input);
    }

    /// <summary>The daemon's process, which must be there.</summary>
    public async Task<int> DaemonAsync()
    {
        ProgramResult status = await Home.RunAsync(Programs.Ark, ["status", "--json"]);
        Assert.True(status.ExitCode is 0 or 1, $"{status}");
        using var json = JsonDocument.Parse(status.Output);
        return json.RootElement.GetProperty("daemon").GetProperty("pid").GetInt32();
    }

    /// <summary>So many daemons live in this home, whether or not they can be reached. Only root can look, since they hide their memory.</summary>
    public void AssertDaemons(int count)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return;
        }

        Assert.Equal(count, Directory.EnumerateDirectories("/proc").Count(process =>
            int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && ReadOrNothing(Path.Combine(process, "cmdline")) == $"{Programs.Daemon}\0"
            && ReadOrNothing(Path.Combine(process, "environ")).Contains(Home.DaemonDirectory, StringComparison.Ordinal)));
    }

    /// <summary>Exit 0 and docker's JSON with a password that AWS really gave.</summary>
    public void AssertServed(ProgramResult result, string server = Host)
    {
        Assert.True(result.ExitCode == 0, $"{result}");
        using var json = JsonDocument.Parse(result.Output);
        Assert.Equal(["ServerURL", "Username", "Secret"], json.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal(server, json.RootElement.GetProperty("ServerURL").GetString());
        Assert.Equal("AWS", json.RootElement.GetProperty("Username").GetString());
        Assert.NotNull(Aws.FindToken(json.RootElement.GetProperty("Secret").GetString()!));
        Assert.EndsWith("}\n", result.OutputText, StringComparison.Ordinal);
    }

    /// <summary>Exit 1, one line on standard output that is neither a credential nor "not mine", and the same with a hint on standard error.</summary>
    public static void AssertRejected(ProgramResult result)
    {
        Assert.True(result.ExitCode == 1, $"{result}");
        Assert.Matches(@"\A[^\n]{1,300}\n\z", result.OutputText);
        Assert.NotEqual(NotFound, result.OutputText);
        Assert.DoesNotContain("Secret\"", result.OutputText, StringComparison.Ordinal);
        Assert.StartsWith($"ark: error: {result.OutputText}", result.ErrorText, StringComparison.Ordinal);
        Assert.Contains("ark: hint: ", result.ErrorText, StringComparison.Ordinal);
    }

    /// <summary>Whatever the answer is, a line on standard error says that there was no daemon, and why.</summary>
    public static void AssertWithoutDaemon(ProgramResult result, string reason)
    {
        string[] lines = result.ErrorText.Split('\n');
        Assert.Contains(lines, line => line.StartsWith("ark: warning: no daemon, so nothing is cached: ", StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal));
        Assert.StartsWith("ark: hint: ", lines[^2], StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        Home.Dispose();
        await Aws.DisposeAsync();
    }

    private void WriteConfiguration(string mode, IEnumerable<string> moreHosts)
    {
        object Registry(IEnumerable<string> hosts) => new
        {
            hosts,
            source = new { type = "ecr", profile = "configured", accountId = "123456789012", region = "us-east-1", endpoint = $"{Aws.Endpoint}".TrimEnd('/') },
        };
        Home.WriteConfiguration(JsonSerializer.Serialize(new
        {
            mode,
            organizations = new[]
            {
                new { id = "2ea25035-6aa4-42fb-9955-92288ea1b972", name = "acme", registries = new[] { Registry([Host]), Registry(["registry.acme.example", .. moreHosts]) } },
            },
        }));
    }

    private static string ReadOrNothing(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
