using System.Text;
using Ark.Client;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Client;

public sealed class DaemonClientTests
{
    private readonly FakeDaemons _world = new();

    [Fact]
    public void A_running_daemon_is_asked_and_its_answer_passed_on()
    {
        _world.Transport.Add(_world.Good());
        Reply reply = Answered(_world.Get());
        Assert.Equal((0, "credentials\n", "note\n"), (reply.ExitCode, Text(reply.Stdout), Text(reply.Stderr)));
        Assert.Equal(["open", "Request", "close"], _world.Events);
    }

    [Fact]
    public void An_answer_in_parts_is_put_together()
    {
        string longText = string.Join('\n', Enumerable.Range(0, 30_000));
        _world.Transport.Add(_world.Good(text: longText));
        Assert.Equal(longText, Text(Answered(_world.Get()).Stdout));
    }

    [Fact]
    public void An_absent_daemon_is_started_once_or_left_alone()
    {
        _world.Transport.Add(FakeDaemons.Absent);
        _world.Starts.Add(_world.Good());
        Assert.IsType<AskResult.Absent>(_world.Get(StartMode.OnlyIfRunning));
        Assert.Equal(["open"], _world.Events);

        Answered(_world.Get());
        Assert.Equal(["open", "open", "start", "Request", "close"], _world.Events);
    }

    [Fact]
    public void A_daemon_that_dies_over_a_request_is_replaced_and_asked_again()
    {
        _world.Transport.AddRange([_world.Dying(), FakeDaemons.Absent]);
        _world.Starts.Add(_world.Good());
        Assert.Equal("note\n", Text(Answered(_world.Get()).Stderr));
        Assert.Equal(["open", "Request", "close", "open", "start", "Request", "close"], _world.Events);
    }

    [Fact]
    public void A_daemon_that_dies_in_the_middle_of_an_answer_is_replaced_too()
    {
        _world.Transport.AddRange([_world.Answering(id => [FakeDaemons.Reply()(id).Single()[..^1]]), _world.Good()]);
        Answered(_world.Get());
    }

    [Fact]
    public void Daemons_that_all_die_are_done_without()
    {
        _world.Transport.Add(_world.Dying());
        _world.OneShot = OneShot(_world.Good());
        Reply reply = Answered(_world.Get());
        Assert.Equal("credentials\n", Text(reply.Stdout));
        Assert.StartsWith(
            "note\nark: warning: no daemon, so nothing is cached: the daemon died before it answered\nark: hint: try again; ",
            Text(reply.Stderr),
            StringComparison.Ordinal);
        Assert.Equal(3, _world.Events.Count(e => e == "open"));
    }

    [Fact]
    public void A_daemon_that_ends_after_a_long_start_is_not_started_a_second_time()
    {
        _world.Transport.Add(FakeDaemons.Absent);
        _world.Starts.Add(() =>
        {
            _world.Clock.Advance(TimeSpan.FromSeconds(7));
            return _world.Ending(new Ending(new ConnectResult.Refused("arkd stopped", "run it by hand"), MayRetry: true))();
        });
        _world.OneShot = OneShot(_world.Good());

        Reply reply = Answered(_world.Get());

        Assert.Contains("nothing is cached: arkd stopped", Text(reply.Stderr), StringComparison.Ordinal);
        Assert.Single(_world.Events, "start");
    }

    [Fact]
    public void Without_any_daemon_the_reason_is_told()
    {
        _world.Transport.Add(FakeDaemons.Absent);
        _world.Starts.Add(() => new ConnectResult.Refused("arkd is not there", "reinstall"));
        Assert.Equal(new AskResult.Failed("arkd is not there", "reinstall"), _world.Get());

        _world.OneShot = OneShot(_world.Dying());
        Assert.Equal(new AskResult.Failed("arkd is not there", "reinstall"), _world.Get());
    }

    [Fact]
    public void An_older_protocol_makes_the_daemon_leave_and_its_successor_answer()
    {
        _world.Transport.AddRange([OtherVersion(0), _world.Dying(), FakeDaemons.Absent]);
        _world.Starts.Add(_world.Good());
        Answered(_world.Get());
        Assert.Equal(["open", "Request", "close", "open", "Leave", "close", "open", "start", "Request", "close"], _world.Events);
    }

    [Fact]
    public void An_older_protocol_that_comes_back_is_done_without()
    {
        _world.Transport.AddRange([OtherVersion(0), _world.Dying(), OtherVersion(0)]);
        _world.OneShot = OneShot(_world.Good());
        Assert.Contains("version 0 of the protocol, this program 1", Text(Answered(_world.Get()).Stderr), StringComparison.Ordinal);
        Assert.Single(_world.Events, "Leave");
    }

    [Fact]
    public void A_newer_protocol_is_left_alone_and_done_without()
    {
        _world.Transport.Add(OtherVersion(2));
        _world.OneShot = OneShot(_world.Good());
        Assert.Contains("version 2 of the protocol", Text(Answered(_world.Get()).Stderr), StringComparison.Ordinal);
        Assert.DoesNotContain("Leave", _world.Events);

        var failed = Assert.IsType<AskResult.Failed>(_world.Get(StartMode.OnlyIfRunning));
        Assert.Contains("version 2", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_build_answers_and_is_asked_to_leave_without_a_wait()
    {
        // The second connection never says anything: waiting for it would cost the answer its time.
        _world.Transport.AddRange([_world.Good(build: "0.0.1"), _world.Silent()]);
        Answered(_world.Get());
        Assert.Equal(["open", "Request", "close", "open", "Leave", "close"], _world.Events);
        Assert.Equal(TimeSpan.Zero, _world.Clock.GetElapsedTime(0));
    }

    [Fact]
    public void What_an_older_build_refuses_is_asked_of_its_successor()
    {
        _world.Transport.AddRange(
            [_world.Answering(FakeDaemons.Reply("0.0.1", "malformed request\n", exitCode: 1)), _world.Dying(), FakeDaemons.Absent]);
        _world.Starts.Add(_world.Good());
        Assert.Equal("credentials\n", Text(Answered(_world.Get()).Stdout));
        Assert.Equal(["open", "Request", "close", "open", "Leave", "close", "open", "start", "Request", "close"], _world.Events);
    }

    [Fact]
    public void Half_an_upgrade_starts_no_other_daemon_and_is_said_once()
    {
        int asked = 0;
        string? kept = null;
        _world.Transport.Add(_world.Good(build: "0.0.1"));
        _world.OneShot = OneShot(OtherVersion(1));
        _world.Installed = ask =>
        {
            bool isNews = kept is null;
            if (isNews)
            {
                asked++;
                kept = ask();
            }

            return new Installed(kept!, isNews);
        };

        string[] notes = [.. Enumerable.Range(0, 300).Select(_ => Text(Answered(_world.Get()).Stderr))];

        Assert.Equal((1, "0.0.1"), (asked, kept));
        Assert.Equal(
            $"note\nark: warning: arkd is version 0.0.1, this program {Build.Current}\n"
                + "ark: hint: install one version of ark, then: ark daemon restart\n",
            notes[0]);
        Assert.All(notes[1..], note => Assert.Equal("note\n", note));
        Assert.DoesNotContain("Leave", _world.Events);
        Assert.DoesNotContain("start", _world.Events);
        Assert.Single(_world.Events, "one-shot");
    }

    [Fact]
    public void An_older_daemon_makes_room_for_an_executable_that_is_newer_than_it_though_older_than_us()
    {
        _world.Transport.AddRange([_world.Good(build: "0.0.1"), _world.Silent()]);
        _world.Installed = _ => new Installed("0.0.2", IsNews: true);
        Answered(_world.Get());
        Assert.Equal(["open", "Request", "close", "open", "Leave", "close"], _world.Events);
    }

    [Fact]
    public void An_older_protocol_whose_executable_is_no_newer_is_done_without_and_left_alone()
    {
        _world.Transport.Add(OtherVersion(0));
        _world.Installed = _ => new Installed("0.0.1", IsNews: false);
        _world.OneShot = OneShot(_world.Good());
        Assert.Contains("version 0 of the protocol", Text(Answered(_world.Get()).Stderr), StringComparison.Ordinal);
        Assert.DoesNotContain("Leave", _world.Events);
    }

    [Fact]
    public void A_request_that_is_sent_back_is_answered_by_our_own_one_shot_without_a_warning()
    {
        _world.Transport.Add(_world.SendingBack());
        _world.OneShot = OneShot(_world.Good());
        Assert.Equal("note\n", Text(Answered(_world.Get()).Stderr));
        Assert.Equal(["open", "Request", "close", "one-shot", "Request", "close"], _world.Events);
    }

    [Fact]
    public void A_request_that_is_sent_back_where_there_is_no_arkd_says_where_to_install_it()
    {
        _world.Transport.Add(_world.SendingBack());
        var failed = Assert.IsType<AskResult.Failed>(_world.Get());
        Assert.Contains("outside of this container", failed.Message, StringComparison.Ordinal);
        Assert.Contains("install arkd in the container", failed.Hint, StringComparison.Ordinal);

        _world.OneShot = OneShot(_world.Good());
        Assert.IsType<AskResult.Failed>(_world.Get(StartMode.OnlyIfRunning));
    }

    [Fact]
    public void A_daemon_that_cannot_answer_is_named_with_its_reason_and_not_tried_again()
    {
        _world.Transport.Add(FakeDaemons.Absent);
        _world.Starts.Add(_world.Ending(new Ending(new ConnectResult.Refused("libssl.so.3 is missing", "install it"), MayRetry: false)));
        Assert.Equal(new AskResult.Failed("libssl.so.3 is missing", "install it"), _world.Get());
        Assert.Single(_world.Events, "start");
    }

    [Fact]
    public void A_daemon_that_was_killed_is_tried_again_and_then_named_with_its_reason()
    {
        _world.Transport.Add(FakeDaemons.Absent);
        _world.Starts.Add(_world.Ending(new Ending(new ConnectResult.Refused("stopped by signal 9", "look"), MayRetry: true)));
        Assert.Equal(new AskResult.Failed("stopped by signal 9", "look"), _world.Get());
        Assert.Equal(3, _world.Events.Count(e => e == "start"));
    }

    [Theory]
    [InlineData("999.0.0")]
    [InlineData("nonsense")]
    public void A_newer_or_unreadable_build_is_left_alone(string build)
    {
        _world.Transport.Add(_world.Good(build));
        Answered(_world.Get());
        Assert.DoesNotContain("Leave", _world.Events);
    }

    [Fact]
    public void A_busy_daemon_is_waited_for()
    {
        _world.Transport.AddRange([FakeDaemons.Busy, FakeDaemons.Busy, _world.Good()]);
        Answered(_world.Get());
    }

    [Fact]
    public void A_daemon_that_stays_busy_is_done_without_while_there_is_time()
    {
        _world.Transport.Add(() =>
        {
            _world.Clock.Advance(TimeSpan.FromSeconds(1));
            return FakeDaemons.Busy();
        });
        _world.OneShot = OneShot(_world.Good());
        Assert.Contains("does not take connections", Text(Answered(_world.Get()).Stderr), StringComparison.Ordinal);
        Assert.InRange(_world.Clock.GetElapsedTime(0), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_foreign_daemon_learns_nothing()
    {
        _world.Transport.Add(FakeDaemons.Refused);
        _world.OneShot = OneShot(_world.Good());
        Assert.Contains("another user answers", Text(Answered(_world.Get()).Stderr), StringComparison.Ordinal);
        Assert.Equal(["open", "one-shot", "Request", "close"], _world.Events);
        Assert.IsType<AskResult.Failed>(_world.Get(StartMode.OnlyIfRunning));
    }

    [Fact]
    public void Without_a_safe_place_it_works_once_and_says_what_to_repair()
    {
        _world.Address = new DaemonAddress.Refused("the directory is open to others", "chmod 700");
        _world.OneShot = OneShot(_world.Good());
        Assert.Contains(
            "the directory is open to others\nark: hint: chmod 700\n", Text(Answered(_world.Get()).Stderr), StringComparison.Ordinal);
        Assert.Equal(new AskResult.Failed("the directory is open to others", "chmod 700"), _world.Get(StartMode.OnlyIfRunning));
    }

    [Fact]
    public void Silence_ends_with_the_one_deadline_of_the_call()
    {
        _world.Transport.Add(_world.Silent());
        var failed = Assert.IsType<AskResult.Failed>(_world.Get());
        Assert.Equal("the daemon did not answer within 25 seconds", failed.Message);
        Assert.Equal(25, _world.Clock.GetElapsedTime(0).TotalSeconds, 3);
        Assert.DoesNotContain("one-shot", _world.Events);
    }

    [Fact]
    public void An_answer_to_another_request_is_no_answer()
    {
        _world.Transport.Add(_world.Answering(id => FakeDaemons.Reply(text: "SENTINEL-replayed")(id ^ 1)));
        Assert.Equal("what came back is no answer to our request", Assert.IsType<AskResult.Failed>(_world.Get()).Message);
    }

    public static TheoryData<string, byte[]> NoAnswers => new()
    {
        { "noise", "HTTP/1.1 400 Bad Request\r\n"u8.ToArray() },
        { "a request", Frame.Join(FrameType.Request, 0, "x"u8) },
        { "an empty body", [.. "ARK\x1A\x01\x81"u8, .. new byte[14]] },
    };

    [Theory]
    [MemberData(nameof(NoAnswers))]
    public void Nonsense_is_no_answer(string what, byte[] bytes)
    {
        _world.Transport.Add(_world.Answering(_ => [bytes]));
        Assert.True(_world.Get() is AskResult.Failed, what);
    }

    [Fact]
    public void A_malformed_or_endless_answer_is_no_answer()
    {
        _world.Transport.Add(_world.Answering(id => [Frame.Join(FrameType.Reply, id, "xyz"u8)]));
        Assert.IsType<AskResult.Failed>(_world.Get());
        _world.Transport[0] = _world.Answering(id => Enumerable.Repeat(Frame.Join(FrameType.ReplyPart, id, new byte[Frame.MaxBody]), 300));
        Assert.IsType<AskResult.Failed>(_world.Get());
        _world.Transport[0] = _world.Answering(id => [Frame.Join(FrameType.OtherVersion, id, "0.1.0"u8)]);
        Assert.IsType<AskResult.Failed>(_world.Get());
    }

    [Fact]
    public void The_callers_variables_travel_and_nothing_else_of_them()
    {
        Request? seen = null;
        _world.Environment["AWS_PROFILE"] = "dev";
        _world.Environment["LD_PRELOAD"] = "x";
        _world.Transport.Add(
            () => new ConnectResult.Connected(new Recording(frame => seen = Request.Parse(frame.AsSpan(Frame.HeaderLength)))));
        _world.Get();
        Assert.Equal((1, "dev"), (seen!.Identity.Count, seen.Identity.Text("AWS_PROFILE")));
        Assert.Equal((Verb.Get, "host"), (seen.Verb, Text(seen.Payload)));
    }

    [Fact]
    public void A_request_that_is_too_large_is_refused_before_anybody_is_asked()
    {
        _world.Environment["AWS_SESSION_TOKEN"] = new string('x', 65_530);
        Assert.Contains("64 KiB", Assert.IsType<AskResult.Failed>(_world.Get()).Message, StringComparison.Ordinal);
        Assert.Empty(_world.Events);
    }

    [Fact]
    public void Request_ids_do_not_repeat()
    {
        HashSet<ulong> ids = [];
        _world.Transport.Add(_world.Answering(id =>
        {
            ids.Add(id);
            return FakeDaemons.Reply()(id);
        }));
        for (int i = 0; i < 100; i++)
        {
            _world.Get();
        }

        Assert.Equal(100, ids.Count);
    }

    [Fact]
    public void Leave_is_true_when_the_daemon_has_gone_or_was_not_there()
    {
        _world.Transport.Add(_world.Dying());
        Assert.True(_world.Client.Shutdown());
        Assert.Equal(["open", "Leave", "close"], _world.Events);

        _world.Transport[0] = FakeDaemons.Absent;
        Assert.True(_world.Client.Shutdown());
    }

    [Fact]
    public void Leave_is_false_when_the_daemon_stays_or_cannot_be_asked()
    {
        foreach (var door in new[] { _world.Silent(), FakeDaemons.Busy, FakeDaemons.Refused })
        {
            _world.Transport.Clear();
            _world.Transport.Add(door);
            Assert.False(_world.Client.Shutdown());
        }
    }

    private Func<ConnectResult> OtherVersion(byte version) =>
        _world.Answering(id => [Frame.Join(FrameType.OtherVersion, id, "0.0.1"u8, version)]);

    private static Func<Connection?> OneShot(Func<ConnectResult> connection) => () => ((ConnectResult.Connected)connection()).Connection;

    private static Reply Answered(AskResult result) => Assert.IsType<AskResult.Answered>(result).Reply;

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private sealed class Recording(Action<byte[]> see) : Connection
    {
        public override Transfer Write(ReadOnlySpan<byte> bytes, Deadline deadline)
        {
            see(bytes.ToArray());
            return Transfer.Done;
        }

        public override Transfer Read(Span<byte> bytes, Deadline deadline) => Transfer.Closed;

        public override void Dispose()
        {
        }
    }
}
