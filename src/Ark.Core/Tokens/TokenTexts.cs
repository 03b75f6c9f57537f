using System.Globalization;
using Ark.Core.Problems;

namespace Ark.Core.Tokens;

/// <summary>What the cache itself has to say to people. None of it can hold a secret.</summary>
internal static class TokenTexts
{
    public static Problem RanOut { get; } = new(
        ProblemKind.BadAnswer,
        "the token ran out while it was being handed out",
        "run the command again; if this stays, set this machine's clock");

    public static Problem TooLittleLife(TokenKey key, DateTimeOffset expiresAt, DateTimeOffset wall) => new(
        ProblemKind.BadAnswer,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{key.Place} issued a token that ends at {expiresAt:u}, and this machine's clock says {wall:u}"),
        "set this machine's clock");

    public static string LittleLeft(TokenKey key, TimeSpan left, Problem? problem)
    {
        string remains = left < TimeSpan.FromMinutes(2) ? $"{(int)left.TotalSeconds} seconds" : $"{(int)left.TotalMinutes} minutes";
        return problem is null
            ? $"the token from {key.Place} has only {remains} left"
            : $"the token has only {remains} left and could not be renewed: {problem.Message}";
    }
}
