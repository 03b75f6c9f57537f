namespace Ark.Core.Resolving;

/// <summary>
/// The caller's own variables, forwarded by the helper for one request: <c>AWS_*</c> identity variables, what says where the caller's
/// files and stores are (<c>HOME</c>, <c>XDG_CONFIG_HOME</c>, <c>GNUPGHOME</c>, <c>ARK_CONFIG</c> and their like) and
/// <c>ARK_ORGANIZATION</c>. They may hold secrets and are dropped with the request.
/// </summary>
public sealed class CallerIdentity(IReadOnlyDictionary<string, string> variables)
{
    private static readonly string[] Keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

    public static CallerIdentity Empty { get; } = new(new Dictionary<string, string>());

    /// <summary>The variable's value, or null when it is unset or empty: AWS treats the two alike.</summary>
    public string? this[string name] => variables.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;

    /// <summary>The same caller, who has chosen an organization.</summary>
    public CallerIdentity Choosing(string organization) =>
        new(new Dictionary<string, string>(variables) { [Choice.CalledAs] = organization });

    /// <summary>The same caller without secrets, for whoever keeps it beyond the request.</summary>
    public CallerIdentity WithoutKeys() => new(variables.Where(variable => !Keys.Contains(variable.Key)).ToDictionary());

    /// <summary>Never the values.</summary>
    public override string ToString() => $"{variables.Count} variables";
}
