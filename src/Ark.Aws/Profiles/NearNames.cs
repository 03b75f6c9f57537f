namespace Ark.Aws.Profiles;

/// <summary>Finds what somebody may have meant.</summary>
internal static class NearNames
{
    private const int Most = 3;

    /// <summary>Up to three of <paramref name="known"/> that are a slip of the finger away from <paramref name="name"/>, nearest
    /// first.</summary>
    public static string[] Of(string name, IEnumerable<string> known) =>
    [
        .. known
            .Select(candidate => new Candidate(candidate, Distance(name, candidate)))
            .Where(candidate => candidate.Distance <= Math.Max(1, name.Length / 3))
            .OrderBy(candidate => candidate.Distance)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Take(Most)
            .Select(candidate => candidate.Name),
    ];

    /// <summary>Letters to insert, delete or change, regardless of case.</summary>
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                bool same = char.ToUpperInvariant(one[i - 1]) == char.ToUpperInvariant(other[j - 1]);
                int changed = same ? diagonal : diagonal + 1;
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }

    // Not a tuple: LINQ is compiled once for all classes, and once more for every value type.
    private sealed record Candidate(string Name, int Distance);
}
