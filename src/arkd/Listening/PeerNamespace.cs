using System.Globalization;
using System.Text;
using Ark.Wire;

namespace Ark.Daemon.Listening;

/// <summary>
/// Whether a client sees the same files as we do. One in a container that has our socket, or in a service with a private /tmp, does not:
/// what its paths name is for the daemon something else, which it must neither read nor run on that client's word.
/// </summary>
internal static class PeerNamespace
{
    /// <summary>Ours; null where the system has no such thing or does not show it, and then everybody's is the same.</summary>
    private static readonly string? Own = OperatingSystem.IsLinux() ? Of("self") : null;

    /// <summary>
    /// Whether the process at the other end of a connection is in our mount namespace. One that we cannot look at, or that has no number
    /// here since it is in a container, is not. It waits for our answer, so the number is still its own.
    /// </summary>
    public static bool IsOurs(Stream connection) =>
        Own is null
        || connection is not ClientSocket { Process: var process }
        || (process > 0 && Of(process.ToString(CultureInfo.InvariantCulture)) == Own);

    /// <summary>The name that the kernel gives to the namespace of a process, such as <c>mnt:[4026531841]</c>.</summary>
    private static unsafe string? Of(string process)
    {
        byte* name = stackalloc byte[64];
        nint length = Libc.readlink($"/proc/{process}/ns/mnt", name, 64);
        return length > 0 ? Encoding.UTF8.GetString(name, (int)length) : null;
    }
}
