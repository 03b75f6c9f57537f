using System.IO.Pipes;
using System.Security.Principal;
using Ark.Wire;

namespace Ark.Client;

/// <summary>A Windows named pipe.</summary>
internal sealed class PipeConnection(NamedPipeClientStream pipe) : Connection
{
    public static ConnectResult To(DaemonAddress.Found address, Deadline deadline)
    {
        // CurrentUserOnly refuses a pipe that another user made under our name. Anonymous keeps whoever it is from acting as us:
        // the default would let a server borrow our whole identity.
        var pipe = new NamedPipeClientStream(
            ".",
            address.Name,
            PipeDirection.InOut,
            PipeOptions.CurrentUserOnly | PipeOptions.Asynchronous,
            TokenImpersonationLevel.Anonymous);
        try
        {
            // A positive time-out is spent in full even when nobody is there; zero only looks.
            pipe.Connect(0);
            return new ConnectResult.Connected(new PipeConnection(pipe));
        }
        catch (TimeoutException)
        {
            pipe.Dispose();
            return File.Exists($@"\\.\pipe\{address.Name}") ? new ConnectResult.Busy() : new ConnectResult.Absent();
        }
        catch (UnauthorizedAccessException)
        {
            pipe.Dispose();
            return new ConnectResult.Refused(
                $"another user answers at the pipe {address.Name}", $"restart the machine; if it comes back, {Report.Hint}");
        }
        catch (IOException)
        {
            pipe.Dispose();
            return new ConnectResult.Busy();
        }
    }

    public override Transfer Write(ReadOnlySpan<byte> bytes, Deadline deadline)
    {
        byte[] copy = bytes.ToArray();
        try
        {
            return Run(token => pipe.WriteAsync(copy, token), deadline);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(copy);
        }
    }

    public override Transfer Read(Span<byte> bytes, Deadline deadline)
    {
        byte[] copy = new byte[bytes.Length];
        Transfer result = Run(token => pipe.ReadExactlyAsync(copy, token), deadline);
        copy.CopyTo(bytes);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(copy);
        return result;
    }

    public override void Dispose() => pipe.Dispose();

    /// <summary>Synchronous calls on a pipe cannot be timed out, so the asynchronous ones are waited for.</summary>
    private static Transfer Run(Func<CancellationToken, ValueTask> transfer, Deadline deadline)
    {
        using var limit = new CancellationTokenSource(deadline.Remaining);
        try
        {
            transfer(limit.Token).AsTask().GetAwaiter().GetResult();
            return Transfer.Done;
        }
        catch (OperationCanceledException)
        {
            return Transfer.TimedOut;
        }
        catch (IOException)
        {
            return Transfer.Closed;
        }
    }
}
