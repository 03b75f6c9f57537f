namespace Ark.Helper;

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
