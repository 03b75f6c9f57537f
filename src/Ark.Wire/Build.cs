namespace Ark.Wire;

/// <summary>The version of this build and how two builds compare.</summary>
public static class Build
{
    /// <summary>This build, as <c>major.minor.patch</c>. One property of the solution sets it for all programs.</summary>
    public static string Current { get; } = typeof(Build).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>
    /// Whether <paramref name="build"/> is older than this one. Text that is not a version is neither older nor newer, so that
    /// nonsense on the wire never makes a client replace a daemon.
    /// </summary>
    public static bool IsOlder(string build) =>
        Version.TryParse(build, out Version? theirs) && Version.TryParse(Current, out Version? ours) && theirs < ours;
}
