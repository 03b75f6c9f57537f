using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Ark.EndToEnd.Hosts;
using Ark.Testing;
using Ark.Tests.Registries;
using Ark.Wire;
using Xunit;

namespace Ark.EndToEnd.Frames;

/// <summary>What can be sent to the daemon's socket, row by row of the corpus; after each of them it serves a good client.</summary>
public sealed class FrameTests(FrameTests.Daemon daemon) : IClassFixture<FrameTests.Daemon>
{
    private static byte[] Good => RawClient.Request(Verb.Get, Encoding.UTF8.GetBytes(ServedHome.Host));

    public static TheoryData<string, byte[]> Closed => new()
    {
        { "F5 length 0", Header(length: 0) },
        { "F6 length 1, no payload", Header(length: 1) },
        { "F7 length 65,537", Header(length: 65_537) },
        { "F8 length 0x7FFFFFFF", Header(length: 0x7FFF_FFFF) },
        { "F8 length 0x80000000", Header(length: 0x8000_0000) },
        { "F8 length 0xFFFFFFFF", Header(length: 0xFFFF_FFFF) },
        { "F10 payload too short", Good[..^1] },
        { "F12 wrong magic", [.. "ARK\x1B"u8, .. Good[4..]] },
        { "F12 HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray() },
        { "F12 TLS", [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3, .. new byte[40]] },
        { "F12 SSH", "SSH-2.0-OpenSSH_9.6\r\n"u8.ToArray() },
        { "F15 a reply from a client", Frame.Join(FrameType.Reply, 1, "x"u8) },
        { "F15 a reply part from a client", Frame.Join(FrameType.ReplyPart, 1, "x"u8) },
    };

    public static TheoryData<string, string> NoJson => new()
    {
        { "F25 depth 10,000", $"{{\"ServerURL\":{new string('[', 10_000)}" },
        { "F25 60 KiB of [", new string('[', 61_440) },
        { "F26 1e999", """{"ServerURL":1e999,"Username":"AWS","Secret":"s"}""" },
        { "F26 -0", """{"ServerURL":"h","Username":-0,"Secret":"s"}""" },
        { "F26 1.0", """{"ServerURL":"h","Username":"AWS","Secret":1.0}""" },
        { "F27 unknown field", """{"ServerURL":"h","Username":"AWS","Secret":"s","More":"x"}""" },
        { "F27 comment", """{"ServerURL":"h",/* */"Username":"AWS","Secret":"s"}""" },
        { "F27 trailing comma", """{"ServerURL":"h","Username":"AWS","Secret":"s",}""" },
        { "F28 BOM", "\uFEFF{\"ServerURL\":\"h\",\"Username\":\"AWS\",\"Secret\":\"s\"}" },
        { "F29 lone surrogate", """{"ServerURL":"\ud800","Username":"AWS","Secret":"s"}""" },
        { "F29 reversed pair", """{"ServerURL":"h","Username":"\udc00\ud800","Secret":"s"}""" },
    };

    public static TheoryData<string, byte[]> NoHosts => new()
    {
        { "invalid UTF-8", [.. "123456789012.dkr.ecr.us-east-1.amazonaws.com"u8, 0xC3] },
        { "overlong", [.. "123456789012"u8, 0xC0, 0xAE, .. "dkr.ecr.us-east-1.amazonaws.com"u8] },
        { "NUL", "123456789012.dkr.ecr.us-east-1.amazonaws.com\0"u8.ToArray() },
        { "CR inside", "123456789012.dkr.ecr.us-east-1.amazonaws.com\r.evil.com"u8.ToArray() },
        { "LF inside", "evil.com\n123456789012.dkr.ecr.us-east-1.amazonaws.com"u8.ToArray() },
    };

    public static IEnumerable<TheoryDataRow<string>> Rows => HostCorpus.Rows.Select(row => new TheoryDataRow<string>(row.Id));

    [Fact]
    public void F1_and_F34_clients_that_leave_at_once_are_passed_over()
    {
        for (int i = 0; i < 200; i++)
        {
            Connect().Dispose();
        }

        ServesOthers();
    }

    [Theory]
    [MemberData(nameof(Closed))]
    public void What_is_no_request_ends_the_connection(string row, byte[] bytes)
    {
        using RawClient client = Connect().Sending(bytes);
        client.HalfClose();
        Assert.True(client.Answer() is null, row);
        ServesOthers();
    }

    [Fact]
    public void F11_and_F16_what_follows_a_request_is_not_read()
    {
        foreach (byte[] more in new[] { "garbage"u8.ToArray(), Good })
        {
            using RawClient client = Connect().Sending([.. Good, .. more]);
            Assert.Equal(0, client.Answer()?.Reply?.ExitCode);
        }

        ServesOthers();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    public void F13_another_version_is_told_ours(byte version)
    {
        using RawClient client = Connect().Sending(Frame.Join(FrameType.Request, 77, "from another world"u8, version));
        (Frame frame, _) = client.Answer()!.Value;
        Assert.Equal((Frame.CurrentVersion, FrameType.OtherVersion, 77ul), (frame.Version, frame.Type, frame.RequestId));
        ServesOthers();
    }

    [Fact]
    public void F14_an_unknown_type_and_an_unknown_verb_are_told_so()
    {
        using RawClient type = Connect().Sending(Frame.Join((FrameType)0x7E, 1, "x"u8));
        Assert.Equal(1, type.Answer()?.Reply?.ExitCode);
        using RawClient verb = Connect().Sending(RawClient.Request((Verb)99, []));
        Assert.Equal(1, verb.Answer()?.Reply?.ExitCode);
        ServesOthers();
    }

    [Fact]
    public void F20_an_answer_comes_although_the_client_has_closed_its_half()
    {
        using RawClient client = Connect().Sending(Good);
        client.HalfClose();
        Assert.Equal(0, client.Answer()?.Reply?.ExitCode);
    }

    [Theory]
    [MemberData(nameof(NoHosts))]
    public void F22_bytes_that_are_no_host_are_not_ours(string row, byte[] host)
    {
        using RawClient client = Connect().Sending(RawClient.Request(Verb.Get, host));
        Reply reply = client.Answer()!.Value.Reply!;
        Assert.True(reply.ExitCode == 1 && Encoding.UTF8.GetString(reply.Stdout) == ServedHome.NotFound, row);
    }

    [Fact]
    public void F22_a_malformed_body_is_told_so()
    {
        byte[] frame = RawClient.Request(Verb.Get, "h"u8, new Dictionary<string, string> { ["AWS_PROFILE"] = "dev" });
        frame[^1] = 0xFF;
        using RawClient client = Connect().Sending(frame);
        Assert.Equal("malformed request\n", Encoding.UTF8.GetString(client.Answer()!.Value.Reply!.Stdout));
        ServesOthers();
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void F23_the_daemon_judges_hosts_by_itself(string id)
    {
        HostCorpus.Row row = HostCorpus.Named(id);
        using RawClient client = Connect().Sending(RawClient.Request(Verb.Get, row.Input, daemon.Identity));
        Reply reply = client.Answer()!.Value.Reply!;
        string expected = row.Auto switch { "SERVE" => "{\"ServerURL\":", "NOT_MINE" => ServedHome.NotFound, _ => "no credentials server URL\n" };
        Assert.StartsWith(expected, Encoding.UTF8.GetString(reply.Stdout), StringComparison.Ordinal);
        Assert.Equal(row.Auto == "SERVE" ? 0 : 1, reply.ExitCode);
    }

    [Theory]
    [MemberData(nameof(NoJson))]
    public void F25_to_F29_what_is_not_dockers_JSON_is_refused(string row, string json)
    {
        using RawClient client = Connect().Sending(RawClient.Request(Verb.Store, Encoding.UTF8.GetBytes(json)));
        Reply reply = client.Answer()!.Value.Reply!;
        Assert.True(reply.ExitCode == 1 && reply.Stdout.Length is > 0 and < 300, row);
        ServesOthers();
    }

    [Fact]
    public async Task F2_F3_F4_two_seconds_are_for_the_whole_request()
    {
        byte[] header = Good;
        Task<TimeSpan> Timed(Action<RawClient> act) => Task.Factory.StartNew(
            () =>
            {
                using RawClient client = Connect();
                var time = Stopwatch.StartNew();
                act(client);
                Assert.Null(client.Answer());
                return time.Elapsed;
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);

        TimeSpan[] times = await Task.WhenAll(
            Timed(_ => { }),
            Timed(client => client.Send("A"u8)),
            Timed(client =>
            {
                // Were the limit one for each byte, this would go on for eight seconds and get an answer.
                for (int i = 0; i < 20 && client.Send(header.AsSpan(i, 1)); i++)
                {
                    Thread.Sleep(400);
                }
            }));
        Assert.All(times, time => Assert.InRange(time.TotalSeconds, 1.9, 7));
        ServesOthers();
    }

    [Fact]
    public async Task F31_random_bytes_leave_it_alive_and_no_larger()
    {
        int process = await daemon.Served.DaemonAsync();
        long before = Resident(process);
        var random = new Random(20_261_121);
        for (int i = 0; i < 5_000; i++)
        {
            byte[] bytes = new byte[random.Next(1, 200)];
            random.NextBytes(bytes);
            if (random.Next(4) == 0)
            {
                "ARK\x1A\x01\x01\0\0"u8[..Math.Min(8, bytes.Length)].CopyTo(bytes);
            }

            using RawClient client = Connect().Sending(bytes);
        }

        ServesOthers();
        Assert.Equal(process, await daemon.Served.DaemonAsync());
        Assert.InRange(Resident(process) - before, long.MinValue, 40_000);
    }

    private static byte[] Header(uint length)
    {
        byte[] header = Frame.Join(FrameType.Request, 1, "x"u8)[..Frame.HeaderLength];
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), length);
        return header;
    }

    /// <summary>Resident memory in KiB; 0 where the system does not tell.</summary>
    private static long Resident(int process) => OperatingSystem.IsLinux()
        ? long.Parse(File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])
        : 0;

    private RawClient Connect() => new(daemon.Served.Socket);

    private void ServesOthers()
    {
        using RawClient client = Connect().Sending(Good);
        Assert.Equal(0, client.Answer()?.Reply?.ExitCode);
    }

    public sealed class Daemon : IAsyncLifetime
    {
        public ServedHome Served { get; private set; } = null!;

        public Dictionary<string, string> Identity { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has pipes");
            Served = await ServedHome.StartAsync();
            ProgramResult first = await Served.HelperAsync("get", ServedHome.Host);
            Served.AssertServed(first);
            Identity = IdentityVariables.Collect(Served.Home.Variables.GetValueOrDefault);
        }

        public ValueTask DisposeAsync() => Served.DisposeAsync();
    }
}
