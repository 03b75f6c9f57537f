namespace Ark.Wire;

/// <summary>The version of this build and how two builds compare.</summary>
public static partial class Build
{
    /// <summary>
    /// This build, as <c>major.minor.patch</c>. One property of the solution sets it for all programs; the project file turns it into
    /// a constant, since asking the assembly for it costs the helper more than its whole request.
    /// </summary>
    public static string Current => Number;

    /// <summary>
    /// Whether <paramref name="build"/> is older than this one. Text that is not a version is neither older nor newer, so that
    /// nonsense on the wire never makes a client replace a daemon.
    /// </summary>
    public static bool IsOlder(string build) => Version.TryParse(build, out Version? theirs) && theirs < Version.Parse(Current);

    /// <summary>Whether <paramref name="build"/> is newer than this one.</summary>
    public static bool IsNewer(string build) => IsNewer(build, than: Current);

    /// <summary>Whether <paramref name="build"/> is newer than another.</summary>
    public static bool IsNewer(string build, string than) =>
        Version.TryParse(build, out Version? one) && Version.TryParse(than, out Version? other) && one > other;
}

/// <summary>What to do about an error that is nobody's but ours.</summary>
public static class Report
{
    /// <summary>A hint, or the end of one.</summary>
    public const string Hint = "report it to the project that you installed ark from, with the output of: ark --version";
}
