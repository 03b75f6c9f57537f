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
            .Select(candidate => (candidate, distance: Distance(name, candidate)))
            .Where(pair => pair.distance <= Math.Max(1, name.Length / 3))
            .OrderBy(pair => pair.distance)
            .ThenBy(pair => pair.candidate, StringComparer.Ordinal)
            .Take(Most)
            .Select(pair => pair.candidate),
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
}
