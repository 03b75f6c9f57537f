using System.Collections.Concurrent;
using System.Diagnostics;
using Ark.Core.Problems;

namespace Ark.Aws.Profiles;

/// <summary>
/// Reads AWS's files and remembers them until they change, so that the usual request costs two file look-ups. A file that is not
/// there is empty; one that is there and cannot be read is a problem that names it.
/// </summary>
internal sealed class ProfileStore(TimeProvider time)
{
    // Callers name the files. A handful is usual; past this many the memory is of no use anyway.
    private const int MaxRemembered = 64;

    // A file that changed this shortly before it was read may change once more without its time stamp showing it.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Remembered> _files = new(StringComparer.Ordinal);

    public Outcome<ProfileSet> Load(ProfileFiles files)
    {
        if (!Read(files.Config).Succeeded(out IReadOnlyList<IniSection>? config, out Problem? problem) ||
            !Read(files.Credentials).Succeeded(out IReadOnlyList<IniSection>? credentials, out problem))
        {
            return problem;
        }

        return new ProfileSet(files, config, credentials);
    }

    private Outcome<IReadOnlyList<IniSection>> Read(string? path)
    {
        if (path is null)
        {
            return Outcome.Of<IReadOnlyList<IniSection>>([]);
        }

        try
        {
            return SmallFile.Find(path) is { } file ? Read(path, file) : Outcome.Of<IReadOnlyList<IniSection>>([]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Problem(
                ProblemKind.BadSetting, $"{path} is there, but it cannot be read", $"check what {path} is and that you may read it");
        }
    }

    private Outcome<IReadOnlyList<IniSection>> Read(string path, SmallFile file)
    {
        (long, DateTime, DateTime) stamp = file.Stamp;
        if (_files.TryGetValue(path, out Remembered? remembered) && remembered.Stamp == stamp)
        {
            return Outcome.Of<IReadOnlyList<IniSection>>(remembered.Sections);
        }

        bool settled = time.GetUtcNow() - file.Written > Settling;
        switch (IniFile.Parse(file.ReadText()))
        {
            case IniOutcome.Parsed parsed:
                if (settled)
                {
                    Remember(path, new Remembered(stamp, parsed.Sections));
                }

                return Outcome.Of<IReadOnlyList<IniSection>>(parsed.Sections);
            case IniOutcome.Broken broken:
                return new Problem(
                    ProblemKind.BadSetting, $"{path}, line {broken.Line}: {broken.Reason}", $"correct line {broken.Line} of {path}");
            default:
                throw new UnreachableException();
        }
    }

    private void Remember(string path, Remembered file)
    {
        if (_files.Count >= MaxRemembered)
        {
            _files.Clear();
        }

        _files[path] = file;
    }

    private sealed record Remembered((long, DateTime, DateTime) Stamp, IReadOnlyList<IniSection> Sections);
}
