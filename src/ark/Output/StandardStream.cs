using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;

namespace Ark.Cli.Output;

/// <summary>
/// Standard output or error. The console's own stream hides that a reader has gone, and a watch would then go on for ever; this
/// one reports it. Files keep the console's stream: it appends where others append too.
/// </summary>
internal static class StandardStream
{
    [SuppressMessage("Reliability", "CA2000", Justification = "The handle is not ours to close and lives as long as the process.")]
    public static Stream Open(int descriptor, Func<Stream> console)
    {
        if (OperatingSystem.IsWindows())
        {
            return console();
        }

        try
        {
            var stream = new FileStream(new SafeFileHandle(descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? console() : stream;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Closed, or not for writing: the console's stream swallows what nobody can read.
            return console();
        }
    }
}
