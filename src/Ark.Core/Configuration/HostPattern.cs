using Ark.Wire.Registries;

namespace Ark.Core.Configuration;

/// <summary>
/// A host with one <c>*</c>, which stands for one character or more within its label: <c>*.dkr.ecr.eu-west-1.amazonaws.com</c>. At least
/// two labels must follow it: a pattern for a whole top-level domain is a slip. What lies below shared names such as <c>azurecr.io</c>
/// belongs to many; such a pattern is the configuration's own responsibility.
/// </summary>
internal sealed record HostPattern
{
    private const int LabelsAfter = 2;

    private HostPattern(string before, string after) => (Before, After) = (before, after);

    /// <summary>What a host must end with, from the label after the star on; patterns are looked up by it.</summary>
    public string Domain => After[After.IndexOf('.', StringComparison.Ordinal)..];

    /// <summary>How much of it is literal: of two patterns that match, the longer one says more.</summary>
    public int Length => Before.Length + After.Length;

    private string Before { get; }

    private string After { get; }

    /// <summary>Whether the text was meant as a pattern.</summary>
    public static bool IsMeant(string text) => text.Contains('*', StringComparison.Ordinal);

    /// <summary>Reads a pattern, or says in <paramref name="refusal"/> what is wrong with it.</summary>
    public static HostPattern? Parse(string text, out string refusal)
    {
        int star = text.IndexOf('*', StringComparison.Ordinal);

        // A digit may stand wherever the star may, and what is not host and port alone would move it.
        switch (RegistryReference.Parse(string.Concat(text.AsSpan(0, star), "0", text.AsSpan(star + 1))))
        {
            case RegistryParse.NotARegistry when text.LastIndexOf('*') != star:
                refusal = "it has more than one '*'";
                return null;

            case RegistryParse.NotARegistry(string reason):
                refusal = reason;
                return null;

            case RegistryParse.Parsed(RegistryReference { Path: "" } sample) when !text.AsSpan().ContainsAny('/', ' '):
                var pattern = new HostPattern(sample.Host[..star], sample.Host[(star + 1)..]);
                refusal = pattern.After.Count(c => c == '.') >= LabelsAfter ? "" : "two labels at least must follow the one with the '*'";
                return refusal.Length == 0 ? pattern : null;

            default:
                refusal = "a pattern is a host alone, such as \"*.example.com\"";
                return null;
        }
    }

    /// <summary>Whether the pattern covers a canonical host.</summary>
    public bool Matches(string host) =>
        host.Length > Length
        && host.StartsWith(Before, StringComparison.Ordinal)
        && host.EndsWith(After, StringComparison.Ordinal)
        && !host.AsSpan(Before.Length, host.Length - Length).ContainsAny('.', ':');

    public override string ToString() => $"{Before}*{After}";
}
