using System.Collections.Concurrent;
using Ark.Core.Problems;
using Ark.Core.Sources;
using Ark.Files;
using Ark.Wire;

namespace Ark.Aws.Profiles;

/// <summary>
/// Reads AWS's files and remembers what they say until one of them changes, so that the usual request costs a look at two files,
/// however many profiles are in them. A file that is not there is empty; one that is there and cannot be read is a problem that names it.
/// </summary>
internal sealed class ProfileStore(TimeProvider time)
{
    // Callers name the files. A handful is usual; past this many the memory is of no use anyway.
    private const int MaxRemembered = 64;

    // A file that changed this shortly before it was read may change once more without its time stamp showing it.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<ProfileFiles, Remembered> _sets = new();

    /// <summary>
    /// The profiles of both files as one. Everybody who asks for the same files gets the same object, which never changes.
    /// </summary>
    public Outcome<ProfileSet> Load(ProfileFiles files)
    {
        if (!StampOf(files.Config).Succeeded(out Stamp? config, out Problem? problem) ||
            !StampOf(files.Credentials).Succeeded(out Stamp? credentials, out problem))
        {
            return problem;
        }

        var stamps = new Stamps(config, credentials);
        if (_sets.TryGetValue(files, out Remembered? remembered) && remembered.Stamps == stamps)
        {
            return remembered.Profiles;
        }

        bool settled = time.GetUtcNow() - stamps.LastChange > Settling;
        if (!Read(files.Config).Succeeded(out Content? configured, out problem) ||
            !Read(files.Credentials).Succeeded(out Content? secret, out problem))
        {
            return problem;
        }

        FileFault? fault = configured.Fault ?? secret.Fault;
        IReadOnlyList<Problem> broken = [.. configured.Text.Faults, .. secret.Text.Faults];
        string? warning = fault is not null ? $"others could change AWS's files: {fault.Message}; {fault.Repair}"
            : broken is [var first, ..] ? $"{first.Message}; {first.Hint}"
            : null;
        var profiles = new ProfileSet(files, configured.Text.Sections, secret.Text.Sections)
        {
            Fault = fault,
            Broken = broken,
            Warning = warning is null ? null : new SourceWarning(warning, $"{config.File} {credentials.File}"),
        };

        // A fault may be mended in a directory further up, where no look at the files shows it.
        if (settled && fault is null)
        {
            Remember(files, new Remembered(stamps, profiles));
        }

        return profiles;
    }

    private static Outcome<Stamp> StampOf(string? path)
    {
        try
        {
            return new Stamp(path is null ? null : FileStamp.Of(path));
        }
        catch (FileNotFoundException)
        {
            // A link that leads nowhere is as good as no file.
            return new Stamp(null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(path!);
        }
    }

    private static Outcome<Content> Read(string? path)
    {
        try
        {
            using SmallFile? file = path is null ? null : SmallFile.Find(path);
            return file is null ? Content.None : new Content(IniFile.Parse(file.ReadText(), path!), file.Fault);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(path!);
        }
    }

    private static Problem Unreadable(string path) => new(
        ProblemKind.BadSetting, $"{path} is there, but it cannot be read", $"check what {path} is and that you may read it");

    private void Remember(ProfileFiles files, Remembered set)
    {
        if (_sets.Count >= MaxRemembered)
        {
            _sets.Clear();
        }

        _sets[files] = set;
    }

    private sealed record Stamp(FileStamp? File);

    private sealed record Stamps(Stamp Config, Stamp Credentials)
    {
        public DateTimeOffset LastChange { get; } = new[]
        {
            Config.File?.ChangedAt, Config.File?.WrittenAt, Credentials.File?.ChangedAt, Credentials.File?.WrittenAt,
        }.Max() ?? DateTimeOffset.MinValue;
    }

    private sealed record Content(IniText Text, FileFault? Fault)
    {
        public static Content None { get; } = new(new IniText([], []), null);
    }

    private sealed record Remembered(Stamps Stamps, ProfileSet Profiles);
}

/// <summary>Where one identity's AWS files are. All paths are absolute.</summary>
/// <param name="Home">The home directory, for <c>.aws/sso/cache</c> and for <c>~/</c> in paths; null where there is none.</param>
/// <param name="Config">The file that is <c>~/.aws/config</c> by default.</param>
/// <param name="Credentials">The file that is <c>~/.aws/credentials</c> by default.</param>
internal sealed record ProfileFiles(string? Home, string? Config, string? Credentials)
{
    public static ProfileFiles In(string? home) => home is null
        ? new ProfileFiles(null, null, null)
        : new ProfileFiles(home, Path.Combine(home, ".aws", "config"), Path.Combine(home, ".aws", "credentials"));

    /// <summary>Where <c>aws login</c> keeps its sessions.</summary>
    public string? LoginCache { get; init; } = Home is null ? null : Path.Combine(Home, ".aws", "login", "cache");

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

/// <summary>The profiles of one identity: both files read as one, as AWS's own tools read them. Safe for any number of readers.</summary>
internal sealed class ProfileSet
{
    private readonly Dictionary<string, IniSection> _profiles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IniSection> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IniSection> _services = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unprefixed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _prefixed = new(StringComparer.Ordinal);

    public ProfileSet(ProfileFiles files, IEnumerable<IniSection> config, IEnumerable<IniSection> credentials)
    {
        Files = files;
        bool prefixedDefault = false;
        foreach (IniSection section in config)
        {
            (string kind, string name) = Classify(section.Name);
            switch (kind)
            {
                // [profile default] beats [default]; AWS's tools do not mix the two.
                case "profile" when name == "default":
                    _profiles[name] = Copy(section, name);
                    prefixedDefault = true;
                    break;
                case "profile":
                    Merge(_profiles, section, name);
                    break;
                case "" when name == "default":
                    if (!prefixedDefault)
                    {
                        Merge(_profiles, section, name);
                    }

                    break;
                case "sso-session":
                    Merge(_sessions, section, name);
                    break;
                case "services":
                    Merge(_services, section, name);
                    break;
                default:
                    _unprefixed.Add(section.Name);
                    break;
            }
        }

        foreach (IniSection section in credentials)
        {
            // Words that belong into the other file make no profile here.
            switch (Classify(section.Name))
            {
                case ("profile", var name):
                    _prefixed.Add(name);
                    break;
                case ("sso-session" or "services", _):
                    break;
                default:
                    Merge(_profiles, section, section.Name);
                    break;
            }
        }
    }

    public ProfileFiles Files { get; }

    /// <summary>Why somebody else could decide what the files say, and with it which programs run; null where nobody can.</summary>
    public FileFault? Fault { get; init; }

    /// <summary>The first broken lines of both files. They stop only whoever uses the section that they are in.</summary>
    public IReadOnlyList<Problem> Broken { get; init; } = [];

    public Problem? FirstBroken => Broken.Count > 0 ? Broken[0] : null;

    /// <summary>What of these two whoever is served all the same should know: keys and regions run nothing.</summary>
    public SourceWarning? Warning { get; init; }

    public bool IsEmpty => _profiles.Count == 0;

    /// <summary>The names of all profiles, in alphabetical order.</summary>
    public IEnumerable<string> Names => _profiles.Keys.Order(StringComparer.Ordinal);

    public IniSection? Profile(string name) => _profiles.GetValueOrDefault(name);

    public IniSection? SsoSession(string name) => _sessions.GetValueOrDefault(name);

    public IniSection? Services(string name) => _services.GetValueOrDefault(name);

    /// <summary>Says that a profile is not there and what the user may have meant.</summary>
    /// <param name="name">The profile that was looked for.</param>
    /// <param name="referrer">The profile that refers to it, or null.</param>
    public Problem NotFound(string name, string? referrer = null)
    {
        string shown = TextSanitizer.Name(name);
        string message = referrer is null
            ? $"the profile '{shown}' is {NotThere}"
            : $"the profile '{referrer}' refers to '{shown}', which is {NotThere}";
        IReadOnlyList<string> near = NearNames.Of(name, Names);
        string hint = Misnamed(name) is { } misnamed ? misnamed
            : near.Count > 0 ? $"did you mean {string.Join(" or ", near)}? `aws configure list-profiles` shows all"
            : $"run `aws configure --profile {shown}` or `aws configure sso --profile {shown}`, or name another profile";
        return new Problem(ProblemKind.ProfileNotFound, message, hint);
    }

    /// <summary>How a section must be called that is called as in the other file, or null where none is.</summary>
    public string? Misnamed(string name)
    {
        string shown = TextSanitizer.Name(name);
        return _unprefixed.Contains(name) ? $"in {Files.Config} the section must read [profile {shown}], not [{shown}]"
            : _prefixed.Contains(name) ? $"in {Files.Credentials} the section must read [{shown}], not [profile {shown}]"
            : null;
    }

    private string NotThere => (Files.Config ?? Files.Credentials) is null
        ? "nowhere, because there is no home directory that belongs to this user"
        : $"not in {string.Join(" or ", new[] { Files.Config, Files.Credentials }.OfType<string>())}";

    private static (string Kind, string Name) Classify(string section)
    {
        int blank = section.AsSpan().IndexOfAny(' ', '\t');
        return blank < 0 ? ("", section) : (section[..blank], section[blank..].Trim().Trim('"', '\''));
    }

    private static void Merge(Dictionary<string, IniSection> into, IniSection section, string name)
    {
        if (into.TryGetValue(name, out IniSection? existing))
        {
            existing.Overlay(section);
        }
        else
        {
            into[name] = Copy(section, name);
        }
    }

    private static IniSection Copy(IniSection section, string name)
    {
        var copy = new IniSection(name);
        copy.Overlay(section);
        return copy;
    }
}
