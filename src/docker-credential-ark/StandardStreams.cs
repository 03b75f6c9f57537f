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

/// <summary>The standard handles of Windows.</summary>
internal sealed class WindowsStreams : StandardStreams
{
    public override Input ReadInput()
    {
        if (!Console.IsInputRedirected)
        {
            return new Input.Unusable();
        }

        // A pipe handle cannot be read with a time-out, so a thread reads, and the process leaves it behind when time is up.
        Input result = new Input.NotEnded();
        var reader = new Thread(() => result = ReadToEnd()) { IsBackground = true };
        reader.Start();
        reader.Join(InputLimit);
        return result;
    }

    public override bool Write(Output output)
    {
        try
        {
            using Stream error = Console.OpenStandardError();
            error.Write(output.Stderr);
        }
        catch (IOException)
        {
            // Nobody reads it; the answer itself may still find its reader.
        }

        try
        {
            using Stream stdout = Console.OpenStandardOutput();
            stdout.Write(output.Stdout);
            stdout.Flush();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static Input ReadToEnd()
    {
        try
        {
            using Stream stdin = Console.OpenStandardInput();
            byte[] buffer = GC.AllocateUninitializedArray<byte>(Input.Limit + 1, pinned: true);
            int length = stdin.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return length > Input.Limit ? new Input.TooLong() : new Input.Read(buffer.AsMemory(0, length));
        }
        catch (IOException)
        {
            return new Input.Unusable();
        }
    }
}
