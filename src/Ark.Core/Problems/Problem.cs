using System.Diagnostics.CodeAnalysis;
using Ark.Wire;

namespace Ark.Core.Problems;

/// <summary>Why a host of ours got no credentials. It is never the "not found" sentence, and it never holds a secret.</summary>
/// <param name="Kind">What went wrong, for status and for tests.</param>
/// <param name="Message">One line, lower case, no full stop: what happened, naming the profile, file, host or value.</param>
/// <param name="Hint">One line: the command or the step that repairs it.</param>
public sealed record Problem(ProblemKind Kind, string Message, string Hint)
{
    // Names of profiles, files and hosts come from elsewhere. Made safe here, they are safe wherever a problem is shown.
    public string Message { get; init => field = TextSanitizer.Line(value); } = TextSanitizer.Line(Message);

    public string Hint { get; init => field = TextSanitizer.Line(value); } = TextSanitizer.Line(Hint);
}

/// <summary>The kinds of failure that a user can do something about, each with its own sentence.</summary>
public enum ProblemKind
{
    /// <summary>No source of AWS credentials was found for the request.</summary>
    NoCredentials,

    /// <summary>The named profile, or one that it refers to, does not exist.</summary>
    ProfileNotFound,

    /// <summary>A profile, file, endpoint or region is there but cannot be used as it stands.</summary>
    BadSetting,

    /// <summary>An interactive login (SSO, <c>aws login</c>) has expired or was never made.</summary>
    LoginRequired,

    /// <summary>The credentials need a code that a person types in.</summary>
    MfaRequired,

    /// <summary>AWS knows the caller and says no.</summary>
    AccessDenied,

    /// <summary>AWS refused the credentials themselves: expired, unknown or wrongly signed.</summary>
    CredentialsRejected,

    /// <summary>AWS asked us to slow down.</summary>
    Throttled,

    /// <summary>AWS failed on its side (5xx).</summary>
    ServiceFailure,

    /// <summary>No answer: name resolution, connection, TLS or time-out.</summary>
    Unreachable,

    /// <summary>An answer that is not a usable authorization token.</summary>
    BadAnswer,

    /// <summary>The configuration is there but is not valid or not safe; nothing is served from it.</summary>
    BadConfiguration,

    /// <summary>Several organizations could answer and nothing chooses between them.</summary>
    Ambiguous,

    /// <summary>The repository does not exist, and AWS says so: it was not a matter of rights.</summary>
    RepositoryNotFound,

    /// <summary>The repository exists already.</summary>
    RepositoryExists,

    /// <summary>AWS refuses to do that to the repository: it holds images, a quota is reached, or a setting is wrong.</summary>
    RepositoryRefused,

    /// <summary>Another store was asked and has no credentials: the client goes on without.</summary>
    NotStored,

    /// <summary>The request comes from a program that we ran for another request: the client goes on without.</summary>
    Loop,

    /// <summary>A fault of ours: an exception that should not have happened.</summary>
    Internal,
}

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
