using Ark.Core.Resolving;
using Ark.Wire;

namespace Ark.Daemon.Sources;

/// <summary>Where a caller's files and stores are: all that a program or a file of the configuration needs to know of a caller, and nothing secret.</summary>
internal sealed class CallerPlace
{
    private static readonly string[] Forwarded = [.. IdentityVariables.Stores, "XDG_CONFIG_HOME"];

    /// <summary>Those that decide what is found there; the others only decide who is asked for a passphrase.</summary>
    private static readonly string[] Deciding = ["GNUPGHOME", "PASSWORD_STORE_DIR", "XDG_CONFIG_HOME"];

    private CallerPlace(string? home, IReadOnlyDictionary<string, string> variables) => (Home, Variables) = (home, variables);

    /// <summary>The home directory, which is this user's own, or null where there is none.</summary>
    public string? Home { get; }

    /// <summary>The caller's own variables for programs that are run on its behalf.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>What makes two places one: in another home or another store there are other secrets.</summary>
    public IEnumerable<string?> Identity => [Home, .. Deciding.Select(name => Variables.GetValueOrDefault(name))];

    /// <summary>
    /// The caller's place. A home that belongs to somebody else, as <c>HOME</c> often does under sudo, is never used; the daemon's is then.
    /// </summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="ownHome">The daemon's own home, or null.</param>
    public static CallerPlace Of(CallerIdentity caller, string? ownHome)
    {
        string? home = caller["HOME"] ?? caller["USERPROFILE"];
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in Forwarded)
        {
            if (caller[name] is { } value)
            {
                variables.Add(name, value);
            }
        }

        return new CallerPlace(home is not null && Path.IsPathFullyQualified(home) && Ownership.IsOurs(home) ? home : ownHome, variables);
    }
}
