using Ark.Wire;
using Xunit;

namespace Ark.Tests.Wire;

public sealed class FrameTests
{
    /// <summary>Fixed for ever: programs of two versions meet at this header.</summary>
    private const string Golden = "41524B1A" + "01" + "81" + "0000" + "03000000" + "0807060504030201" + "616263";

    [Fact]
    public void The_header_is_these_bytes()
    {
        byte[] bytes = Frame.Join(FrameType.Reply, 0x0102030405060708, "abc"u8);
        Assert.Equal(Golden, Convert.ToHexString(bytes));
        Assert.True(Frame.TryRead(bytes, out Frame frame));
        Assert.Equal(new Frame(1, FrameType.Reply, 3, 0x0102030405060708), frame);
    }

    [Fact]
    public void Another_version_and_an_unknown_type_can_still_be_read()
    {
        Assert.True(Frame.TryRead(Frame.Join((FrameType)0x7E, 9, "x"u8, version: 255), out Frame frame));
        Assert.Equal(new Frame(255, (FrameType)0x7E, 1, 9), frame);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(65_536, true)]
    [InlineData(65_537, false)]
    [InlineData(0x7FFF_FFFF, false)]
    [InlineData(0x8000_0000, false)]
    [InlineData(0xFFFF_FFFF, false)]
    public void A_length_is_1_to_65536(uint length, bool allowed)
    {
        byte[] header = Frame.Join(FrameType.Request, 1, "x"u8)[..Frame.HeaderLength];
        BitConverter.TryWriteBytes(header.AsSpan(8), length);
        Assert.Equal(allowed, Frame.TryRead(header, out Frame frame));
        Assert.Equal(allowed ? (int)length : 0, frame.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(7)]
    public void Wrong_magic_and_set_reserved_bytes_are_no_header(int place)
    {
        byte[] header = Frame.Join(FrameType.Request, 1, "x"u8);
        header[place] ^= 1;
        Assert.False(Frame.TryRead(header, out _));
    }

    [Fact]
    public void A_cut_header_is_none()
    {
        byte[] header = Frame.Join(FrameType.Request, 1, "x"u8);
        for (int length = 0; length < Frame.HeaderLength; length++)
        {
            Assert.False(Frame.TryRead(header.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void Nothing_and_too_much_cannot_be_framed()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Frame.Join(FrameType.Request, 1, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => Frame.Join(FrameType.Request, 1, new byte[Frame.MaxBody + 1]));
        Assert.Equal(Frame.HeaderLength + Frame.MaxBody, Frame.Join(FrameType.Request, 1, new byte[Frame.MaxBody]).Length);
    }

    [Fact]
    public void Any_header_reads_back_and_any_bytes_read_or_do_not() =>
        Always.Holds<byte, ulong, byte[]>((type, id, bytes) =>
        {
            byte version = (byte)id;
            byte[] body = bytes.Length == 0 ? [0] : bytes;
            _ = Frame.TryRead(bytes, out _);
            return Frame.TryRead(Frame.Join((FrameType)type, id, body, version), out Frame frame)
                && frame == new Frame(version, (FrameType)type, body.Length, id);
        });
}
