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
