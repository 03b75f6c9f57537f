namespace Ark.Helper;

/// <summary>The three standard streams as bytes; System.Console would add encodings, a terminal and threads.</summary>
internal abstract class StandardStreams
{
    /// <summary>How long a client may take to write and close standard input.</summary>
    protected static readonly TimeSpan InputLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long a client may leave a full pipe unread.</summary>
    protected static readonly TimeSpan OutputLimit = TimeSpan.FromSeconds(5);

    public abstract Input ReadInput();

    /// <summary>Prints both streams. False when standard output could not take all of it: the client has no credentials then.</summary>
    public abstract bool Write(Output output);
}

/// <summary>What reading standard input came to.</summary>
internal abstract record Input
{
    /// <summary>The most that is read, in bytes. docker's own library reads as much.</summary>
    public const int Limit = 64 * 1024;

    private Input()
    {
    }

    /// <summary>All of it, up to the end of the stream. It may be a secret: whoever takes it wipes it.</summary>
    internal sealed record Read(Memory<byte> Bytes) : Input;

    /// <summary>There is more than <see cref="Limit"/>.</summary>
    internal sealed record TooLong : Input;

    /// <summary>The stream was still open when the time was up. Only its end ends a request, as in docker's own library.</summary>
    internal sealed record NotEnded : Input;

    /// <summary>Nothing that a registry could come through.</summary>
    internal sealed record Unusable : Input;
}
