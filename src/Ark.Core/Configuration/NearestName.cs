namespace Ark.Core.Configuration;

/// <summary>Finds what somebody probably meant to write.</summary>
internal static class NearestName
{
    private const int MaxDistance = 2;
    private const int MaxLength = 64;

    /// <summary><c>; did you mean "profile"?</c>, or nothing when no name is near.</summary>
    public static string Suggest(string written, IEnumerable<string> names)
    {
        if (written.Length > MaxLength)
        {
            return "";
        }

        // MinBy keeps the first of equals, so the answer does not depend on chance.
        string? nearest = names.MinBy(name => Distance(written, name));
        return nearest is not null && Distance(written, nearest) <= Math.Min(MaxDistance, nearest.Length / 2)
            ? $"; did you mean \"{nearest}\"?"
            : "";
    }

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
}
