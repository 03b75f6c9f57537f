using System.Text;

namespace Ark.Aws.Sdk;

/// <summary>Makes a message of AWS fit to be shown: one line, at most 300 characters, and nothing that is or looks like a key.</summary>
internal static class AwsMessage
{
    private const int MaxLength = 300;

    // A secret access key has 40 characters, every session token has more, and no name in a sentence of AWS's has as many.
    private const int LooksLikeAKey = 40;

    private const char Hidden = '…';

    /// <param name="message">What AWS said.</param>
    /// <param name="secrets">Secrets that went into the call; null and empty ones are skipped.</param>
    public static string Clean(string? message, params ReadOnlySpan<string?> secrets)
    {
        string text = message ?? "";
        foreach (string? secret in secrets)
        {
            text = string.IsNullOrEmpty(secret) ? text : text.Replace(secret, "…", StringComparison.Ordinal);
        }

        int end = text.AsSpan().IndexOfAny('\r', '\n');
        text = HideKeys((end < 0 ? text : text[..end]).Trim().TrimEnd('.'));
        return text.Length <= MaxLength ? text : text[..MaxLength] + Hidden;
    }

    private static string HideKeys(string text)
    {
        var shown = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            int run = 0;
            while (i + run < text.Length && (char.IsAsciiLetterOrDigit(text[i + run]) || text[i + run] is '+' or '/' or '=' or '%'))
            {
                run++;
            }

            if (run >= LooksLikeAKey)
            {
                shown.Append(Hidden);
                i += run;
            }
            else
            {
                shown.Append(text, i, run);
                i += run;
                if (i < text.Length)
                {
                    shown.Append(char.IsControl(text[i]) ? ' ' : text[i]);
                    i++;
                }
            }
        }

        return shown.ToString();
    }
}
