using System.Runtime.InteropServices;
using Ark.Wire;
using Microsoft.Win32.SafeHandles;

namespace Ark.Files;

/// <summary>
/// A file, opened for reading, and whether somebody else could decide what it says. What was judged is what is read. Whether a fault
/// matters is for the reader to say: what can make a program run, or decides who answers, is refused with one; what is data only is
/// served with a warning, since homes on some container platforms are everybody's.
/// </summary>
public sealed class TrustedFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly SafeFileHandle? _handle;

    private TrustedFile(string target, FileStamp stamp, FileFault? fault, SafeFileHandle? handle) =>
        (Target, Stamp, Fault, _handle) = (target, stamp, fault, handle);

    /// <summary>Where the file itself is, at the end of any links.</summary>
    public string Target { get; }

    /// <summary>The file as it was opened.</summary>
    public FileStamp Stamp { get; }

    /// <summary>Why somebody else could decide what it says; null where nobody can.</summary>
    public FileFault? Fault { get; }

    /// <summary>False for a directory, a pipe, a device or a socket, none of which is ever opened.</summary>
    public bool IsOrdinary => _handle is not null;

    /// <summary>Nobody but its owner can read it. Always true on Windows, where the access list of a profile sees to that.</summary>
    public bool IsPrivate => (Stamp.Mode & 0x3F /* 077 */) == 0;

    /// <summary>Opens the file at the path, links followed, or answers null when there is none.</summary>
    /// <exception cref="IOException">It cannot be looked at or opened, or a link leads nowhere.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static TrustedFile? Open(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return OpenWindows(path);
        }

        PathWalk walk = Walk(path);
        if (walk.File is not { } judged)
        {
            return walk.Links == 0 ? null : throw new FileNotFoundException($"{path} leads to {walk.Path}, which does not exist");
        }

        if (!judged.Identity.IsRegularFile)
        {
            return new TrustedFile(walk.Path, FileStamp.Of(judged), walk.Fault, null);
        }

        int descriptor = Libc.open(walk.Path, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC);
        if (descriptor < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            string message = $"{path}: {Marshal.GetPInvokeErrorMessage(error)}";
            throw error == Libc.EACCES ? new UnauthorizedAccessException(message) : new IOException(message);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (FileFacts.OfDescriptor(descriptor) is { } opened && opened.Identity == judged.Identity)
        {
            return new TrustedFile(walk.Path, FileStamp.Of(opened), walk.Fault, handle);
        }

        // By its owner, who is this user or root, or in a place that others can write to anyway.
        handle.Dispose();
        throw new IOException($"{path} was exchanged while it was opened");
    }

    /// <summary>
    /// Why somebody else could decide what the file or directory at the path says, or is to say, or null where nobody can. Others must not
    /// be able to make files in the directory either.
    /// </summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static FileFault? Judge(string path) => OperatingSystem.IsWindows() ? AccessList.Judge(path) : Walk(path).DirectoryFault;

    /// <summary>The first <paramref name="most"/> bytes, in pinned memory that is the reader's to wipe.</summary>
    /// <exception cref="IOException">It cannot be read, or is no ordinary file.</exception>
    public byte[] Read(int most)
    {
        SafeFileHandle handle = _handle ?? throw new IOException($"{Target} is not an ordinary file");
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)Math.Min(most, Stamp.Length), pinned: true);
        int length = 0;
        while (length < bytes.Length && RandomAccess.Read(handle, bytes.AsSpan(length), length) is > 0 and var read)
        {
            length += read;
        }

        if (length == bytes.Length)
        {
            return bytes;
        }

        // It was cut short meanwhile.
        byte[] shorter = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        bytes.AsSpan(0, length).CopyTo(shorter);
        Array.Clear(bytes);
        return shorter;
    }

    public void Dispose() => _handle?.Dispose();

    /// <summary>
    /// Puts the bytes in place of the file in one step: after a crash there is the old file or the new one, and nobody could read or change
    /// the new one for a moment. A link to the file stays; so does the owner when root edits another user's file.
    /// </summary>
    /// <param name="path">The file, or a link to it. Its directory must exist.</param>
    /// <param name="bytes">All that is to be in it.</param>
    /// <param name="keepMode">Whether a file that exists keeps its mode. Otherwise, and when it is new, it is its owner's alone.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> bytes, bool keepMode = false)
    {
        string target = TargetOf(path);
        FileFacts? old = OperatingSystem.IsWindows() ? null : FileFacts.OfPath(target);
        string draft = $"{target}.{Path.GetRandomFileName()}";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using (var file = new FileStream(draft, options))
            {
                file.Write(bytes);
                if (!OperatingSystem.IsWindows())
                {
                    if (old is { Identity: { IsOurs: false, Owner: var owner }, Group: var group })
                    {
                        _ = Libc.fchown(file.SafeFileHandle, owner, group);
                    }

                    // Also against a umask that takes rights from the owner.
                    int? kept = keepMode ? old?.Identity.Permissions & 0x1FF /* 0777 */ : null;
                    File.SetUnixFileMode(file.SafeFileHandle, (UnixFileMode?)kept ?? OwnerOnly);
                }

                file.Flush(flushToDisk: true);
            }

            File.Move(draft, target, overwrite: true);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Where a file is, or is to be, at the end of any links.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static string TargetOf(string path) =>
        !OperatingSystem.IsWindows() ? Walk(path).Path
        : new FileInfo(path).LinkTarget is null ? path
        : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    private static TrustedFile? OpenWindows(string path)
    {
        if (Directory.Exists(path))
        {
            return new TrustedFile(path, default, null, null);
        }

        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return null;
        }

        FileFault? fault = OperatingSystem.IsWindows() ? AccessList.Judge(path) : null;
        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return new TrustedFile(path, FileStamp.OfWindows(file) with { Length = RandomAccess.GetLength(handle) }, fault, handle);
    }

    private static PathWalk Walk(string path) => PathWalk.Along(
        Path.IsPathRooted(path) ? path : Path.Join(Directory.GetCurrentDirectory(), path), Libc.geteuid(), Look, TargetOfLink);

    private static FileFacts? Look(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new IOException("a path has no NUL");
        }

        return FileFacts.OfPath(path) is { } facts ? facts
            : Marshal.GetLastPInvokeError() is Libc.ENOENT or Libc.ENOTDIR ? null
            : throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    private static string TargetOfLink(string path) => new FileInfo(path).LinkTarget ?? throw new IOException($"{path} cannot be followed");
}

/// <summary>Why somebody else could decide what a file says.</summary>
/// <param name="Path">The file itself, or a directory or link on the way to it.</param>
/// <param name="What">What is wrong with it: <c>can be written by others (mode 777)</c>.</param>
/// <param name="Repair">The command that mends it.</param>
/// <param name="IsForeign">Whether it belongs to another user; otherwise others can write to it.</param>
public sealed record FileFault(string Path, string What, string Repair, bool IsForeign = false)
{
    /// <summary>One line, lower case, no full stop.</summary>
    public string Message => $"{Path} {What}";

    internal static FileFault Foreign(string path) => new(
        path, "belongs to another user", $"copy it into a place of your own, or: sudo chown $(id -u) {Quoted(path)}", IsForeign: true);

    internal static FileFault Writable(string path, int mode) => new(
        path, $"can be written by others (mode {Convert.ToString(mode, 8)})", $"close it with: chmod go-w {Quoted(path)}");

    /// <summary>A device's mode is the whole system's: to close /dev/null would stop every program of every user.</summary>
    internal static FileFault Device(string path) => new(path, "is not an ordinary file", "name an ordinary file");

    /// <summary>A path as a shell takes it for one word and nothing else, whoever named it.</summary>
    private static string Quoted(string path) =>
        path.All(static c => char.IsAsciiLetterOrDigit(c) || "/._-+@:=,%".Contains(c, StringComparison.Ordinal))
            ? path
            : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
