using System.Runtime.Versioning;
using System.Text;
using Ark.EndToEnd.Faults;
using Ark.Testing;
using Ark.Testing.Aws;
using Xunit;

namespace Ark.EndToEnd.Secrets;

/// <summary>What must not be anywhere but in an answer: keys and tokens, plain or in base64.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SecretsTests
{
    private const string SessionToken = "SENTINEL-session-token-of-a-caller";

    [Fact]
    public async Task No_key_and_no_token_is_on_disk_in_the_log_in_argv_in_the_environment_or_in_what_is_said()
    {
        await using var household = await Household.StartAsync();
        household.Variables["ARK_LOG"] = "debug";
        household.Aws.AddPrincipal("ASIAHOUSEHOLD0000000", "SENTINEL-second-key", SessionToken);
        var said = new List<ProgramResult>();

        // Answers first, then every way to fail.
        await household.Get();
        Assert.Equal(0, (await household.Home.RunAsync(Programs.Ark, ["token", Household.Host])).ExitCode);
        said.Add(await household.Home.RunAsync(Programs.Ark, ["refresh"]));
        said.Add(await household.Home.RunAsync(Programs.Ark, ["refresh", Household.Host]));
        household.Variables["AWS_ACCESS_KEY_ID"] = "ASIAHOUSEHOLD0000000";
        household.Variables["AWS_SECRET_ACCESS_KEY"] = "SENTINEL-second-key";
        household.Variables["AWS_SESSION_TOKEN"] = SessionToken;
        await household.Get();
        said.Add(await household.Ask("store", $$"""{"ServerURL":"{{Household.Host}}","Username":"AWS","Secret":"SENTINEL-stored"}"""));
        said.Add(await household.Ask("store", """{"ServerURL":"ghcr.io","Username":"me","Secret":"SENTINEL-stored"}"""));
        said.Add(await household.Ask("store", """{"Secret":"SENTINEL-stored","Secret":"SENTINEL-stored"}"""));
        said.Add(await household.Ask("erase"));
        said.Add(await household.Ask("list"));
        Behaviour[] troubles =
        [
            Behaviour.Deny, new Behaviour.GarbageHtml(), new Behaviour.Truncate(), new Behaviour.Lie(TokenLie.NotBase64),
            new Behaviour.Lie(TokenLie.NoUserName), new Behaviour.Lie(TokenLie.AlreadyExpired),
            new Behaviour.Fail(400, "UnrecognizedClientException", "The security token included in the request is invalid."),
        ];
        foreach (var trouble in troubles)
        {
            household.Aws.Always(Household.Token, trouble);
            said.Add(await household.Home.RunAsync(Programs.Ark, ["refresh", Household.Host]));
        }

        household.Variables["AWS_SECRET_ACCESS_KEY"] = "SENTINEL-wrong-key";
        said.Add(await household.Ask("get"));
        said.Add(await household.Ask("get", "ghcr.io"));
        said.Add(await household.Home.RunAsync(Programs.Ark, ["status", "--json"]));
        said.Add(await household.Home.RunAsync(Programs.Ark, ["status"]));

        var secrets = Secrets(household);
        Assert.All(said, result => Assert.DoesNotContain(secrets, secret => Holds(result.Output, secret) || Holds(result.Error, secret)));

        var daemon = await household.DaemonId();
        foreach (var file in (string[])[$"/proc/{daemon}/cmdline", $"/proc/{daemon}/environ"])
        {
            var bytes = Read(file);
            Assert.DoesNotContain(secrets, secret => Holds(bytes, secret));
        }

        var root = Path.GetDirectoryName(household.Home.Home)!;
        var files = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length > 0).ToList();
        Assert.Contains(household.LogFile, files);
        Assert.Contains("debug ", await File.ReadAllTextAsync(household.LogFile), StringComparison.Ordinal);
        Assert.All(files, file => Assert.DoesNotContain(secrets, secret => Holds(Read(file), secret)));
    }

    [Fact]
    public async Task No_debugger_may_attach_to_the_daemon_and_it_leaves_no_core()
    {
        var gdb = Programs.Find("gdb", "/usr/bin:/usr/local/bin");
        await using var household = await Household.StartAsync();
        using var daemon = household.StartDaemon("/bin/sh", "-c", "ulimit -c unlimited; exec \"$0\"");
        await household.DaemonAnswers();
        await household.Get();

        Assert.Contains("Max core file size        0                    0", await File.ReadAllTextAsync($"/proc/{daemon.Id}/limits"), StringComparison.Ordinal);
        if (gdb is not null && Environment.UserName != "root")
        {
            var attached = await household.Home.RunAsync(gdb, ["-batch", "-p", $"{daemon.Id}"]);
            Assert.Contains("ptrace: Operation not permitted", attached.ErrorText + attached.OutputText, StringComparison.Ordinal);
        }

        // .NET's own handler takes the first one for a fault that comes again when it returns.
        await Eventually.HoldsAsync("the daemon to crash", () =>
        {
            if (!daemon.HasExited)
            {
                household.Signal(daemon.Id, Household.Crash);
            }

            return daemon.HasExited;
        });
        Assert.Empty(Directory.EnumerateFiles(household.Home.Home, "core*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task What_belongs_to_the_daemon_is_the_users_alone()
    {
        await using var household = await Household.StartAsync();
        await household.Get();

        Assert.Equal("700", Mode(household.Home.DaemonDirectory));
        Assert.All(Directory.EnumerateFiles(household.Home.DaemonDirectory), file => Assert.Equal("600", Mode(file)));
        Assert.Equal("600", Mode(household.LogFile));
    }

    private static string Mode(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);

    /// <summary>Everything that the stand-in gave out or that was in a caller's environment, as it is and as base64 would carry it.</summary>
    private static List<byte[]> Secrets(Household household)
    {
        IEnumerable<string> plain =
            ["SENTINEL", .. household.Aws.Issued.Select(token => token.Password), .. household.Aws.Issued.Select(token => token.Password[200..260])];

        // Base64 of the same text looks different by where it begins.
        return
        [
            .. plain.Select(Encoding.UTF8.GetBytes),
            .. ((string[])["SENTINEL-", "xSENTINEL-", "xxSENTINEL-"]).Select(text => Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(text))[4..12])),
        ];
    }

    private static bool Holds(byte[] bytes, byte[] secret) => bytes.AsSpan().IndexOf(secret) >= 0;

    private static byte[] Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (UnauthorizedAccessException)
        {
            // The daemon lets nobody look at it, which is as good.
            return [];
        }
    }
}
