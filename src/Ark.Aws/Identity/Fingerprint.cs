using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Ark.Aws.Profiles;
using Ark.Core.Sources;

namespace Ark.Aws.Identity;

/// <summary>
/// Sixteen hexadecimal digits that change when what they stand for changes. They may be shown: nobody gets from them to a key.
/// </summary>
internal sealed class Fingerprint : IDisposable
{
    private const int Shown = 16;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public Fingerprint Add(string? text) => text is null ? Add([], length: -1) : Add(Encoding.UTF8.GetBytes(text));

    public Fingerprint Add(ReadOnlySpan<byte> bytes) => Add(bytes, bytes.Length);

    public Fingerprint Add(IniSection section)
    {
        Add(section.Name);
        foreach ((string key, string value) in section.Values)
        {
            Add(key).Add(value);
        }

        foreach ((string parent, SortedDictionary<string, string> group) in section.Nested)
        {
            Add(parent);
            foreach ((string key, string value) in group)
            {
                Add(key).Add(value);
            }
        }

        return this;
    }

    public Fingerprint Add(SecretReference reference) => reference switch
    {
        SecretReference.File file => Add("file").Add(file.Path),
        SecretReference.Helper helper => Add("helper").Add(helper.Program).Add(helper.Server),
        SecretReference.Command command =>
            command.Arguments.Aggregate(Add("command"), static (hash, argument) => hash.Add(argument)),
        _ => throw new UnreachableException(),
    };

    public Fingerprint Add(ProfileFiles files) => Add(files.Home).Add(files.Config).Add(files.Credentials);

    public string End() => Convert.ToHexStringLower(_hash.GetHashAndReset())[..Shown];

    public void Dispose() => _hash.Dispose();

    /// <summary>With the length in front, so that no two lists of texts run together into the same bytes.</summary>
    private Fingerprint Add(ReadOnlySpan<byte> bytes, int length)
    {
        Span<byte> prefix = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(prefix, length);
        _hash.AppendData(prefix);
        _hash.AppendData(bytes);
        return this;
    }
}
