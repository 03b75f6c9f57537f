using System.Text;
using System.Text.Unicode;

namespace Ark.Wire;

/// <summary>
/// The caller's <see cref="IdentityVariables"/> as they travel with a request. A text becomes a string when somebody asks for it and not
/// before; a secret stays bytes, and is wiped with the request.
/// </summary>
public sealed class CallerVariables : IDisposable
{
    private readonly List<Variable> _variables = [];

    public static CallerVariables Empty { get; } = new();

    public int Count => _variables.Count;

    /// <summary>For whoever sends them, or has them from elsewhere than a frame.</summary>
    public static CallerVariables Of(IReadOnlyDictionary<string, string> variables)
    {
        var all = new CallerVariables();
        foreach ((string name, string value) in variables)
        {
            all._variables.Add(Variable.Of(name, Encoding.UTF8.GetBytes(value)));
        }

        return all;
    }

    /// <summary>Whether the caller has set it, to whatever.</summary>
    public bool ContainsKey(string name) => Find(name) is not null;

    /// <summary>The text of a variable that holds no secret, or null when it is unset or empty: AWS treats the two alike.</summary>
    public string? Text(string name)
    {
        if (IdentityVariables.Secrets.Contains(name))
        {
            throw new ArgumentException($"{name} is a secret", nameof(name));
        }

        return Find(name)?.Text;
    }

    /// <summary>The bytes of a variable that holds a secret; empty when it is unset, and zeros once the request is over.</summary>
    public ReadOnlySpan<byte> Secret(string name) => Find(name)?.Secret is { } secret ? secret.Bytes : [];

    /// <summary>A copy that outlives the request; null when the variable is unset or empty, or the request is over.</summary>
    public Secret? CopySecret(string name) => Find(name)?.Secret is { Bytes.IsEmpty: false } secret ? secret.Copy() : null;

    /// <summary>The same without secrets and without what goes with them, for whoever keeps them beyond the request.</summary>
    public CallerVariables WithoutKeys()
    {
        var rest = new CallerVariables();
        rest._variables.AddRange(_variables.Where(static variable => !IdentityVariables.Keys.Contains(variable.Name)));
        return rest;
    }

    /// <summary>Wipes the secrets.</summary>
    public void Dispose()
    {
        foreach (Variable variable in _variables)
        {
            variable.Secret?.Dispose();
        }
    }

    /// <summary>Never the values.</summary>
    public override string ToString() => $"{Count} variables";

    internal void Write(ref BodyWriter body)
    {
        body.UInt16(Count);
        foreach (Variable variable in _variables)
        {
            body.Text(variable.Name);
            body.Text(variable.Bytes);
        }
    }

    /// <summary>
    /// Only known names are taken in, once each: a frame cannot smuggle anything else into the daemon. Null, with nothing left of the
    /// secrets, when there is another, or when a text is not UTF-8.
    /// </summary>
    internal static CallerVariables? Read(ref BodyReader body)
    {
        var all = new CallerVariables();
        for (int left = body.UInt16(); left > 0; left--)
        {
            string? name = IdentityVariables.Known(body.ShortBytes());
            ReadOnlySpan<byte> value = body.ShortBytes();
            if (name is null || all._variables.Exists(variable => variable.Name == name) || !Utf8.IsValid(value) || body.Failed)
            {
                all.Dispose();
                return null;
            }

            all._variables.Add(Variable.Of(name, value));
        }

        return all;
    }

    private Variable? Find(string name) => _variables.Find(variable => variable.Name == name);

    private sealed class Variable
    {
        private readonly byte[] _bytes;
        private string? _text;

        private Variable(string name, byte[] bytes, Secret? secret) => (Name, _bytes, Secret) = (name, bytes, secret);

        public string Name { get; }

        public Secret? Secret { get; }

        public ReadOnlySpan<byte> Bytes => Secret is null ? _bytes : Secret.Bytes;

        public string? Text => _bytes.Length == 0 ? null : _text ??= Encoding.UTF8.GetString(_bytes);

        public static Variable Of(string name, ReadOnlySpan<byte> value) =>
            IdentityVariables.Secrets.Contains(name)
                ? new Variable(name, [], new Secret(value))
                : new Variable(name, value.ToArray(), secret: null);
    }
}
