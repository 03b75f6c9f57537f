using System.Collections;

namespace Ark.Processes;

/// <summary>One run of another program, with everything that it gets: nothing is inherited, and no shell sees it.</summary>
public sealed record ProgramCall
{
    /// <summary>Where programs run that have no home to be in: nobody else can put a file there for them to find.</summary>
    public static string SafeDirectory { get; } = OperatingSystem.IsWindows() ? System.Environment.SystemDirectory : "/";

    /// <summary>The program's whole path, as <see cref="ProgramSearch"/> found it.</summary>
    public required string Executable { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>All of its environment; a variable that is null is not set. <see cref="OwnEnvironment"/> is where to begin.</summary>
    public required IReadOnlyDictionary<string, string?> Environment { get; init; }

    /// <summary>An absolute path. The program cannot be started where there is no such directory.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>All that it can read on standard input. The caller wipes it, once the run has ended.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>After how long it is killed, with its children.</summary>
    public required TimeSpan Limit { get; init; }

    /// <summary>How many bytes of standard error are kept; what comes after them is read and thrown away.</summary>
    public int ErrorsKept { get; init; }

    /// <summary>Whether what a program printed is worth waiting for when its exit code is not 0.</summary>
    public bool KeepsOutputOfFailure { get; init; }

    /// <summary>Never the arguments, the environment or the input.</summary>
    public override string ToString() => Executable;
}

/// <summary>This process's own environment, as the beginning of another program's.</summary>
public static class OwnEnvironment
{
    /// <summary>A copy without the variables whose names begin with <paramref name="prefix"/>, in any case.</summary>
    public static Dictionary<string, string?> Without(string prefix)
    {
        var copy = new Dictionary<string, string?>(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string name = (string)variable.Key;
            if (!name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                copy[name] = (string?)variable.Value;
            }
        }

        return copy;
    }
}
