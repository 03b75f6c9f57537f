using System.Collections.Concurrent;
using System.Diagnostics;
using Ark.Core.Problems;
using Ark.Files;

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

        var profiles = new ProfileSet(files, configured.Sections, secret.Sections) { Fault = configured.Fault ?? secret.Fault };
        if (settled)
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
            return file is null ? Content.None : IniFile.Parse(file.ReadText()) switch
            {
                IniOutcome.Parsed parsed => new Content(parsed.Sections, file.Fault),
                IniOutcome.Broken broken => new Problem(
                    ProblemKind.BadSetting, $"{path}, line {broken.Line}: {broken.Reason}", $"correct line {broken.Line} of {path}"),
                _ => throw new UnreachableException(),
            };
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

    private sealed record Content(IReadOnlyList<IniSection> Sections, FileFault? Fault)
    {
        public static Content None { get; } = new([], null);
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
