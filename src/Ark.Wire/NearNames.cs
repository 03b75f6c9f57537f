namespace Ark.Wire;

/// <summary>Finds what somebody probably meant to write.</summary>
public static class NearNames
{
    private const int MaxDistance = 2;
    private const int MaxLength = 64;
    private const int Most = 3;

    /// <summary><c>; did you mean "profile"?</c>, or nothing when no name is near.</summary>
    public static string Suggest(string written, IEnumerable<string> known) =>
        Of(written, known) is [var nearest, ..] ? $"; did you mean \"{nearest}\"?" : "";

    /// <summary>Up to three names that are a slip or two away from what is written, nearest first; of equals, the first.</summary>
    public static IReadOnlyList<string> Of(string written, IEnumerable<string> known) => written.Length > MaxLength ? [] :
    [
        .. known
            .Select(name => new Candidate(name, Distance(written, name)))
            .Where(candidate => candidate.Distance <= Math.Min(MaxDistance, candidate.Name.Length / 2))
            .OrderBy(candidate => candidate.Distance)
            .Take(Most)
            .Select(candidate => candidate.Name),
    ];

    /// <summary>Levenshtein's distance without regard to case.</summary>
    private static int Distance(string a, string b)
    {
        Span<int> row = stackalloc int[MaxLength + 1];
        for (int j = 0; j <= a.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= b.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= a.Length; j++)
            {
                int substitution = diagonal + (char.ToLowerInvariant(a[j - 1]) == char.ToLowerInvariant(b[i - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substitution, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[a.Length];
    }

    // Not a tuple: LINQ is compiled once for all classes, and once more for every value type.
    private sealed record Candidate(string Name, int Distance);
}
