using System.Diagnostics;
using System.Text;
using Ark.Processes;
using Ark.Testing;
using Xunit;

namespace Ark.Tests.Processes;

public sealed class ProgramRunnerTests : IDisposable
{
    private readonly TemporaryHome _home = new();
    private readonly ManualClock _clock = new();

    public ProgramRunnerTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "the programs are shell scripts");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task It_gets_its_arguments_its_input_its_environment_and_nothing_else()
    {
        ProgramCall call = Call("printf '%s|' \"$@\"; cat; pwd; /usr/bin/env | sort | grep -v '^_=\\|^SHLVL=\\|^PWD='") with
        {
            Arguments = ["a b", "$HOME;", ""],
            Input = Encoding.UTF8.GetBytes("in\0put\n"),
            Environment = new Dictionary<string, string?> { ["HOME"] = _home.Home, ["ONE"] = "1\n=", ["NONE"] = null, ["PATH"] = "/usr/bin:/bin" },
        };

        using ProgramEnd.Ended ended = await EndAsync(call);

        Assert.Equal(0, ended.ExitCode);
        string output = Encoding.UTF8.GetString(ended.Output.Span);
        Assert.StartsWith($"a b|$HOME;||in\0put\n{_home.Home}\n", output, StringComparison.Ordinal);
        Assert.Equal($"=\nHOME={_home.Home}\nONE=1\nPATH=/usr/bin:/bin\n", output[(output.IndexOf(_home.Home + "\n", StringComparison.Ordinal) + _home.Home.Length + 1)..]);
    }

    [Fact]
    public async Task What_it_writes_to_standard_error_is_kept_up_to_a_bound_or_not_at_all()
    {
        ProgramCall call = Call("i=0; while [ $i -lt 20000 ]; do echo 0123456789 >&2; i=$((i+1)); done; echo out");

        using ProgramEnd.Ended without = await EndAsync(call);
        using ProgramEnd.Ended with = await EndAsync(call with { ErrorsKept = 15 });

        Assert.Equal(("out\n", ""), (Text(without.Output), Text(without.Errors)));
        Assert.Equal(("out\n", "0123456789\n0123"), (Text(with.Output), Text(with.Errors)));
    }

    [Theory]
    [InlineData(ProgramRunner.MaxOutput, true)]
    [InlineData(ProgramRunner.MaxOutput + 1, false)]
    public async Task It_may_print_64_KiB_and_no_more(int length, bool enough)
    {
        ProgramEnd end = await new ProgramRunner(_clock).RunAsync(Call($"head -c {length} /dev/zero"), Cancellation);

        if (enough)
        {
            using var ended = Assert.IsType<ProgramEnd.Ended>(end);
            Assert.Equal(length, ended.Output.Length);
        }
        else
        {
            Assert.IsType<ProgramEnd.TooLong>(end);
        }
    }

    [Fact]
    public async Task One_that_prints_for_ever_is_ended() =>
        Assert.IsType<ProgramEnd.TooLong>(await new ProgramRunner(_clock).RunAsync(Call("yes"), Cancellation));

    [Fact]
    public async Task What_it_printed_is_wiped_when_nobody_needs_it_any_more()
    {
        ProgramEnd.Ended ended = await EndAsync(Call("printf SENTINEL; printf SENTINEL >&2") with { ErrorsKept = 100 });
        ReadOnlyMemory<byte> output = ended.Output, errors = ended.Errors;
        Assert.Equal(("SENTINEL", "SENTINEL"), (Text(output), Text(errors)));

        ended.Dispose();

        Assert.Equal((new string('\0', 8), new string('\0', 8)), (Text(output), Text(errors)));
        Assert.True(ended.Output.IsEmpty && ended.Errors.IsEmpty);
    }

    [Fact]
    public async Task Input_that_it_does_not_read_does_not_hold_it_up()
    {
        using ProgramEnd.Ended ended = await EndAsync(Call("exit 7") with { Input = new byte[1 << 20] });

        Assert.Equal(7, ended.ExitCode);
    }

    [Fact]
    public async Task One_that_is_not_there_or_has_nowhere_to_be_is_not_started()
    {
        ProgramCall call = Call("exit 0");

        Assert.IsType<ProgramEnd.NotStarted>(await new ProgramRunner(_clock).RunAsync(call with { Executable = "/nowhere/at-all" }, Cancellation));
        Assert.IsType<ProgramEnd.NotStarted>(await new ProgramRunner(_clock).RunAsync(call with { Executable = _home.Write("plain", "exit 0") }, Cancellation));
        Assert.IsType<ProgramEnd.NotStarted>(await new ProgramRunner(_clock).RunAsync(call with { WorkingDirectory = "/nowhere" }, Cancellation));
    }

    [Fact]
    public async Task One_that_takes_too_long_is_ended_with_its_children()
    {
        string pipe = await MakePipeAsync();
        Task<ProgramEnd> run = new ProgramRunner(_clock).RunAsync(Holding(pipe), Cancellation);
        using StreamReader alive = await StartedAsync(pipe);

        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.IsType<ProgramEnd.TimedOut>(await run);
        Assert.Null(await EndOf(alive));
    }

    [Fact]
    public async Task One_for_which_nobody_waits_any_more_is_ended_with_its_children()
    {
        using var stop = new CancellationTokenSource();
        string pipe = await MakePipeAsync();
        Task<ProgramEnd> run = new ProgramRunner(_clock).RunAsync(Holding(pipe), stop.Token);
        using StreamReader alive = await StartedAsync(pipe);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Null(await EndOf(alive));
    }

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 3", 3)]
    public async Task After_a_run_that_succeeded_or_failed_nothing_of_its_process_group_survives(string end, int exitCode)
    {
        string pipe = await MakePipeAsync();
        Task<ProgramEnd> run = new ProgramRunner(_clock).RunAsync(Call($"sleep 1000 3>\"{pipe}\" & echo started > \"{pipe}\"; echo result; {end}"), Cancellation);
        using StreamReader alive = await StartedAsync(pipe);

        using var ended = Assert.IsType<ProgramEnd.Ended>(await run);

        Assert.Equal(exitCode, ended.ExitCode);
        Assert.True(exitCode != 0 || Text(ended.Output) == "result\n");
        Assert.Null(await EndOf(alive));
    }

    [Fact]
    public async Task One_that_a_signal_ended_is_told_from_one_that_ended_by_itself()
    {
        using ProgramEnd.Ended ended = await EndAsync(Call("kill -TERM $$"));

        Assert.Equal(128 + 15, ended.ExitCode);
    }

    [Fact]
    public async Task Many_at_once_each_get_their_own_input_and_exit_code()
    {
        ProgramEnd[] ends = await Task.WhenAll(Enumerable.Range(0, 24).Select(number => new ProgramRunner(_clock).RunAsync(
            Call($"cat; exit {number}") with { Input = Encoding.UTF8.GetBytes($"input {number}"), KeepsOutputOfFailure = true }, Cancellation)));

        for (int number = 0; number < ends.Length; number++)
        {
            using var ended = Assert.IsType<ProgramEnd.Ended>(ends[number]);
            Assert.Equal((number, $"input {number}"), (ended.ExitCode, Text(ended.Output)));
        }
    }

    [Fact]
    public async Task A_child_in_a_session_of_its_own_that_keeps_the_output_open_is_waited_for_no_longer_than_a_second()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/setsid"), "there is no setsid");
        ProgramCall call = Call("""mkfifo "$HOME/own"; setsid sh -c 'echo > "$HOME/own"; exec sleep 1000' & read started < "$HOME/own"; exit 0""");
        Task<ProgramEnd> run = new ProgramRunner(_clock).RunAsync(call, Cancellation);

        // Its limit, and the second.
        await _clock.TimersSet(2);
        _clock.Advance(ProgramRunner.Grace);

        using var ended = Assert.IsType<ProgramEnd.Ended>(await run);
        Assert.Equal(0, ended.ExitCode);
    }

    [Fact]
    public async Task What_a_failing_program_printed_is_waited_for_only_where_it_is_wanted()
    {
        using ProgramEnd.Ended ended = await EndAsync(Call("sleep 1000 & exit 3"));
        Assert.Equal(3, ended.ExitCode);

        using ProgramEnd.Ended wanted = await EndAsync(Call("echo why; exit 3") with { KeepsOutputOfFailure = true });
        Assert.Equal((3, "why\n"), (wanted.ExitCode, Text(wanted.Output)));
    }

    [Fact]
    public void The_own_environment_can_be_had_without_a_family_of_variables()
    {
        Dictionary<string, string?> whole = OwnEnvironment.Without("\0");

        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), whole["PATH"]);
        Assert.DoesNotContain(OwnEnvironment.Without("pa").Keys, name => name.StartsWith("PA", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_bare_name_is_looked_up_on_the_path_and_then_in_further_places()
    {
        string first = _home.WriteScript("first/tool", "#!/bin/sh\n"), second = _home.WriteScript("second/tool", "#!/bin/sh\n");
        _home.Write("plain/tool", "no program");
        string Folder(string name) => Path.Combine(_home.Home, name);

        Assert.Equal(first, new ProgramSearch($"{Folder("plain")}:{Folder("first")}").Find("tool", Folder("second")));
        Assert.Equal(second, new ProgramSearch($"relative:{Folder("plain")}").Find("tool", "second", Folder("second")));
        Assert.Null(new ProgramSearch(null).Find("tool", "second"));
        Assert.Null(new ProgramSearch(Folder("first")).Find("../first/tool"));
        Assert.Equal("/nowhere/tool", new ProgramSearch(null).Find("/nowhere/tool"));
    }

    [Fact]
    public void A_call_says_nothing_of_what_it_was_given() =>
        Assert.DoesNotContain(
            "SENTINEL",
            (Call("SENTINEL") with { Arguments = ["SENTINEL"], Environment = new Dictionary<string, string?> { ["A"] = "SENTINEL" } }).ToString(),
            StringComparison.Ordinal);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static Task<string?> EndOf(StreamReader pipe) => pipe.ReadLineAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancellation);

    private ProgramCall Call(string script) => new()
    {
        Executable = _home.WriteScript($"script-{Guid.NewGuid():N}", $"#!/bin/sh\n{script}\n"),
        Environment = new Dictionary<string, string?> { ["HOME"] = _home.Home, ["PATH"] = "/usr/bin:/bin" },
        WorkingDirectory = _home.Home,
        Limit = TimeSpan.FromSeconds(5),
    };

    private async Task<ProgramEnd.Ended> EndAsync(ProgramCall call) =>
        Assert.IsType<ProgramEnd.Ended>(await new ProgramRunner(_clock).RunAsync(call, Cancellation));

    /// <summary>A program with a child, both of which hold the pipe open.</summary>
    private ProgramCall Holding(string pipe) => Call($"exec 3>\"{pipe}\"; echo started >&3; sleep 1000; true");

    private async Task<string> MakePipeAsync()
    {
        string path = Path.Combine(_home.Home, "alive");
        using Process mkfifo = Process.Start("mkfifo", [path]);
        await mkfifo.WaitForExitAsync(Cancellation);
        return path;
    }

    private static async Task<StreamReader> StartedAsync(string path)
    {
        StreamReader pipe = await Task.Run(() => new StreamReader(path), Cancellation);
        Assert.Equal("started", await pipe.ReadLineAsync(Cancellation));
        return pipe;
    }
}
