using Ark.Wire.Unix;

namespace Ark.Wire;

/// <summary>
/// Whether a directory is this user's own. Under sudo, <c>HOME</c> and its like often stay another user's, whose files must neither
/// decide for root nor be littered by it.
/// </summary>
public static class Ownership
{
    /// <summary>
    /// True when the directory, at the end of any links, belongs to this user. On Windows profiles are closed by their access lists.
    /// </summary>
    public static bool IsOurs(string directory) => OperatingSystem.IsWindows() || FileIdentity.OfDirectory(directory) is { IsOurs: true };
}
