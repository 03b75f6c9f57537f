using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ark.Cli.Kura;

/// <summary>
/// Finds pieces of secrets in text that somebody else wrote. A secret may come back as it is, escaped as in JSON or in a URL, or in
/// base64 at any offset; eight characters in a row of any of these are too many.
/// </summary>
internal sealed class SecretEcho
{
    private const int MostInARow = 7;

    private readonly List<string> _forms = [];

    public SecretEcho(params IEnumerable<string> secrets)
    {
        foreach (string secret in secrets)
        {
            _forms.AddRange([
                secret,
                JsonEncodedText.Encode(secret).Value,
                JsonEncodedText.Encode(secret, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).Value,
                Uri.EscapeDataString(secret),
                Base64(secret, 0), Base64(secret, 1), Base64(secret, 2),
            ]);
        }
    }

    /// <summary>True when a piece of a secret is in the text, or a whole secret that is shorter than such a piece.</summary>
    public bool IsIn(string text)
    {
        for (int at = 0; at + MostInARow < text.Length; at++)
        {
            string piece = text.Substring(at, MostInARow + 1);
            if (_forms.Exists(form => form.Contains(piece, StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return _forms.Exists(form => form.Length is > 0 and <= MostInARow && text.Contains(form, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The secret in base64 behind so many other bytes, without the characters at its ends that depend on its neighbors.</summary>
    private static string Base64(string secret, int offset)
    {
        string encoded = Convert.ToBase64String([.. new byte[offset], .. Encoding.UTF8.GetBytes(secret)]).TrimEnd('=');
        return encoded.Length > offset + 2 ? encoded[(offset == 0 ? 0 : offset + 1)..^1] : "";
    }
}
