using System.Buffers;
using System.Text;

namespace Ark.Wire.Registries;

/// <summary>
/// What follows a registry's host: an API root (<c>/v2/</c>), a repository, or an image with tag and digest. Only the repository is kept.
/// </summary>
public static class RepositoryPath
{
    /// <summary>Twice what ECR allows for a repository's name; nothing longer is one anywhere.</summary>
    private const int MaxLength = 512;

    private const int MaxTag = 128;

    private static readonly SearchValues<byte> NameBytes =
        SearchValues.Create("-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> AlgorithmBytes =
        SearchValues.Create("+-._0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> HexBytes = SearchValues.Create("0123456789ABCDEFabcdef"u8);

    /// <summary>Normalises <paramref name="path"/>, which is empty or begins with a slash, to segments joined by single slashes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> path, out string repository)
    {
        repository = "";
        if (path is [.., (byte)'/'])
        {
            path = path[..^1];
        }

        if (path.IsEmpty)
        {
            return true;
        }

        path = path[1..];
        if (!TryDropTagAndDigest(ref path) || path.Length > MaxLength || !HasSoundSegments(path))
        {
            return false;
        }

        // Again and again, so that the result is read back as itself.
        while (path.StartsWith("v1/"u8) || path.StartsWith("v2/"u8))
        {
            path = path[3..];
        }

        repository = path.SequenceEqual("v1"u8) || path.SequenceEqual("v2"u8) ? "" : Encoding.ASCII.GetString(path);
        return true;
    }

    private static bool TryDropTagAndDigest(ref ReadOnlySpan<byte> path)
    {
        int at = path.IndexOf((byte)'@');
        if (at >= 0)
        {
            if (!IsDigest(path[(at + 1)..]))
            {
                return false;
            }

            path = path[..at];
        }

        int colon = path.IndexOf((byte)':');
        if (colon < 0)
        {
            return true;
        }

        ReadOnlySpan<byte> tag = path[(colon + 1)..];
        path = path[..colon];
        return tag.Length is > 0 and <= MaxTag && !tag.ContainsAnyExcept(NameBytes);
    }

    private static bool IsDigest(ReadOnlySpan<byte> text)
    {
        int colon = text.IndexOf((byte)':');
        return colon is > 0 and <= 32
            && !text[..colon].ContainsAnyExcept(AlgorithmBytes)
            && text.Length - colon - 1 is >= 32 and <= 128
            && !text[(colon + 1)..].ContainsAnyExcept(HexBytes);
    }

    private static bool HasSoundSegments(ReadOnlySpan<byte> path)
    {
        foreach (Range range in path.Split((byte)'/'))
        {
            ReadOnlySpan<byte> segment = path[range];
            if (segment.IsEmpty || segment.ContainsAnyExcept(NameBytes) || segment.SequenceEqual("."u8) || segment.SequenceEqual(".."u8))
            {
                return false;
            }
        }

        return true;
    }
}
