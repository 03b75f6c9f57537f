using System.Security.Cryptography;
using System.Text;
using Ark.Files;

namespace Ark.Aws.Profiles;

/// <summary>
/// A regular file of modest size, links followed. What has no length (pipes, devices) reads as empty and is never opened.
/// </summary>
internal sealed class SmallFile : IDisposable
{
    /// <summary>More than ten thousand profiles, or any token, cached login or bundle of roots, need.</summary>
    public const int MaxLength = 8 * 1024 * 1024;

    private readonly TrustedFile _file;

    private SmallFile(TrustedFile file) => _file = file;

    /// <summary>Why somebody else could decide what it says; null where nobody can.</summary>
    public FileFault? Fault => _file.Fault;

    /// <summary>The file, or null where there is none.</summary>
    /// <exception cref="IOException">It is a directory, a loop of links, or cannot be looked at.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SmallFile? Find(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException("a directory");
        }

        try
        {
            return TrustedFile.Open(path) is { } file ? new SmallFile(file) : null;
        }
        catch (FileNotFoundException)
        {
            // A link that leads nowhere is as good as no file.
            return null;
        }
    }

    /// <summary>The text of the file at the path; empty where there is none.</summary>
    /// <exception cref="IOException">It cannot be read, or is too long.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string ReadText(string path)
    {
        using SmallFile? file = Find(path);
        return file?.ReadText() ?? "";
    }

    /// <inheritdoc cref="ReadText(string)"/>
    public string ReadText()
    {
        if (!_file.IsOrdinary)
        {
            return "";
        }

        if (_file.Stamp.Length > MaxLength)
        {
            throw new IOException("too long");
        }

        byte[] bytes = _file.Read(MaxLength);
        try
        {
            // As it says itself: AWS's tools for Windows have written UTF-16.
            using var text = new StreamReader(new MemoryStream(bytes), Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
            return text.ReadToEnd();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public void Dispose() => _file.Dispose();
}
