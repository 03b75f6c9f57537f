using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Ark.Processes;
using Ark.Wire;

namespace Ark.Client;

/// <summary>
/// Brings up one daemon for however many clients ask at once. Whoever gets the daemon's lock listens at once, starts the daemon and hands
/// lock and socket over to it; everybody's request waits in the system's queue until the daemon is up.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal sealed class UnixStart(Func<string, string?> environment)
{
    /// <summary>How long a daemon may take from start to listening before we do without it.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(8);

    private bool _takesNoSocket;

    /// <summary>A daemon from before 0.2 that is on its way to binding a socket of its own; 0 where there is none.</summary>
    private int _alone;

    /// <summary>Returns an open connection to a daemon that we or somebody else started, or says why there is none.</summary>
    public ConnectResult Start(DaemonAddress.Found address, Deadline whole)
    {
        if (DaemonProgram.Find(environment) is not { } program)
        {
            return DaemonProgram.NotFound;
        }

        if (_alone != 0)
        {
            return UnixProcess.End(_alone, withinMilliseconds: 0) is { } end
                ? StartingDaemon.Stopped(program, end)
                : new ConnectResult.Busy();
        }

        Deadline deadline = whole.AtMost(StartLimit);
        ConnectResult met = new ConnectResult.Busy();
        PlaceResult result = DaemonPlace.Take(
            address.Directory, address.Name, () => (met = SocketConnection.To(address, deadline)) is not ConnectResult.Absent);
        switch (result)
        {
            case PlaceResult.Refused(var message, var hint):
                return new ConnectResult.Refused(message, hint);

            case PlaceResult.Taken(var place):
                using (place)
                {
                    IEnumerable<string> variables = DaemonProgram.EnvironmentBlock(environment, address.Directory);
                    return _takesNoSocket ? StartAlone(program, variables, address) : Start(program, variables, address, place, deadline);
                }

            default:
                // Whoever has the place answers, or is about to.
                return met is ConnectResult.Absent ? new ConnectResult.Busy() : met;
        }
    }

    /// <summary>
    /// A connection to a fresh <c>arkd --once</c>, or null when it cannot be run: the daemon's code without the daemon, for one request. It
    /// has one end of a socket pair, and we speak to it as to any other daemon.
    /// </summary>
    public Connection? StartOnce()
    {
        if (DaemonProgram.Find(environment) is not { } program || !Sockets.NewPair(out int ours, out int theirs))
        {
            return null;
        }

        IEnumerable<string> variables = DaemonProgram.EnvironmentBlock(environment);
        int error = UnixProcess.Start(program, ["--once"], variables, "/", [theirs, UnixProcess.Nothing, UnixProcess.Nothing], out _);
        _ = Libc.close(theirs);
        if (error == 0)
        {
            return new SocketConnection(ours);
        }

        _ = Libc.close(ours);
        return null;
    }

    private ConnectResult Start(
        string program, IEnumerable<string> variables, DaemonAddress.Found address, DaemonPlace place, Deadline deadline)
    {
        if (!Sockets.NewPair(out int ours, out int theirs))
        {
            return NoDescriptors();
        }

        int client = Sockets.New();
        if (client < 0 || !Sockets.Connect(client, address.Name, deadline.Remaining))
        {
            _ = Libc.close(ours);
            _ = Libc.close(theirs);
            _ = client < 0 ? 0 : Libc.close(client);
            return NoDescriptors();
        }

        // Ours are closed as soon as the daemon has its own: a socket that nobody holds any more resets our connection if it dies.
        int held = (int)place.Lock.DangerousGetHandle();
        int error = UnixProcess.Start(program, [], variables, "/", [place.Socket, UnixProcess.Nothing, theirs, held], out int process);
        _ = Libc.close(theirs);
        if (error == 0)
        {
            var starting = new StartingDaemon(program, process, ours, deadline, endedWell: () => _takesNoSocket = true);
            return new ConnectResult.Connected(new SocketConnection(client, starting));
        }

        _ = Libc.close(client);
        _ = Libc.close(ours);
        _ = Libc.unlink(address.Name);
        return CannotRun(program, error);
    }

    /// <summary>
    /// Starts a daemon from before 0.2, which takes no socket over: seeing one that is served, it ends at once and without a word. It binds
    /// one of its own, for which its client looks again and again.
    /// </summary>
    private ConnectResult StartAlone(string program, IEnumerable<string> variables, DaemonAddress.Found address)
    {
        _ = Libc.unlink(address.Name);
        int error = UnixProcess.Start(
            program, [], variables, "/", [UnixProcess.Nothing, UnixProcess.Nothing, UnixProcess.Nothing], out int process);
        _alone = error == 0 ? process : 0;
        return error == 0 ? new ConnectResult.Busy() : CannotRun(program, error);
    }

    private static ConnectResult.Refused NoDescriptors() =>
        new("the limit on open files is too tight to start the daemon", "raise it with: ulimit -n 256");

    private static ConnectResult.Refused CannotRun(string program, int error)
    {
        const int OutOfMemory = 12, NoEntry = 2;
        return error == Sockets.EAGAIN
                ? new(
                    "the limit on processes is reached, so the daemon cannot be started",
                    "look at it with: ulimit -u; end some processes or raise it")
            : error == OutOfMemory ? new("there is no memory to start the daemon", "look at it with: ulimit -a; free -m")
            : error == NoEntry ? new(
                $"cannot run {program}: what it needs to be loaded is not on this system",
                "install the ark that was built for this system")
            : new($"cannot run {program}: {Marshal.GetPInvokeErrorMessage(error).ToLowerInvariant()}", DaemonProgram.Reinstall);
    }
}

/// <summary>
/// A daemon that we have started and that may not have got as far as listening. Its standard error is ours to read until then; it closes it
/// when it is ready.
/// </summary>
/// <param name="program">Its executable.</param>
/// <param name="process">Its process.</param>
/// <param name="words">Our end of its standard error.</param>
/// <param name="limit">By when it is to be ready.</param>
/// <param name="endedWell">Called where it has ended as if there were nothing to do.</param>
[UnsupportedOSPlatform("windows")]
internal sealed unsafe class StartingDaemon(string program, int process, int words, Deadline limit, Action endedWell) : IDisposable
{
    private const string ErrorMark = "ark: error: ", HintMark = "ark: hint: ";

    private static readonly string[] StarvedWords =
    [
        "TaskSchedulerException", "OutOfMemoryException", "TypeInitializationException", "Failed to create the", "Process terminated",
    ];

    private readonly byte[] _said = new byte[4096];
    private int _length;
    private int _words = words;

    public int Process => process;

    /// <summary>What to watch for its words; -1 when it has no more to say.</summary>
    public int Words => _words;

    /// <summary>That it was not ready in time, if that is so.</summary>
    public Ending? Overdue => _words < 0 || !limit.Passed ? null : new Ending(
        new ConnectResult.Refused($"{program} was not ready in time", "see what it waits for with: ark daemon run"), MayRetry: false);

    /// <summary>Why it has ended, as far as it said so or the system knows.</summary>
    public Ending? Ending
    {
        get
        {
            Listen();
            string[] lines = Encoding.UTF8.GetString(_said, 0, _length).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (After(ErrorMark, lines) is { } message && After(HintMark, lines) is { } hint)
            {
                return new Ending(new ConnectResult.Refused(message, hint), MayRetry: false);
            }

            if (lines is [var first, ..])
            {
                // What .NET says when it cannot have a thread or memory.
                if (Array.Exists(StarvedWords, word => first.Contains(word, StringComparison.Ordinal)))
                {
                    return Starved();
                }

                return new Ending(
                    new($"{program} cannot run: {TextSanitizer.Line(first)}", DaemonProgram.Reinstall), MayRetry: false);
            }

            // With no word: killed perhaps, and the next may live. 255 or an abort is how .NET ends that could not get as far as a word.
            string? end = UnixProcess.End(process, withinMilliseconds: 20);
            if (end == "exit code 0")
            {
                endedWell();
            }

            return end switch
            {
                null => null,
                "exit code 255" or "signal 6" => Starved(),
                _ => new Ending(Stopped(program, end), MayRetry: true),
            };
        }
    }

    public static ConnectResult.Refused Stopped(string program, string end) =>
        new($"{program} stopped before it answered ({end})", "run it by hand to see more: ark daemon run");

    /// <summary>Takes in what it has said by now, without waiting.</summary>
    public void Listen()
    {
        fixed (byte* said = _said)
        {
            while (_words >= 0)
            {
                nint count = Sockets.recv(_words, said + _length, (nuint)(_said.Length - _length), Sockets.MSG_DONTWAIT);
                if (count <= 0)
                {
                    int error = Marshal.GetLastPInvokeError();
                    if (count == 0 || (error != Sockets.EAGAIN && error != Sockets.EINTR))
                    {
                        Dispose();
                    }

                    return;
                }

                _length += (int)count;
            }
        }
    }

    public void Dispose()
    {
        _ = _words < 0 ? 0 : Libc.close(_words);
        _words = -1;
    }

    private Ending Starved() => new(
        new($"{program} cannot start: a limit on memory or processes is too tight", "look at the limits with: ulimit -a"), MayRetry: false);

    private static string? After(string mark, string[] lines) =>
        Array.Find(lines, line => line.StartsWith(mark, StringComparison.Ordinal)) is { } found
            ? TextSanitizer.Line(found[mark.Length..])
            : null;
}
