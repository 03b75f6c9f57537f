using System.Security.Cryptography;

namespace Ark.Wire;

/// <summary>One question to the daemon. Whoever has read one disposes of it, which wipes what it carries.</summary>
/// <param name="Build">The client's version, such as <c>0.1.0</c>.</param>
/// <param name="Verb">What is asked.</param>
/// <param name="Payload">The verb's bytes, as they came on standard input. For <see cref="Verb.Store"/> they hold a secret.</param>
/// <param name="Identity">The caller's <see cref="IdentityVariables"/>.</param>
public sealed record Request(string Build, Verb Verb, byte[] Payload, CallerVariables Identity) : IDisposable
{
    public Request(string build, Verb verb, byte[] payload, IReadOnlyDictionary<string, string> identity)
        : this(build, verb, payload, CallerVariables.Of(identity))
    {
    }

    /// <summary>The whole frame, or null when payload and identity together exceed <see cref="Frame.MaxBody"/>.</summary>
    public byte[]? ToFrame(ulong requestId)
    {
        var body = new BodyWriter();
        body.Text(Build);
        body.Byte((byte)Verb);
        body.Bytes(Payload);
        Identity.Write(ref body);
        byte[]? frame = body.Overflow ? null : Frame.Join(FrameType.Request, requestId, body.Written);
        body.Wipe();
        return frame;
    }

    /// <summary>
    /// Reads a body. Null when it is malformed; a verb that this build does not know comes through, for the daemon to refuse by name.
    /// </summary>
    public static Request? Parse(ReadOnlySpan<byte> bytes)
    {
        var body = new BodyReader(bytes);
        string build = body.Text();
        var verb = (Verb)body.Byte();
        byte[] payload = body.Secret();
        if (CallerVariables.Read(ref body) is { } identity)
        {
            var request = new Request(build, verb, payload, identity);
            if (body.Complete)
            {
                return request;
            }

            request.Dispose();
        }

        return null;
    }

    /// <summary>Wipes the payload and the caller's secrets.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(Payload);
        Identity.Dispose();
    }

    /// <summary>Never the payload or the variables.</summary>
    public override string ToString() => $"{Verb} from {Build}";
}
