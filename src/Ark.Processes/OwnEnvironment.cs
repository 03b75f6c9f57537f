using System.Collections;

namespace Ark.Processes;

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
