using System.Diagnostics.CodeAnalysis;

namespace Ark.Core.Problems;

/// <summary>A value or the problem that stands in its way. Neither converts to text, since the value may be a secret.</summary>
public readonly struct Outcome<T>
    where T : class
{
    private readonly T? _value;
    private readonly Problem? _problem;

    internal Outcome(T? value, Problem? problem) => (_value, _problem) = (value, problem);

#pragma warning disable CA2225 // For languages without conversions; every reader of this is C#.
    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Problem problem) => new(null, problem);
#pragma warning restore CA2225

    /// <summary>True with the value, false with the problem.</summary>
    public bool Succeeded([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Problem? problem)
    {
        value = _value;
        problem = _problem;
        return value is not null;
    }
}

/// <summary>Makes an <see cref="Outcome{T}"/> of an interface, which C# does not convert by itself.</summary>
public static class Outcome
{
    public static Outcome<T> Of<T>(T value)
        where T : class => new(value, null);
}
