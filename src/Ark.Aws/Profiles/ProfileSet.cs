using Ark.Core.Problems;
using Ark.Wire;

namespace Ark.Aws.Profiles;

/// <summary>The profiles of one identity: both files read as one, as AWS's own tools read them.</summary>
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
