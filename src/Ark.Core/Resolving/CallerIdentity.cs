using Ark.Wire;

namespace Ark.Core.Resolving;

/// <summary>
/// The caller's own variables, forwarded by the helper for one request: <c>AWS_*</c> identity variables, what says where the caller's
/// files and stores are (<c>HOME</c>, <c>XDG_CONFIG_HOME</c>, <c>GNUPGHOME</c>, <c>ARK_CONFIG</c> and their like) and
/// <c>ARK_ORGANIZATION</c>. Secrets among them are bytes, which are wiped with the request.
/// </summary>
public sealed class CallerIdentity
{
    private readonly CallerVariables _variables;
    private readonly string? _organization;

    public CallerIdentity(CallerVariables variables)
        : this(variables, organization: null)
    {
    }

    public CallerIdentity(IReadOnlyDictionary<string, string> variables)
        : this(CallerVariables.Of(variables))
    {
    }

    private CallerIdentity(CallerVariables variables, string? organization) => (_variables, _organization) = (variables, organization);

    public static CallerIdentity Empty { get; } = new(CallerVariables.Empty);

    /// <summary>The value of a variable that holds no secret, or null when it is unset or empty: AWS treats the two alike.</summary>
    public string? this[string name] => _variables.Text(name);

    /// <summary>The organization that the caller chose, by name or id, or null.</summary>
    public string? ChosenOrganization => Choice.Of(this)?.Organization;

    /// <summary>What the caller should hear of it: a variable won over the name of the helper that docker's file has; or null.</summary>
    public string? ChoiceNote => Choice.Of(this)?.Note;

    /// <summary>The organization that the request itself names; see <see cref="Choosing"/>.</summary>
    internal string? Named => _organization;

    /// <summary>The bytes of a variable that holds a secret; empty when it is unset.</summary>
    public ReadOnlySpan<byte> Secret(string name) => _variables.Secret(name);

    /// <summary>A copy for whoever wipes it; null when the variable is unset or the request is over.</summary>
    public Secret? CopySecret(string name) => _variables.CopySecret(name);

    /// <summary>The same caller, who has chosen an organization.</summary>
    public CallerIdentity Choosing(string organization) => new(_variables, organization);

    /// <summary>The same caller without keys, for whoever keeps it beyond the request.</summary>
    public CallerIdentity WithoutKeys() => new(_variables.WithoutKeys(), _organization);

    /// <summary>Never the values.</summary>
    public override string ToString() => _variables.ToString();
}

/// <summary>The organization that the caller chose, and how, so that a refusal can name it.</summary>
/// <param name="Organization">Name or id, as it was written.</param>
/// <param name="How">What chose it, for people: a variable or the name of an executable.</param>
/// <param name="By">The same, as a rule.</param>
internal sealed record Choice(string Organization, string How, DecidedBy By)
{
    /// <summary>What the caller should hear of it, or null.</summary>
    public string? Note { get; private init; }

    /// <summary>Forwarded by a helper that runs as <c>docker-credential-ark-ORGANIZATION</c>: the last part of that name.</summary>
    public const string CalledAs = "ARK_CALLED_AS";

    private const string Variable = "ARK_ORGANIZATION";

    /// <summary>
    /// What a request names counts before a variable, which somebody set for this command, and that before the name of the helper, which
    /// stands in docker's file for every command; null when the caller chose nothing.
    /// </summary>
    public static Choice? Of(CallerIdentity caller)
    {
        string? called = caller[CalledAs], variable = caller[Variable];
        return caller.Named is { } named ? new Choice(named, $"organization {TextSanitizer.Name(named)}", DecidedBy.Executable)
            : variable is not null ? new Choice(variable, Variable, DecidedBy.Variable)
            {
                Note = called is null || called == variable
                    ? null
                    : $"{Variable} chooses {TextSanitizer.Name(variable)}, not docker-credential-ark-{called} as docker's file says",
            }
            : called is not null ? new Choice(called, $"docker-credential-ark-{called}", DecidedBy.Executable)
            : null;
    }
}
