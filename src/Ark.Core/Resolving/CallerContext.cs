namespace Ark.Core.Resolving;

/// <summary>
/// Where a caller's files and stores are: all that a file of the configuration, or a program that is run for the caller, needs to know of
/// a caller, and nothing secret. What another user could have put there is left out.
/// </summary>
public sealed class CallerContext
{
    /// <summary>Those that decide what is found in them; the others only decide who is asked for a passphrase.</summary>
    private static readonly string[] Deciding =
    [
        "GNUPGHOME", "PASSWORD_STORE_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "VAULT_ADDR", "AWS_VAULT_BACKEND", "AWS_VAULT_FILE_DIR",
        "AWS_VAULT_KEYCHAIN_NAME", "AWS_VAULT_PASS_PASSWORD_STORE_DIR", "AWS_VAULT_PASS_PREFIX", "AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME",
    ];

    private readonly Lazy<(IReadOnlyDictionary<string, string?> Variables, IReadOnlyList<string> Warnings)> _stores;
    private readonly Lazy<string?> _workingDirectory;

    internal CallerContext(
        string? home,
        Func<(IReadOnlyDictionary<string, string?> Variables, IReadOnlyList<string> Warnings)> stores,
        Func<string, string?> whyNotTrusted)
    {
        Home = home;
        _stores = new(stores);
        _workingDirectory = new(() => home is not null && whyNotTrusted(home) is null ? home : null);
    }

    /// <summary>The home directory, which is this user's own, or null where there is none.</summary>
    public string? Home { get; }

    /// <summary>
    /// Where programs run for the caller: the home, unless another user could have put files there for them to find; then null.
    /// </summary>
    public string? WorkingDirectory => _workingDirectory.Value;

    /// <summary>
    /// The variables for programs that are run for the caller; one that is null must not be set, whatever our own environment has.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Variables => _stores.Value.Variables;

    /// <summary>A line for each of the caller's variables that was left out, with what repairs it.</summary>
    public IReadOnlyList<string> Warnings => _stores.Value.Warnings;

    /// <summary>What makes two places one: in another home or another store there are other secrets.</summary>
    public IEnumerable<string?> Identity => [Home, .. Deciding.Select(name => Variables.GetValueOrDefault(name))];

    /// <summary>The path, in which <c>~/</c> stands for the home; null where there is none.</summary>
    public string? Absolute(string path) =>
        !path.StartsWith("~/", StringComparison.Ordinal) ? path
        : Home is not null ? Path.Join(Home, path[2..])
        : null;
}

/// <summary>
/// Decides which of a caller's directories count. Under <c>sudo -E</c> a caller's <c>HOME</c> is somebody else's, and so is what its
/// variables name: the programs that are configured there would run as us.
/// </summary>
/// <param name="environment">The daemon's own environment.</param>
/// <param name="stores">The caller's variables that programs get.</param>
/// <param name="isOurs">Whether a directory, links resolved, belongs to the user that the daemon runs as.</param>
/// <param name="whyNotTrusted">Null for a directory that no other user could have filled, else the fault and what repairs it.</param>
/// <param name="isRoots">Whether a directory belongs to root and this user may read it, as homes in containers often are.</param>
public sealed class CallerContexts(
    Func<string, string?> environment,
    IEnumerable<string> stores,
    Func<string, bool> isOurs,
    Func<string, string?> whyNotTrusted,
    Func<string, bool>? isRoots = null)
{
    /// <summary>What lies in these directories can make programs run that read them.</summary>
    private static readonly string[] Directories =
    [
        "GNUPGHOME", "PASSWORD_STORE_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "DOCKER_CONFIG",
        "AWS_VAULT_FILE_DIR", "AWS_VAULT_PASS_PASSWORD_STORE_DIR",
    ];

    /// <summary>Another user's is left over from su or sudo, and of no use to anybody else.</summary>
    private const string SessionDirectory = "XDG_RUNTIME_DIR";

    private readonly string[] _forwarded = [.. stores.Union(Directories)];

    /// <summary>
    /// The caller's home when it is this user's, or root's and open to this user: what may run there is decided by each file. Otherwise the
    /// daemon's, if it is this user's; otherwise none. The root directory is a home only for who has no other.
    /// </summary>
    public CallerContext Of(CallerIdentity caller)
    {
        string? given = HomeVariable(caller).Value;
        string? roots = given is not null && Path.IsPathFullyQualified(given) && isRoots?.Invoke(given) == true ? given : null;
        string? home = Ours(given) ?? (roots?.Trim('/') is { Length: > 0 } ? roots : null) ?? Ours(OwnHome) ?? roots;
        (string Name, string? Value)[] variables = [.. _forwarded.Select(name => (name, caller[name]))];
        return new CallerContext(home, () => Judge(home, variables), whyNotTrusted);
    }

    /// <summary>The variable in which a caller names a home, and its value or null.</summary>
    public static (string Name, string? Value) HomeVariable(CallerIdentity caller) =>
        caller["HOME"] is { } home ? ("HOME", home) : ("USERPROFILE", caller["USERPROFILE"]);

    private string? OwnHome =>
        environment("HOME") is { Length: > 0 } home ? home : OperatingSystem.IsWindows() ? environment("USERPROFILE") : null;

    private string? Ours(string? home) => home is not null && Path.IsPathFullyQualified(home) && isOurs(home) ? home : null;

    private (IReadOnlyDictionary<string, string?> Variables, IReadOnlyList<string> Warnings) Judge(
        string? home, (string Name, string? Value)[] variables)
    {
        var kept = new Dictionary<string, string?>(StringComparer.Ordinal) { ["HOME"] = home };
        var warnings = new List<string>();
        foreach ((string name, string? given) in variables)
        {
            if (Directories.Contains(name) && (given ?? environment(name)) is { Length: > 0 } directory)
            {
                string? fault = Path.IsPathFullyQualified(directory)
                    ? whyNotTrusted(directory)
                    : "it is not an absolute path; write the whole path";
                kept[name] = fault is null ? directory : null;
                if (fault is not null && given is not null)
                {
                    warnings.Add($"{name} is not used: {fault}");
                }
            }
            else if (given is not null && (name != SessionDirectory || isOurs(given)))
            {
                kept[name] = given;
            }
        }

        return (kept, warnings);
    }
}
