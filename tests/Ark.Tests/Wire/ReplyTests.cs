using System.Text;
using Ark.Wire;
using Xunit;

namespace Ark.Tests.Wire;

public sealed class ReplyTests
{
    /// <summary>Protocol version 1. A change here is a new version.</summary>
    private const string Golden =
        "41524B1A" + "01" + "81" + "0000" + "13000000" + "0807060504030201" // header
        + "0500" + "302E312E30" // build
        + "01" // exit code
        + "02000000" + "6F6B" // standard output
        + "01000000" + "77"; // standard error

    [Fact]
    public void A_reply_is_these_bytes()
    {
        var frames = new Reply(1, "ok"u8.ToArray(), "w"u8.ToArray(), "0.1.0").ToFrames(0x0102030405060708);
        Assert.Equal([Golden], frames.Select(Convert.ToHexString));
    }

    [Fact]
    public void Any_output_comes_back() =>
        Always.Holds<byte[], byte[], bool>((stdout, stderr, good) =>
        {
            byte[] frame = new Reply(good ? 0 : 1, stdout, stderr, "0.1.0").ToFrames(7).Single();
            return Reply.Parse(frame.AsSpan(Frame.HeaderLength)) is { Build: "0.1.0" } read
                && read.ExitCode == (good ? 0 : 1)
                && read.Stdout.AsSpan().SequenceEqual(stdout)
                && read.Stderr.AsSpan().SequenceEqual(stderr);
        });

    [Theory]
    [InlineData(48 * 1024, 1)]
    [InlineData((48 * 1024) + 1, 2)]
    [InlineData(1_000_000, 21)]
    public void A_long_output_is_cut_into_frames_and_nothing_is_lost(int length, int count)
    {
        byte[] stdout = new byte[length];
        new Random(1).NextBytes(stdout);
        byte[][] frames = [.. new Reply(0, stdout, [], "0.1.0").ToFrames(7).Select(frame => frame.ToArray())];

        Assert.Equal(count, frames.Length);
        Assert.All(frames, frame => Assert.True(Frame.TryRead(frame, out _)));
        byte[] read =
        [
            .. frames[..^1].SelectMany(part => part[Frame.HeaderLength..]),
            .. Reply.Parse(frames[^1].AsSpan(Frame.HeaderLength))!.Stdout,
        ];
        Assert.Equal(stdout, read);
    }

    [Fact]
    public void An_output_in_pieces_is_sent_piece_by_piece_and_its_last_frame_is_empty()
    {
        byte[][] pieces = [[1, 2, 3], [4, 5, 6], [7]];
        Reply reply = Reply.InPieces(pieces, "0.1.0");
        byte[][] frames = [.. reply.ToFrames(7).Select(frame => frame.ToArray())];

        Assert.Equal(pieces, frames[..^1].Select(part => part[Frame.HeaderLength..]));
        Assert.Empty(Reply.Parse(frames[^1].AsSpan(Frame.HeaderLength))!.Stdout);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], reply.Stdout);
        Assert.False(reply.FitsOneFrame);
    }

    [Fact]
    public void A_lent_output_is_sent_as_any_other_and_is_gone_when_the_reply_is_wiped()
    {
        Reply reply = Reply.Lending(Secret.RentCopy("SENTINEL"u8), "w"u8.ToArray(), "0.1.0");
        Reply read = Reply.Parse(Assert.Single(reply.ToFrames(7)).AsSpan(Frame.HeaderLength))!;
        Assert.Equal("SENTINEL"u8.ToArray(), read.Stdout);
        Assert.Equal("w"u8.ToArray(), read.Stderr);

        reply.Wipe();

        Assert.Empty(reply.Stdout);
    }

    [Fact]
    public void A_runaway_error_text_is_cut_and_the_answer_survives()
    {
        byte[] last = new Reply(0, new byte[48 * 1024], new byte[1_000_000], "0.1.0").ToFrames(7).Last();
        Reply read = Reply.Parse(last.AsSpan(Frame.HeaderLength))!;
        Assert.Equal((48 * 1024, 8 * 1024), (read.Stdout.Length, read.Stderr.Length));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    [InlineData(256)]
    public void Every_code_but_0_is_sent_as_1(int code) =>
        Assert.Equal(1, Reply.Parse(new Reply(code, [], [], "0.1.0").ToFrames(7).Single().AsSpan(Frame.HeaderLength))!.ExitCode);

    [Fact]
    public void An_exit_code_beyond_1_on_the_wire_is_refused()
    {
        byte[] body = new Reply(1, [], [], "0.1.0").ToFrames(7).Single()[Frame.HeaderLength..];
        body[7] = 2;
        Assert.Null(Reply.Parse(body));
    }

    [Fact]
    public void Any_bytes_parse_or_are_refused_and_never_throw() =>
        Always.Holds<byte[], int, byte>((noise, place, value) =>
        {
            _ = Reply.Parse(noise);
            byte[] body = new Reply(0, noise, [1], "0.1.0").ToFrames(7).Single()[Frame.HeaderLength..];
            body[(int)((uint)place % (uint)body.Length)] = value;
            _ = Reply.Parse(body);
            return true;
        });

    [Fact]
    public void It_never_shows_what_it_carries()
    {
        byte[] secret = Encoding.UTF8.GetBytes("SENTINEL-password");
        Assert.Equal("exit 0 from 0.1.0", $"{new Reply(0, secret, secret, "0.1.0")}");
    }
}
