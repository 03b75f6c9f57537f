using System.IO.Pipes;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;
using Ark.Wire;

namespace Ark.Daemon.Listening;

/// <summary>A Windows named pipe that only this user may open, from this machine, and only we may serve.</summary>
[SupportedOSPlatform("windows")]
internal sealed class PipeListener : Listener
{
    private readonly string _name;
    private NamedPipeServerStream? _next;

    private PipeListener(string name, NamedPipeServerStream first)
    {
        _name = name;
        _next = first;
    }

    public static ListenResult Open(DaemonAddress.Found address)
    {
        try
        {
            return new ListenResult.Listening(new PipeListener(address.Name, Create(address.Name, PipeOptions.FirstPipeInstance)));
        }
        catch (UnauthorizedAccessException)
        {
            // The name is taken: by our own daemon, which is the ordinary case, since the name holds our SID.
            return new ListenResult.AlreadyRunning();
        }
        catch (IOException e)
        {
            return new ListenResult.Refused(
                $"cannot make the pipe {address.Name}: {e.Message}", $"restart the machine; if it comes back, {Report.Hint}");
        }
    }

    public override Stream? Accept(CancellationToken cancellationToken)
    {
        NamedPipeServerStream pipe = _next ??= Create(_name, PipeOptions.None);
        try
        {
            pipe.WaitForConnectionAsync(cancellationToken).GetAwaiter().GetResult();
        }
        catch (IOException)
        {
            // The client disconnected between connecting and being seen.
            Replace(pipe);
            return null;
        }

        // The next instance exists before this one is served, so that the name is never free for somebody else.
        _next = null;
        try
        {
            _next = Create(_name, PipeOptions.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No more instances for now. This client is served all the same, and the next call tries again.
        }

        return pipe;
    }

    /// <summary>The name lives as long as an instance of ours, so it cannot be lost.</summary>
    public override bool IsStillOurs() => true;

    public override void Dispose() => _next?.Dispose();

    private void Replace(NamedPipeServerStream broken)
    {
        _next = null;
        try
        {
            _next = Create(_name, PipeOptions.None);
        }
        finally
        {
            broken.Dispose();
        }
    }

    private static NamedPipeServerStream Create(string name, PipeOptions first)
    {
        using var user = WindowsIdentity.GetCurrent();
        var access = new PipeSecurity();

        // Denied first: pipes can be reached from other machines unless the network logon is shut out.
        var network = new SecurityIdentifier(WellKnownSidType.NetworkSid, null);
        access.AddAccessRule(new PipeAccessRule(network, PipeAccessRights.FullControl, AccessControlType.Deny));

        // An elevated daemon answers elevated programs alone: others run as the same user, but what they say must not run elevated.
        // The owner is the one that the client's CurrentUserOnly compares with, which is the administrators' group when elevated.
        bool elevated = new WindowsPrincipal(user).IsInRole(WindowsBuiltInRole.Administrator);
        SecurityIdentifier allowed = elevated ? new SecurityIdentifier(WellKnownSidType.BuiltinAdministratorsSid, null) : user.User!;
        const PipeAccessRights Rights = PipeAccessRights.ReadWrite | PipeAccessRights.CreateNewInstance;
        access.AddAccessRule(new PipeAccessRule(allowed, Rights, AccessControlType.Allow));
        access.SetOwner(user.Owner ?? user.User!);
        return NamedPipeServerStreamAcl.Create(
            name,
            PipeDirection.InOut,
            NamedPipeServerStream.MaxAllowedServerInstances,
            PipeTransmissionMode.Byte,
            PipeOptions.Asynchronous | first,
            inBufferSize: 0,
            outBufferSize: 0,
            access);
    }
}
