using System.Security.Cryptography;
using System.Text;
using Ark.Core.Sources;

namespace Ark.Daemon.Sources;

/// <summary>
/// A form as browsers post it (<c>application/x-www-form-urlencoded</c>), in pinned memory, which is wiped when it is disposed of.
/// </summary>
internal sealed class FormBody : IDisposable
{
    private readonly byte[] _bytes;
    private int _length;

    public FormBody(ValueList<FormField> fields, string secretField, ReadOnlySpan<byte> secret)
    {
        // A byte takes three at most, and every field one for "=" and one for "&".
        int most = fields.Sum(field => Most(field.Name) + Most(field.Value) + 2) + Most(secretField) + (3 * secret.Length) + 1;
        _bytes = GC.AllocateUninitializedArray<byte>(most, pinned: true);
        foreach (FormField field in fields)
        {
            Write(field.Name);
            _bytes[_length++] = (byte)'=';
            Write(field.Value);
            _bytes[_length++] = (byte)'&';
        }

        Write(secretField);
        _bytes[_length++] = (byte)'=';
        Write(secret);
    }

    public ReadOnlyMemory<byte> Content => _bytes.AsMemory(0, _length);

    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    private static int Most(string text) => 3 * Encoding.UTF8.GetByteCount(text);

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
