namespace Ark.Wire;

/// <summary>One question to the daemon.</summary>
/// <param name="Build">The client's version, such as <c>0.1.0</c>.</param>
/// <param name="Verb">What is asked.</param>
/// <param name="Payload">The verb's bytes, as they came on standard input. For <see cref="Verb.Store"/> they hold a secret.</param>
/// <param name="Identity">The caller's <see cref="IdentityVariables"/>, which may hold secrets.</param>
public sealed record Request(string Build, Verb Verb, byte[] Payload, IReadOnlyDictionary<string, string> Identity)
{
    /// <summary>Whether it names files or programs, which are the caller's only if the daemon sees the same under those names.</summary>
    public bool NamesFiles => Verb == Verb.Validate || IdentityVariables.Paths.Any(Identity.ContainsKey);

    /// <summary>The whole frame, or null when payload and identity together exceed <see cref="Frame.MaxBody"/>.</summary>
    public byte[]? ToFrame(ulong requestId)
    {
        var body = new BodyWriter(GC.AllocateUninitializedArray<byte>(Frame.MaxBody, pinned: true));
        body.Text(Build);
        body.Byte((byte)Verb);
        body.Bytes(Payload);
        body.UInt16(Identity.Count);
        foreach ((string name, string value) in Identity)
        {
            body.Text(name);
            body.Text(value);
        }

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

        int count = body.UInt16();
        var identity = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < count && !body.Failed; i++)
        {
            string name = body.Text();
            string value = body.Text();

            // Only known names are taken in, once each: a frame cannot smuggle anything else into the daemon.
            if (!IdentityVariables.Names.Contains(name) || !identity.TryAdd(name, value))
            {
                return null;
            }
        }

        return body.Complete ? new Request(build, verb, payload, identity) : null;
    }

    /// <summary>Never the payload or the variables.</summary>
    public override string ToString() => $"{Verb} from {Build}";
}
