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
        await using var fixture = await DaemonFixture.StartAsync();
        fixture.Variables["ARK_LOG"] = "debug";
        fixture.Aws.AddPrincipal("ASIAHOUSEHOLD0000000", "SENTINEL-second-key", SessionToken);
        var said = new List<ProgramResult>();

        // Answers first, then every way to fail.
        await fixture.Get();
        Assert.Equal(0, (await fixture.Home.RunAsync(Programs.Ark, ["token", DaemonFixture.Host])).ExitCode);
        said.Add(await fixture.Home.RunAsync(Programs.Ark, ["refresh"]));
        said.Add(await fixture.Home.RunAsync(Programs.Ark, ["refresh", DaemonFixture.Host]));
        fixture.Variables["AWS_ACCESS_KEY_ID"] = "ASIAHOUSEHOLD0000000";
        fixture.Variables["AWS_SECRET_ACCESS_KEY"] = "SENTINEL-second-key";
        fixture.Variables["AWS_SESSION_TOKEN"] = SessionToken;
        await fixture.Get();
        said.Add(await fixture.Ask("store", $$"""{"ServerURL":"{{DaemonFixture.Host}}","Username":"AWS","Secret":"SENTINEL-stored"}"""));
        said.Add(await fixture.Ask("store", """{"ServerURL":"ghcr.io","Username":"me","Secret":"SENTINEL-stored"}"""));
        said.Add(await fixture.Ask("store", """{"Secret":"SENTINEL-stored","Secret":"SENTINEL-stored"}"""));
        said.Add(await fixture.Ask("erase"));
        said.Add(await fixture.Ask("list"));
        Behavior[] troubles =
        [
            Behavior.Deny, new Behavior.GarbageHtml(), new Behavior.Truncate(), new Behavior.Lie(TokenLie.NotBase64),
            new Behavior.Lie(TokenLie.NoUserName), new Behavior.Lie(TokenLie.AlreadyExpired),
            new Behavior.Fail(400, "UnrecognizedClientException", "The security token included in the request is invalid."),
        ];
        foreach (var trouble in troubles)
        {
            fixture.Aws.Always(DaemonFixture.Token, trouble);
            said.Add(await fixture.Home.RunAsync(Programs.Ark, ["refresh", DaemonFixture.Host]));
        }

        fixture.Variables["AWS_SECRET_ACCESS_KEY"] = "SENTINEL-wrong-key";
        said.Add(await fixture.Ask("get"));
        said.Add(await fixture.Ask("get", "ghcr.io"));
        said.Add(await fixture.Home.RunAsync(Programs.Ark, ["status", "--json"]));
        said.Add(await fixture.Home.RunAsync(Programs.Ark, ["status"]));

        var secrets = Secrets(fixture);
        Assert.All(said, result => Assert.DoesNotContain(secrets, secret => Holds(result.Output, secret) || Holds(result.Error, secret)));

        var daemon = await fixture.DaemonId();
        foreach (var file in (string[])[$"/proc/{daemon}/cmdline", $"/proc/{daemon}/environ"])
        {
            var bytes = Read(file);
            Assert.DoesNotContain(secrets, secret => Holds(bytes, secret));
        }

        var root = Path.GetDirectoryName(fixture.Home.Home)!;
        var files = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length > 0).ToList();
        Assert.Contains(fixture.LogFile, files);
        Assert.Contains("debug ", await File.ReadAllTextAsync(fixture.LogFile), StringComparison.Ordinal);
        Assert.All(files, file => Assert.DoesNotContain(secrets, secret => Holds(Read(file), secret)));
    }

    [Fact]
    public async Task No_debugger_may_attach_to_the_daemon_and_it_leaves_no_core()
    {
        var gdb = Programs.Find("gdb", "/usr/bin:/usr/local/bin");
        await using var fixture = await DaemonFixture.StartAsync();
        using var daemon = fixture.StartDaemon("/bin/sh", "-c", "ulimit -c unlimited; exec \"$0\"");
        await fixture.DaemonAnswers();
        await fixture.Get();

        // One byte: at a limit of zero Linux still pipes a core to a program that the machine names.
        Assert.Contains("Max core file size        1                    1", await File.ReadAllTextAsync($"/proc/{daemon.Id}/limits"), StringComparison.Ordinal);
        if (gdb is not null && Environment.UserName != "root")
        {
            var attached = await fixture.Home.RunAsync(gdb, ["-batch", "-p", $"{daemon.Id}"]);
            Assert.Contains("ptrace: Operation not permitted", attached.ErrorText + attached.OutputText, StringComparison.Ordinal);
        }

        // .NET's own handler takes the first one for a fault that comes again when it returns.
        await Eventually.HoldsAsync("the daemon to crash", () =>
        {
            if (!daemon.HasExited)
            {
                fixture.Signal(daemon.Id, DaemonFixture.Crash);
            }

            return daemon.HasExited;
        });
        Assert.Empty(Directory.EnumerateFiles(fixture.Home.Home, "core*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task What_belongs_to_the_daemon_is_the_users_alone()
    {
        await using var fixture = await DaemonFixture.StartAsync();
        await fixture.Get();

        Assert.Equal("700", Mode(fixture.Home.DaemonDirectory));
        Assert.All(Directory.EnumerateFiles(fixture.Home.DaemonDirectory), file => Assert.Equal("600", Mode(file)));
        Assert.Equal("600", Mode(fixture.LogFile));
    }

    private static string Mode(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);

    /// <summary>Everything that the stand-in gave out or that was in a caller's environment, as it is and as base64 would carry it.</summary>
    private static List<byte[]> Secrets(DaemonFixture fixture)
    {
        IEnumerable<string> plain =
            ["SENTINEL", .. fixture.Aws.Issued.Select(token => token.Password), .. fixture.Aws.Issued.Select(token => token.Password[200..260])];

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
