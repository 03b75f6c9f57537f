using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;

namespace Ark.Aws.Identity;

/// <summary>The paths that a caller's variables name. They must be absolute: the daemon does not know the caller's directory.</summary>
internal static class CallerFiles
{
    public static Outcome<ProfileFiles> Of(CallerIdentity caller, Homes homes)
    {
        (string name, string? value) = Homes.Variable(caller);
        if (value is not null && !Path.IsPathFullyQualified(value))
        {
            return NotAbsolute(name);
        }

        ProfileFiles files = ProfileFiles.In(homes.Of(caller));
        if (!PathOf(caller, files, "AWS_CONFIG_FILE").Succeeded(out CallerPath? config, out Problem? problem) ||
            !PathOf(caller, files, "AWS_SHARED_CREDENTIALS_FILE").Succeeded(out CallerPath? credentials, out problem))
        {
            return problem;
        }

        return files with { Config = config.Path ?? files.Config, Credentials = credentials.Path ?? files.Credentials };
    }

    /// <summary>The path in a variable, or a path of null when the variable is unset.</summary>
    public static Outcome<CallerPath> PathOf(CallerIdentity caller, ProfileFiles files, string variable)
    {
        if (caller[variable] is not { } value)
        {
            return new CallerPath(null);
        }

        return files.Absolute(value) is { } path ? new CallerPath(path) : NotAbsolute(variable);
    }

    // Never the value: what belongs into the file that AWS_WEB_IDENTITY_TOKEN_FILE names is at times pasted into the variable.
    private static Problem NotAbsolute(string variable) =>
        new(ProblemKind.BadSetting, $"{variable} is not an absolute path", $"write the whole path into {variable}");
}

/// <summary>An absolute path, or null where the caller names none.</summary>
internal sealed record CallerPath(string? Path);

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

    private string? Own =>
        environment("HOME") is { Length: > 0 } home ? home : OperatingSystem.IsWindows() ? environment("USERPROFILE") : null;

    private string? Ours(string? home) => home is not null && Path.IsPathFullyQualified(home) && isOurs(home) ? home : null;
}
