using Ark.Core.Resolving;

namespace Ark.Aws.Identity;

/// <summary>
/// Decides in whose home directory profiles are looked up. Under <c>sudo -E</c> a caller's <c>HOME</c> is somebody else's, and the
/// programs that the profiles there name would run as us.
/// </summary>
/// <param name="environment">The daemon's own environment.</param>
/// <param name="isOurs">Whether a directory, links resolved, belongs to the user that the daemon runs as.</param>
internal sealed class Homes(Func<string, string?> environment, Func<string, bool> isOurs)
{
    /// <summary>The caller's home when it is this user's, otherwise the daemon's under the same condition, otherwise null.</summary>
    public string? Of(CallerIdentity caller) => Ours(Variable(caller).Value) ?? Ours(Own);

    /// <summary>The variable in which a caller names a home, and its value or null.</summary>
    public static (string Name, string? Value) Variable(CallerIdentity caller) =>
        caller["HOME"] is { } home ? ("HOME", home) : ("USERPROFILE", caller["USERPROFILE"]);

    private string? Own => environment("HOME") is { Length: > 0 } home ? home : OperatingSystem.IsWindows() ? environment("USERPROFILE") : null;

    private string? Ours(string? home) => home is not null && Path.IsPathFullyQualified(home) && isOurs(home) ? home : null;
}
