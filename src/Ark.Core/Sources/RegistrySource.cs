using System.Collections;

namespace Ark.Core.Sources;

/// <summary>Where the credentials of a registry come from: pure data and no secret.</summary>
public abstract record RegistrySource
{
    private protected RegistrySource()
    {
    }

    /// <summary>The source's word in the configuration, such as <c>ecr</c> or <c>helper</c>.</summary>
    public abstract string Type { get; }

    /// <summary>The user name that is known before anything is fetched, or null.</summary>
    public abstract string? KnownUsername { get; }

    /// <summary>How other machines are reached; null where the configuration does not say.</summary>
    public ProxySettings? Proxy { get; init; }

    /// <summary>Whether the two are one identity, so that one token serves both.</summary>
    public virtual bool SharesTokenWith(RegistrySource other) => Equals(other);
}

/// <summary>How the daemon reaches other machines.</summary>
/// <param name="Https">The URL of the proxy for https addresses, which may hold a user and a password; null for none.</param>
/// <param name="NoProxy">What is reached without it.</param>
/// <param name="CaBundle">A file of roots to trust instead of the platform's, absolute or below <c>~/</c>; null for the platform's.</param>
public sealed record ProxySettings(string? Https, ValueList<string> NoProxy, string? CaBundle)
{
    /// <summary>Never the password.</summary>
    public override string ToString() => nameof(ProxySettings);
}

/// <summary>Another docker credential helper, which answers as if the client had asked it.</summary>
/// <param name="Program">The part after <c>docker-credential-</c>, or the absolute path of the program.</param>
/// <param name="Server">The key to ask it for, or null for the host that the client named.</param>
/// <param name="Lifetime">How long its answer is kept; it says nothing about that itself. Zero: it is asked each time.</param>
public sealed record HelperSource(string Program, string? Server, TimeSpan Lifetime) : RegistrySource
{
    public override string Type => "helper";

    public override string? KnownUsername => null;
}

/// <summary>A program that prints a secret, or JSON with <c>username</c>, <c>secret</c> and <c>expiresAt</c>.</summary>
/// <param name="Arguments">The program and its arguments; no shell sees them.</param>
/// <param name="Username">The user name where the program prints the secret alone.</param>
/// <param name="Lifetime">How long a secret is kept that comes without its expiry. Zero: it is run each time.</param>
public sealed record CommandSource(ValueList<string> Arguments, string? Username, TimeSpan Lifetime) : RegistrySource
{
    public override string Type => "command";

    public override string? KnownUsername => Username;
}

/// <summary>A password that stays as it is.</summary>
/// <param name="Username">The user name; null where the place that keeps the secret knows it too.</param>
/// <param name="Secret">Where it is kept.</param>
public sealed record StaticSource(string? Username, SecretReference Secret) : RegistrySource
{
    public override string Type => "static";

    public override string? KnownUsername => Username;
}

/// <summary>A form posted to a token endpoint, which answers with JSON that holds a token.</summary>
/// <param name="Url">The endpoint, <c>https</c>; <c>http</c> for this machine only.</param>
/// <param name="Form">The fields that are no secret, in order.</param>
/// <param name="SecretField">The field in which the secret is sent.</param>
/// <param name="Secret">Where that secret is kept.</param>
/// <param name="TokenField">The answer's password; null for the first of access_token, refresh_token, token.</param>
/// <param name="Username">The user name that goes with it, often <c>&lt;token&gt;</c>.</param>
/// <param name="Lifetime">How long a token is kept whose answer has no <c>expires_in</c>. Zero: it is asked each time.</param>
public sealed record OAuthSource(
    string Url,
    ValueList<FormField> Form,
    string SecretField,
    SecretReference Secret,
    string? TokenField,
    string Username,
    TimeSpan Lifetime) : RegistrySource
{
    public override string Type => "oauth";

    public override string? KnownUsername => Username;
}

/// <summary>One field of a form.</summary>
public readonly record struct FormField(string Name, string Value);

/// <summary>Where a secret is kept: the configuration says where, and never the secret itself.</summary>
public abstract record SecretReference
{
    private SecretReference()
    {
    }

    /// <summary>A file of the user's own that nobody else may read (mode 0600).</summary>
    /// <param name="Path">Absolute, or beginning with <c>~/</c> for the caller's home.</param>
    public sealed record File(string Path) : SecretReference;

    /// <summary>The operating system's store, or another, through its docker credential helper.</summary>
    /// <param name="Program">The part after <c>docker-credential-</c>, or the absolute path of the program.</param>
    /// <param name="Server">The key under which it is kept there.</param>
    public sealed record Helper(string Program, string Server) : SecretReference;

    /// <summary>What a program prints.</summary>
    /// <param name="Arguments">The program and its arguments; no shell sees them.</param>
    public sealed record Command(ValueList<string> Arguments) : SecretReference;
}

/// <summary>An immutable list that is equal to another when their items are, in order: what a record needs of its lists.</summary>
public sealed class ValueList<T>(IReadOnlyList<T> items) : IReadOnlyList<T>, IEquatable<ValueList<T>>
{
    private readonly T[] _items = [.. items];

    public int Count => _items.Length;

    public T this[int index] => _items[index];

    public bool Equals(ValueList<T>? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    public override bool Equals(object? obj) => Equals(obj as ValueList<T>);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (T item in _items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }

    public IEnumerator<T> GetEnumerator() => _items.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
