using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ark.Wire.Unix;

/// <summary>Who owns a file, what it is, and which one it is: the facts that decide whether it may be trusted or removed.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, uint Owner, int Mode)
{
    private const int TypeMask = 0xF000;

    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    public bool IsRegularFile => (Mode & TypeMask) == 0x8000;

    public bool IsLink => (Mode & TypeMask) == 0xA000;

    public bool IsSocket => (Mode & TypeMask) == 0xC000;

    /// <summary>The nine permission bits and the three above them.</summary>
    public int Permissions => Mode & 0xFFF;

    public bool IsOurs => Owner == Libc.geteuid();

    /// <summary>The file at a path itself, not what a link there points to. Null when there is none or it cannot be seen.</summary>
    public static FileIdentity? OfPath(string path)
    {
        Span<byte> facts = stackalloc byte[256];
        return !Look(path, facts) ? null : OperatingSystem.IsMacOS() ? FromDarwin(facts) : FromStatx(facts);
    }

    /// <summary>
    /// When the content, owner or mode of the file at a path last changed, in nanoseconds of Unix time: unlike the time of writing, nobody
    /// can set it back. 0 when it cannot be seen. It is no part of which file it is, since that stays when this moves on.
    /// </summary>
    public static long ChangedAt(string path)
    {
        Span<byte> facts = stackalloc byte[256];
        return !Look(path, facts) ? 0 : OperatingSystem.IsMacOS() ? Time(facts[64..]) : Time(facts[96..]);
    }

    /// <summary>The directory at a path, or the one that a link there points to.</summary>
    public static FileIdentity? OfDirectory(string path) => OfPath($"{path}/.");

    /// <summary>The file behind an open descriptor.</summary>
    public static unsafe FileIdentity? OfDescriptor(int descriptor)
    {
        byte* buffer = stackalloc byte[256];
        if (OperatingSystem.IsMacOS())
        {
            int result = RuntimeInformation.ProcessArchitecture == Architecture.Arm64
                ? Libc.fstat(descriptor, buffer)
                : Libc.fstat_inode64(descriptor, buffer);
            return result == 0 ? FromDarwin(new ReadOnlySpan<byte>(buffer, 256)) : null;
        }

        const int EmptyPath = 0x1000;
        return Libc.statx(descriptor, "", EmptyPath, 0x7FF, buffer) == 0 ? FromStatx(new ReadOnlySpan<byte>(buffer, 256)) : null;
    }

    private static unsafe bool Look(string path, Span<byte> facts)
    {
        const int CurrentDirectory = -100, NoFollow = 0x100;
        fixed (byte* buffer = facts)
        {
            return 0 == (!OperatingSystem.IsMacOS() ? Libc.statx(CurrentDirectory, path, NoFollow, 0x7FF, buffer)
                : RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? Libc.lstat(path, buffer)
                : Libc.lstat_inode64(path, buffer));
        }
    }

    /// <summary>Seconds, and nanoseconds behind them, as both kinds of structure write them.</summary>
    private static long Time(ReadOnlySpan<byte> s) =>
        (BinaryPrimitives.ReadInt64LittleEndian(s) * 1_000_000_000) + BinaryPrimitives.ReadUInt32LittleEndian(s[8..]);

    /// <summary>struct statx: owner at 20, mode at 28, inode at 32, time of change at 96, device major and minor at 136 and 140.</summary>
    private static FileIdentity FromStatx(ReadOnlySpan<byte> s) => new(
        ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(s[136..]) << 32) | BinaryPrimitives.ReadUInt32LittleEndian(s[140..]),
        BinaryPrimitives.ReadUInt64LittleEndian(s[32..]),
        BinaryPrimitives.ReadUInt32LittleEndian(s[20..]),
        BinaryPrimitives.ReadUInt16LittleEndian(s[28..]));

    /// <summary>struct stat with 64-bit inodes: device at 0, mode at 4, inode at 8, owner at 16, time of change at 64.</summary>
    private static FileIdentity FromDarwin(ReadOnlySpan<byte> s) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(s),
        BinaryPrimitives.ReadUInt64LittleEndian(s[8..]),
        BinaryPrimitives.ReadUInt32LittleEndian(s[16..]),
        BinaryPrimitives.ReadUInt16LittleEndian(s[4..]));
}
