using Ark.Core.Problems;
using Ark.Files;
using Ark.Wire;

namespace Ark.Aws.Profiles;

/// <summary>The profiles of one identity: both files read as one, as AWS's own tools read them. Safe for any number of readers.</summary>
internal sealed class ProfileSet
{
    private readonly Dictionary<string, IniSection> _profiles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IniSection> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IniSection> _services = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unprefixed = new(StringComparer.Ordinal);

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
            Merge(_profiles, section, section.Name);
        }
    }

    public ProfileFiles Files { get; }

    /// <summary>Why somebody else could decide what the files say, and with it which programs run; null where nobody can.</summary>
    public FileFault? Fault { get; init; }

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
        if (_unprefixed.Contains(name))
        {
            return new Problem(
                ProblemKind.ProfileNotFound, message, $"in {Files.Config} the section must read [profile {shown}], not [{shown}]");
        }

        string[] near = NearNames.Of(name, _profiles.Keys);
        string hint = near.Length > 0
            ? $"did you mean {string.Join(" or ", near)}? `aws configure list-profiles` shows all"
            : $"run `aws configure --profile {shown}` or `aws configure sso --profile {shown}`, or name another profile";
        return new Problem(ProblemKind.ProfileNotFound, message, hint);
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

/// <summary>Finds what somebody may have meant.</summary>
internal static class NearNames
{
    private const int Most = 3;

    /// <summary>Up to three of <paramref name="known"/> that are a slip of the finger away from <paramref name="name"/>, nearest
    /// first.</summary>
    public static string[] Of(string name, IEnumerable<string> known) =>
    [
        .. known
            .Select(candidate => new Candidate(candidate, Distance(name, candidate)))
            .Where(candidate => candidate.Distance <= Math.Max(1, name.Length / 3))
            .OrderBy(candidate => candidate.Distance)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Take(Most)
            .Select(candidate => candidate.Name),
    ];

    /// <summary>Letters to insert, delete or change, regardless of case.</summary>
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                bool same = char.ToUpperInvariant(one[i - 1]) == char.ToUpperInvariant(other[j - 1]);
                int changed = same ? diagonal : diagonal + 1;
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }

    // Not a tuple: LINQ is compiled once for all classes, and once more for every value type.
    private sealed record Candidate(string Name, int Distance);
}
