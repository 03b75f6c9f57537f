namespace Ark.Aws;

/// <summary>Guards what becomes part of a host name.</summary>
internal static class RegionName
{
    private const int MaxLength = 32;

    public static bool IsValid(string region) =>
        region.Length is > 0 and <= MaxLength && region[0] != '-' && region[^1] != '-' &&
        region.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
