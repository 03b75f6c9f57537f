using System.Security.Cryptography;
using System.Text.Json;
using Ark.Core.Problems;
using Ark.Core.Secrets;
using Ark.Daemon.Configuration;
using Ark.Wire.Unix;

namespace Ark.Daemon.Sources;

/// <summary>Reads a secret from a file that nobody but this user can read or replace.</summary>
internal static class SecretFile
{
    public const int MaxLength = 64 * 1024;

    private const int OthersMayRead = 0x3F /* 077 */, OthersMayWrite = 0x12 /* 022 */, Sticky = 0x200;

    /// <summary>Changes when the file is edited, replaced or opened to others, or its directory is; a dash while it cannot be looked at.</summary>
    public static string Stamp(string path)
    {
        try
        {
            return FileStamp.Of(path) is { } stamp
                ? $"{stamp.File.Device}.{stamp.File.Inode}.{stamp.Length}.{stamp.Written.Ticks}.{stamp.Changed}.{Access(stamp.File)}.{Access(stamp.Folder)}.{Access(stamp.TargetFolder)}"
                : "-";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "-";
        }
    }

    /// <summary>The file's JSON, or all of it, without the line end behind it, as the secret.</summary>
    public static Outcome<ReadSecret> Read(string path, DateTimeOffset now)
    {
        try
        {
            return FileStamp.Of(path) is { } stamp
                ? Read(path, stamp, now)
                : Bad(path, "does not exist", $"create it with: install -m 600 /dev/null {path}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Bad(path, $"cannot be read: {e.GetType().Name}", $"look at it with: ls -lL {path}");
        }
    }

    private static string Access(FileIdentity? file) => $"{file?.Owner}:{file?.Mode}";

    private static Outcome<ReadSecret> Read(string path, FileStamp stamp, DateTimeOffset now)
    {
        // A pipe would keep us waiting for somebody to write into it.
        if (!OperatingSystem.IsWindows() && !stamp.File.IsRegularFile)
        {
            return Bad(path, "is not an ordinary file", "put the secret into an ordinary file");
        }

        using var file = new FileStream(stamp.Target, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (!OperatingSystem.IsWindows() && Unsafe(path, stamp, FileIdentity.OfDescriptor((int)file.SafeFileHandle.DangerousGetHandle()) ?? stamp.File) is { } problem)
        {
            return problem;
        }

        byte[] text = GC.AllocateUninitializedArray<byte>(MaxLength + 1, pinned: true);
        try
        {
            int length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            return length > MaxLength
                ? Bad(path, "is longer than 64 KiB", "put the secret alone into it")
                : Parse(path, text.AsSpan(0, length), now);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
        }
    }

    /// <summary>
    /// JSON without a member called secret is a secret itself: that is how the keys of service accounts look. Other JSON with a mistake
    /// in it is none, and would only be sent to the registry with all that stands around the secret.
    /// </summary>
    private static Outcome<ReadSecret> Parse(string path, ReadOnlySpan<byte> text, DateTimeOffset now)
    {
        PrintedSecret? secret = PrintedSecret.IsJson(text) && !IsKeyFile(text) ? PrintedSecret.OfJson(text, now) : PrintedSecret.OfText(text);
        if (secret is { HasControls: true })
        {
            secret.Dispose();
            return Bad(path, "holds control characters", "write the secret into it anew, as text");
        }

        return secret is { Secret: [_, ..] }
            ? new ReadSecret(secret.Username, secret.Secret)
            : Bad(path, "holds no secret that can be read", "put the secret alone into it, or JSON with username and secret");
    }

    /// <summary>Valid JSON that names no secret.</summary>
    private static bool IsKeyFile(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1
                    && string.Equals(reader.GetString(), "secret", StringComparison.OrdinalIgnoreCase))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException is the reader's word for what is not UTF-8.
            return false;
        }
    }

    /// <summary>Windows leaves this to the access list of the profile.</summary>
    private static Problem? Unsafe(string path, FileStamp stamp, FileIdentity opened) => (opened, stamp.Folder, stamp.TargetFolder) switch
    {
        ({ IsOurs: false, Owner: not 0 }, _, _) => Bad(path, "belongs to another user", "copy it into a file of your own"),
        ({ Permissions: var bits }, _, _) when (bits & OthersMayRead) != 0 => Bad(path, $"can be read by others (mode {Convert.ToString(bits, 8)})", $"close it with: chmod 600 {path}"),
        (_, { } folder, _) when IsLoose(folder) => Bad(path, "is in a directory that others can write to", $"close it with: chmod go-w {Path.GetDirectoryName(path)}"),
        (_, _, { } folder) when IsLoose(folder) => Bad(path, "leads into a directory that others can write to", $"close it with: chmod go-w {Path.GetDirectoryName(stamp.Target)}"),
        _ => null,
    };

    /// <summary>A sticky directory such as /tmp lets nobody replace another's file.</summary>
    private static bool IsLoose(FileIdentity folder) =>
        folder is { IsOurs: false, Owner: not 0 } || ((folder.Permissions & OthersMayWrite) != 0 && (folder.Permissions & Sticky) == 0);

    private static Problem Bad(string path, string what, string hint) => new(ProblemKind.BadSetting, $"the secret's file {path} {what}", hint);
}
