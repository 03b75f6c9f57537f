using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Ark.Aws.Calls;
using Ark.Aws.Credentials;
using Ark.Aws.Profiles;
using Ark.Core.Problems;
using Ark.Core.Resolving;
using Ark.Core.Sources;

namespace Ark.Aws.Identity;

/// <summary>Who asks for a token, and by which addresses: everything that a fetch needs, without a call to anybody yet.</summary>
internal sealed record AwsIdentity
{
    /// <summary>For people: <c>profile tbd</c>, and the role of the configuration where there is one.</summary>
    public required string Name { get; init; }

    /// <summary>The same without the role: who asks for it.</summary>
    public required string KeyHolder { get; init; }

    /// <summary>For the cache key: stays the same while sessions come and go, changes when keys or profile are edited.</summary>
    public required string Principal { get; init; }

    public required CredentialProvider Credentials { get; init; }

    public required ServiceEndpoints Endpoints { get; init; }

    /// <summary>The address of ECR where it makes a difference to the token: not AWS's own, or the FIPS one. Otherwise empty.</summary>
    public required string EndpointOverride { get; init; }

    /// <summary>The region whose STS is asked.</summary>
    public required string StsRegion { get; init; }

    /// <summary>A PEM file of roots to trust instead of the platform's, or null.</summary>
    public required string? CaBundle { get; init; }

    /// <summary>How other machines are reached; null where the configuration does not say.</summary>
    public ProxySettings? Proxy { get; init; }

    /// <summary>What the application is called in AWS's logs, or null.</summary>
    public string? AppId { get; init; }

    /// <summary>The identity's files.</summary>
    public required ProfileFiles Files { get; init; }

    /// <summary>Where the programs run that the profiles name, and with which variables.</summary>
    public required CallerContext Context { get; init; }

    /// <summary>What the caller should know of the files although they are used, or null.</summary>
    public SourceWarning? Warning { get; init; }

    /// <summary>Why the caller's files have no say, where the caller's variables can do without them; otherwise null.</summary>
    public Problem? PassedOver { get; init; }

    /// <summary>Whether the credentials are keys that came with a request and go with it.</summary>
    public required bool IsCallerSupplied { get; init; }
}

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

    public Fingerprint Add(ProfileFiles files) => Add(files.Home).Add(files.Config).Add(files.Credentials).Add(files.LoginCache);

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
