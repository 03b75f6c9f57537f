namespace Ark.Aws.Profiles;

/// <summary>Where one identity's AWS files are. All paths are absolute.</summary>
/// <param name="Home">The home directory, for <c>.aws/sso/cache</c> and for <c>~/</c> in paths; null where there is none.</param>
/// <param name="Config">The file that is <c>~/.aws/config</c> by default.</param>
/// <param name="Credentials">The file that is <c>~/.aws/credentials</c> by default.</param>
internal sealed record ProfileFiles(string? Home, string? Config, string? Credentials)
{
    public static ProfileFiles In(string? home) => home is null
        ? new ProfileFiles(null, null, null)
        : new ProfileFiles(home, Path.Combine(home, ".aws", "config"), Path.Combine(home, ".aws", "credentials"));

    public string? SsoCache => Home is null ? null : Path.Combine(Home, ".aws", "sso", "cache");

    /// <summary>An absolute path, where <c>~/</c> stands for the home; null when it is relative to who knows what.</summary>
    public string? Absolute(string path)
    {
        if (path.StartsWith("~/", StringComparison.Ordinal) && Home is not null)
        {
            return Path.Combine(Home, path[2..]);
        }

        return Path.IsPathFullyQualified(path) ? path : null;
    }
}
