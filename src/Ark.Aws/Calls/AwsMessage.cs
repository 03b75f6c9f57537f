using System.Text;
using Ark.Wire;

namespace Ark.Aws.Calls;

/// <summary>Makes a message of AWS fit to be shown: one line, at most 300 characters, and nothing that is or looks like a key.</summary>
internal static class AwsMessage
{
    private const int MaxLength = 300;

    // A secret access key has 40 characters, every session token has more, and no name in a sentence of AWS's has as many.
    private const int LooksLikeAKey = 40;

    private const char Hidden = '…';

    /// <param name="message">What AWS said.</param>
    /// <param name="secrets">Secrets that went into the call; null and empty ones are skipped.</param>
    public static string Clean(string? message, params ReadOnlySpan<Secret?> secrets)
    {
        string text = message ?? "";
        foreach (Secret? secret in secrets)
        {
            text = secret is null or { Bytes.IsEmpty: true } ? text : Hide(text, secret);
        }

        int end = text.AsSpan().IndexOfAny('\r', '\n');
        text = HideKeys((end < 0 ? text : text[..end]).Trim().TrimEnd('.'));
        return text.Length <= MaxLength ? text : text[..MaxLength] + Hidden;
    }

    private static string Hide(string text, Secret secret)
    {
        ReadOnlySpan<byte> rest = Encoding.UTF8.GetBytes(text);
        var shown = new StringBuilder();
        for (int at = rest.IndexOf(secret.Bytes); at >= 0; at = rest.IndexOf(secret.Bytes))
        {
            shown.Append(Encoding.UTF8.GetString(rest[..at])).Append(Hidden);
            rest = rest[(at + secret.Bytes.Length)..];
        }

        return shown.Append(Encoding.UTF8.GetString(rest)).ToString();
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
