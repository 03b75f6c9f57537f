using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;

namespace Ark.Aws.Identity;

/// <summary>The paths that a caller's variables name. They must be absolute: the daemon does not know the caller's directory.</summary>
internal static class CallerFiles
{
    public static Outcome<ProfileFiles> Of(CallerIdentity caller, CallerContext context)
    {
        (string name, string? value) = CallerContexts.HomeVariable(caller);
        if (value is not null && !Path.IsPathFullyQualified(value))
        {
            return NotAbsolute(name);
        }

        ProfileFiles files = ProfileFiles.In(context.Home);
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
