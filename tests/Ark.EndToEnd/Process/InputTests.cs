using System.Diagnostics;
using System.Text;
using Ark.EndToEnd.Hosts;
using Ark.Testing;
using Xunit;

namespace Ark.EndToEnd.Process;

/// <summary>What comes on standard input and the command line, and what never comes.</summary>
public sealed class InputTests(InputTests.Daemon daemon) : IClassFixture<InputTests.Daemon>
{
    private const string Usage = "Usage: docker-credential-ark <store|get|erase|list|version>\n";

    private ServedHome Served => daemon.Served;

    [Fact]
    public async Task P10_a_closed_standard_input_is_refused_at_once()
    {
        ServedHome.AssertRejected(await Served.BashAsync("exec \"$HELPER\" get <&-"));
        ServedHome.AssertRejected(await Served.BashAsync("exec \"$HELPER\" store <&- 2>&2"));

        // Without all three a socket would become one of them.
        ProgramResult bare = await Served.BashAsync("\"$HELPER\" get <&- >&- 2>&-; echo $?");
        Assert.Equal("1\n", bare.OutputText);
    }

    [Fact]
    public async Task P11_P12_P13_input_that_does_not_end_is_given_up_after_five_seconds()
    {
        async Task<(ProgramResult Result, TimeSpan Time)> Timed(Func<Task<ProgramResult>> run)
        {
            var time = Stopwatch.StartNew();
            return (await run(), time.Elapsed);
        }

        Task<ProgramResult> Open(string verb, string input) =>
            Programs.RunAsync(Programs.Helper, [verb], Served.Home.Variables, Encoding.UTF8.GetBytes(input), Served.Home.Home, keepInputOpen: true);

        var all = await Task.WhenAll(
            Timed(() => Open("get", "")),
            Timed(() => Open("get", $"{ServedHome.Host}\n")),
            Timed(() => Open("store", "{")),
            Timed(() => Served.BashAsync("for i in 1 2 3 4 5 6 7 8 9 10; do printf 1 2>/dev/null || exit; sleep 1; done | \"$HELPER\" get; exit ${PIPESTATUS[1]}")));
        foreach ((ProgramResult result, TimeSpan time) in all)
        {
            ServedHome.AssertRejected(result);
            Assert.Equal("standard input was not closed within 5 seconds\n", result.OutputText);
            Assert.InRange(time.TotalSeconds, 4.9, 11);
        }
    }

    [Fact]
    public async Task P14_a_directory_a_terminal_and_a_write_only_file_are_refused_at_once()
    {
        ServedHome.AssertRejected(await Served.BashAsync("exec \"$HELPER\" get < /"));
        ServedHome.AssertRejected(await Served.BashAsync("exec \"$HELPER\" get 0> \"$HOME/write-only\""));

        Assert.SkipWhen(Programs.Find("script", Served.Home.Variables["PATH"]) is null, "needs script");
        ProgramResult terminal = await Served.BashAsync("script -qec '\"$HELPER\" get' /dev/null < /dev/null; echo $?");
        Assert.Contains("standard input is closed, a directory or a terminal", terminal.OutputText, StringComparison.Ordinal);
        Assert.EndsWith("1\n", terminal.OutputText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("fetch")]
    [InlineData("GET")]
    [InlineData("get erase")]
    [InlineData("get " + ServedHome.Host)]
    [InlineData(ServedHome.Host)]
    public async Task P15_P23_anything_but_one_verb_is_usage(string arguments)
    {
        ProgramResult result = await Programs.RunAsync(
            Programs.Helper, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), Served.Home.Variables, Encoding.UTF8.GetBytes(ServedHome.Host));
        Assert.True(result.ExitCode == 1 && result.OutputText.EndsWith(Usage, StringComparison.Ordinal), $"{result}");
        Assert.DoesNotContain("Secret", result.OutputText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("printf unused | \"$HELPER\" list")]
    [InlineData("\"$HELPER\" list < /dev/null")]
    [InlineData("\"$HELPER\" list <&-")]
    [InlineData("\"$HELPER\" list < /")]
    [InlineData("\"$HELPER\" list < <(head -c 1048576 /dev/zero 2>&-)")]
    [InlineData("exec 3< <(sleep 60); \"$HELPER\" list <&3; kill %1 $! 2>/dev/null; true")]
    public async Task P16_P17_list_does_not_care_about_its_input(string script)
    {
        ProgramResult list = await Served.BashAsync(script);
        Assert.True(list.ExitCode == 0 && list.ErrorText.Length == 0, $"{list}");
        Assert.Contains($"\"{ServedHome.Host}\":\"AWS\"", list.OutputText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task P18_store_succeeds_in_silence_and_keeps_nothing()
    {
        const string Secret = "SENTINEL-stored-secret";
        ProgramResult stored = await Served.HelperAsync("store", $$"""{"ServerURL":"{{ServedHome.Host}}","Username":"AWS","Secret":"{{Secret}}"}""" + "\n");
        Assert.Equal((0, "", ""), (stored.ExitCode, stored.OutputText, stored.ErrorText));

        string above = Path.GetDirectoryName(Served.Home.Home)!;
        IEnumerable<string> files = Directory.EnumerateFiles(above, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(file => file != Served.Socket && new FileInfo(file).Length > 0);
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.DoesNotContain(Secret, File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"\"")]
    [InlineData("""{"ServerURL":"h","ServerURL":"h","Username":"u","Secret":"s"}""")]
    [InlineData("""{"ServerURL":"\ud800","Username":"u","Secret":"s"}""")]
    [InlineData("""{"ServerURL":"h","Username":"u","Secret":{}}""")]
    [InlineData("""{"ServerURL":"quay.io","Username":"u","Secret":"s"}""")]
    public async Task P19_what_cannot_be_stored_is_refused(string json) => ServedHome.AssertRejected(await Served.HelperAsync("store", json));

    [Fact]
    public async Task P19_however_much_of_it_there_is()
    {
        ServedHome.AssertRejected(await Served.HelperAsync("store", new string('[', 10_000)));
        ServedHome.AssertRejected(await Served.HelperAsync("store", new string('[', 65_536)));
        ServedHome.AssertRejected(await Served.BashAsync("head -c 100000000 /dev/zero 2>/dev/null | \"$HELPER\" store; exit ${PIPESTATUS[1]}"));
        ServedHome.AssertRejected(await Served.BashAsync("yes 2>/dev/null | \"$HELPER\" get; exit ${PIPESTATUS[1]}"));
    }

    [Theory]
    [InlineData(ServedHome.Host)]
    [InlineData("quay.io")]
    [InlineData("")]
    [InlineData("$(id)\u001b[31m\0\r\n")]
    [InlineData("https://evil.com@" + ServedHome.Host)]
    public async Task P20_erase_succeeds_in_silence(string input)
    {
        ProgramResult erased = await Served.HelperAsync("erase", input);
        Assert.Equal((0, "", ""), (erased.ExitCode, erased.OutputText, erased.ErrorText));
        ProgramResult closed = await Served.BashAsync("exec \"$HELPER\" erase <&-");
        Assert.Equal((0, "", ""), (closed.ExitCode, closed.OutputText, closed.ErrorText));
    }

    public sealed class Daemon : IAsyncLifetime
    {
        public ServedHome Served { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Served = await ServedHome.StartAsync();
            Served.AssertServed(await Served.HelperAsync("get", ServedHome.Host));
        }

        public ValueTask DisposeAsync() => Served.DisposeAsync();
    }
}
