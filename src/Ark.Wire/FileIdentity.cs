using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ark.Wire;

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
    public static FileIdentity? OfPath(string path) => FileFacts.OfPath(path)?.Identity;

    /// <summary>The directory at a path, or the one that a link there points to.</summary>
    public static FileIdentity? OfDirectory(string path) => OfPath($"{path}/.");

    /// <summary>The file behind an open descriptor.</summary>
    public static FileIdentity? OfDescriptor(int descriptor) => FileFacts.OfDescriptor(descriptor)?.Identity;
}

/// <summary>All that is looked at of a file. Times are nanoseconds of Unix time.</summary>
/// <param name="Identity">Which file it is.</param>
/// <param name="Group">The group that it belongs to.</param>
/// <param name="Length">In bytes.</param>
/// <param name="WrittenAt">When its content last changed, or so its owner says.</param>
/// <param name="ChangedAt">When its content, owner or mode last changed: unlike the time of writing, nobody can set it back.</param>
internal readonly record struct FileFacts(FileIdentity Identity, uint Group, long Length, long WrittenAt, long ChangedAt)
{
    private const uint BasicFacts = 0x7FF;

    /// <summary>
    /// The file at a path itself, or at the end of the links there. Null when there is none or it cannot be seen; the error is then the
    /// last one of the C library.
    /// </summary>
    public static unsafe FileFacts? OfPath(string path, bool followLinks = false)
    {
        const int CurrentDirectory = -100, NoFollow = 0x100;
        if (path.Contains('\0'))
        {
            // The C library would cut it there, and look at another file.
            Marshal.SetLastPInvokeError(Libc.ENOENT);
            return null;
        }

        byte* facts = stackalloc byte[256];
        int result = (OperatingSystem.IsMacOS(), RuntimeInformation.ProcessArchitecture, followLinks) switch
        {
            (false, _, _) => Libc.statx(CurrentDirectory, path, followLinks ? 0 : NoFollow, BasicFacts, facts),
            (true, Architecture.Arm64, true) => Libc.stat(path, facts),
            (true, Architecture.Arm64, false) => Libc.lstat(path, facts),
            (true, _, true) => Libc.stat_inode64(path, facts),
            (true, _, false) => Libc.lstat_inode64(path, facts),
        };
        return result == 0 ? From(new ReadOnlySpan<byte>(facts, 256)) : null;
    }

    /// <summary>The file behind an open descriptor.</summary>
    public static unsafe FileFacts? OfDescriptor(int descriptor)
    {
        const int EmptyPath = 0x1000;
        byte* facts = stackalloc byte[256];
        int result = !OperatingSystem.IsMacOS() ? Libc.statx(descriptor, "", EmptyPath, BasicFacts, facts)
            : RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? Libc.fstat(descriptor, facts)
            : Libc.fstat_inode64(descriptor, facts);
        return result == 0 ? From(new ReadOnlySpan<byte>(facts, 256)) : null;
    }

    private static FileFacts From(ReadOnlySpan<byte> facts) => OperatingSystem.IsMacOS() ? FromDarwin(facts) : FromStatx(facts);

    /// <summary>
    /// struct statx: owner at 20, group at 24, mode at 28, inode at 32, length at 40, times of change and writing at 96 and 112, device
    /// major and minor at 136 and 140.
    /// </summary>
    private static FileFacts FromStatx(ReadOnlySpan<byte> s) => new(
        new FileIdentity(
            ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(s[136..]) << 32) | BinaryPrimitives.ReadUInt32LittleEndian(s[140..]),
            BinaryPrimitives.ReadUInt64LittleEndian(s[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(s[20..]),
            BinaryPrimitives.ReadUInt16LittleEndian(s[28..])),
        BinaryPrimitives.ReadUInt32LittleEndian(s[24..]),
        BinaryPrimitives.ReadInt64LittleEndian(s[40..]),
        Time(s[112..]),
        Time(s[96..]));

    /// <summary>
    /// struct stat with 64-bit inodes: device at 0, mode at 4, inode at 8, owner at 16, group at 20, times of writing and change at 48 and
    /// 64, length at 96.
    /// </summary>
    private static FileFacts FromDarwin(ReadOnlySpan<byte> s) => new(
        new FileIdentity(
            BinaryPrimitives.ReadUInt32LittleEndian(s),
            BinaryPrimitives.ReadUInt64LittleEndian(s[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(s[16..]),
            BinaryPrimitives.ReadUInt16LittleEndian(s[4..])),
        BinaryPrimitives.ReadUInt32LittleEndian(s[20..]),
        BinaryPrimitives.ReadInt64LittleEndian(s[96..]),
        Time(s[48..]),
        Time(s[64..]));

    /// <summary>Seconds, and nanoseconds behind them, as both kinds of structure write them.</summary>
    private static long Time(ReadOnlySpan<byte> s) =>
        (BinaryPrimitives.ReadInt64LittleEndian(s) * 1_000_000_000) + BinaryPrimitives.ReadUInt32LittleEndian(s[8..]);
}

/// <summary>
/// Whether a directory is this user's own. Under sudo, <c>HOME</c> and its like often stay another user's, whose files must neither
/// decide for root nor be littered by it.
/// </summary>
public static class Ownership
{
    /// <summary>The number of this user, by which some programs name their directories. Not on Windows.</summary>
    public static uint User => Libc.geteuid();

    /// <summary>
    /// True when the directory, at the end of any links, belongs to this user. On Windows profiles are closed by their access lists.
    /// </summary>
    public static bool IsOurs(string directory) => OperatingSystem.IsWindows() || FileIdentity.OfDirectory(directory) is { IsOurs: true };

    /// <summary>
    /// Whether the directory, at the end of any links, belongs to root and is open to this user. One in which everybody may make files of
    /// their own, as in <c>/tmp</c>, is nobody's home.
    /// </summary>
    public static bool IsRootsAndOpen(string directory)
    {
        const int ReadAndEnter = 4 | 1, StickyAndWritableByAll = 0x202 /* 01002 */;
        return !OperatingSystem.IsWindows()
            && FileIdentity.OfDirectory(directory) is { Owner: 0, Permissions: var mode }
            && (mode & StickyAndWritableByAll) != StickyAndWritableByAll
            && Libc.access(directory, ReadAndEnter) == 0;
    }

    /// <summary>
    /// A user's directory by the XDG rules: what the variable names, if that is absolute and this user's own or still to be made, else the
    /// usual place in the home; null when there is no home.
    /// </summary>
    /// <param name="environment">Reads one environment variable.</param>
    /// <param name="variable">Such as <c>XDG_CONFIG_HOME</c>.</param>
    /// <param name="usual">Below the home, such as <c>.config</c>.</param>
    public static string? XdgDirectory(Func<string, string?> environment, string variable, string usual) =>
        environment(variable) is ['/', ..] named && (!Directory.Exists(named) || IsOurs(named)) ? named
        : RuntimeDirectory.Home(environment) is { } home ? Path.Join(home, usual)
        : null;
}
