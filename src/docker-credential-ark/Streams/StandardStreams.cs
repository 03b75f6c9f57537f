namespace Ark.Helper.Streams;

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
