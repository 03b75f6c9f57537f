using System.Text;

namespace Ark.Wire;

/// <summary>
/// The body of a <see cref="FrameType.Leave"/> frame: the build that wants to take the daemon's place, or <c>*</c> when a person asks.
/// A client that learned too late that the old daemon was replaced already must not end its successor.
/// </summary>
public static class ShutdownRequest
{
    /// <summary>From a person, who is obeyed.</summary>
    public static byte[] FromPerson => [.. "*"u8];

    /// <summary>From a client that would start this build, to a daemon that it found to be older.</summary>
    public static byte[] From(string build) => Encoding.UTF8.GetBytes(build);

    /// <summary>Whether a daemon of this build should leave.</summary>
    public static bool IsFor(ReadOnlySpan<byte> body) => body.SequenceEqual("*"u8) || Build.IsNewer(Encoding.UTF8.GetString(body));
}
