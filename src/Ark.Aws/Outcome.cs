using System.Diagnostics.CodeAnalysis;
using Ark.Core.Problems;

namespace Ark.Aws;

/// <summary>A value or the problem that stands in its way. Neither converts to text, since the value may be a secret.</summary>
internal readonly struct Outcome<T>
    where T : class
{
    private readonly T? _value;
    private readonly Problem? _problem;

    private Outcome(T? value, Problem? problem) => (_value, _problem) = (value, problem);

    /// <summary>For interfaces, which C# does not convert by itself.</summary>
    public static Outcome<T> Of(T value) => new(value, null);

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Problem problem) => new(null, problem);

    public bool Succeeded([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Problem? problem)
    {
        value = _value;
        problem = _problem;
        return value is not null;
    }
}
