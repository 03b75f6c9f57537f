using System.Security.Cryptography;
using System.Text;

namespace Ark.Core.Sources;

/// <summary>
/// A form as browsers post it (<c>application/x-www-form-urlencoded</c>), in pinned memory, which is wiped when it is disposed of.
/// </summary>
public sealed class FormBody : IDisposable
{
    private readonly byte[] _bytes;
    private int _length;

    /// <param name="fields">What everybody may see.</param>
    /// <param name="secretField">The name of the last field, or null for none.</param>
    /// <param name="secret">Its value, UTF-8.</param>
    public FormBody(IReadOnlyCollection<FormField> fields, string? secretField, ReadOnlySpan<byte> secret)
    {
        // A byte takes three at most, and every field one for "=" and one for "&".
        int most = fields.Sum(field => Most(field.Name) + Most(field.Value) + 2) + Most(secretField ?? "") + (3 * secret.Length) + 2;
        _bytes = GC.AllocateUninitializedArray<byte>(most, pinned: true);
        foreach (FormField field in fields)
        {
            Begin(field.Name);
            Write(field.Value);
        }

        if (secretField is not null)
        {
            Begin(secretField);
            Write(secret);
        }
    }

    public ReadOnlyMemory<byte> Content => _bytes.AsMemory(0, _length);

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    private static int Most(string text) => 3 * Encoding.UTF8.GetByteCount(text);

    private void Begin(string name)
    {
        if (_length > 0)
        {
            _bytes[_length++] = (byte)'&';
        }

        Write(name);
        _bytes[_length++] = (byte)'=';
    }

    private void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    private void Write(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text)
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'*')
            {
                _bytes[_length++] = b;
            }
            else if (b == ' ')
            {
                _bytes[_length++] = (byte)'+';
            }
            else
            {
                _bytes[_length++] = (byte)'%';
                _bytes[_length++] = Hex(b >> 4);
                _bytes[_length++] = Hex(b & 0xF);
            }
        }
    }

    private static byte Hex(int digit) => (byte)(digit < 10 ? '0' + digit : 'A' + digit - 10);
}
