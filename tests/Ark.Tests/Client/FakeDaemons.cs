using System.Text;
using Ark.Client;
using Ark.Testing;
using Ark.Wire;

namespace Ark.Tests.Client;

/// <summary>The daemons that a <see cref="DaemonClient"/> meets, one behind the other, and a clock that only they move.</summary>
internal sealed class FakeDaemons
{
    private static readonly DaemonAddress.Found Somewhere = new("/run/user/1/ark/arkd.sock", "/run/user/1/ark");

    /// <summary>What knocking finds, in order; the last one stays.</summary>
    public List<Func<ConnectResult>> Transport { get; } = [];

    /// <summary>What starting one comes to, in order; the last one stays.</summary>
    public List<Func<ConnectResult>> Starts { get; } = [];

    public DaemonAddress Address { get; set; } = Somewhere;

    public Func<Connection?> OneShot { get; set; } = () => null;

    /// <summary>What is known of the executable that would be started; it may be asked.</summary>
    public Func<Func<string?>, Installed?> Installed { get; set; } = _ => new Installed(Build.Current, IsNews: false);

    public ManualClock Clock { get; } = new();

    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>What happened, in order: open, start, one-shot, and the type of each frame that was sent.</summary>
    public List<string> Events { get; } = [];

    public DaemonClient Client => new(Environment.GetValueOrDefault!, Clock, new Ark.Client.Transport(
        () => Address,
        (_, _) => Next("open", Transport),
        (_, _) => Next("start", Starts),
        () =>
        {
            Events.Add("one-shot");
            return OneShot();
        },
        (_, ask) => Installed(ask)));

    public AskResult Get(StartMode start = StartMode.StartIfAbsent) => Client.Ask(Verb.Get, "host"u8, start);

    /// <summary>A connection to a daemon that answers each request so.</summary>
    public Func<ConnectResult> Answering(Func<ulong, IEnumerable<byte[]>> answer, Transfer atTheEnd = Transfer.Closed) =>
        () => new ConnectResult.Connected(new FakeConnection(this, answer, atTheEnd));

    public Func<ConnectResult> Good(string build = "", string text = "credentials\n") => Answering(Reply(build, text));

    public Func<ConnectResult> Dying() => Answering(_ => []);

    /// <summary>One that closes the connection, for a reason that the client knows.</summary>
    public Func<ConnectResult> Ending(Ending ending) =>
        () => new ConnectResult.Connected(new FakeConnection(this, _ => [], Transfer.Closed, ending));

    public Func<ConnectResult> SendingBack() => Answering(id => [Frame.Join(FrameType.SentBack, id, "0.2.0"u8, Frame.SentBackVersion)]);

    public Func<ConnectResult> Silent() => Answering(_ => [], Transfer.TimedOut);

    public static Func<ulong, IEnumerable<byte[]>> Reply(string build = "", string text = "credentials\n", int exitCode = 0) => id =>
        new Reply(exitCode, Encoding.UTF8.GetBytes(text), "note\n"u8.ToArray(), build.Length > 0 ? build : Build.Current).ToFrames(id);

    public static ConnectResult Absent() => new ConnectResult.Absent();

    public static ConnectResult Busy() => new ConnectResult.Busy();

    public static ConnectResult Refused() => new ConnectResult.Refused("another user answers", "look with ls");

    private ConnectResult Next(string what, List<Func<ConnectResult>> script)
    {
        Events.Add(what);
        Func<ConnectResult> next = script[0];
        if (script.Count > 1)
        {
            script.RemoveAt(0);
        }

        return next();
    }

    private sealed class FakeConnection(
        FakeDaemons world, Func<ulong, IEnumerable<byte[]>> answer, Transfer atTheEnd, Ending? ending = null) : Connection
    {
        private ReadOnlyMemory<byte> _incoming;

        public override Ending? Ending => ending;

        public override Transfer Write(ReadOnlySpan<byte> bytes, Deadline deadline)
        {
            if (!Frame.TryRead(bytes, out Frame frame) || bytes.Length != Frame.HeaderLength + frame.Length)
            {
                throw new InvalidOperationException("not one whole frame");
            }

            world.Events.Add(frame.Type.ToString());
            _incoming = frame.Type == FrameType.Request ? answer(frame.RequestId).SelectMany(part => part).ToArray() : default;
            return Transfer.Done;
        }

        public override Transfer Read(Span<byte> bytes, Deadline deadline)
        {
            if (_incoming.Length < bytes.Length)
            {
                if (atTheEnd == Transfer.TimedOut)
                {
                    world.Clock.Advance(deadline.Remaining);
                }

                return atTheEnd;
            }

            _incoming.Span[..bytes.Length].CopyTo(bytes);
            _incoming = _incoming[bytes.Length..];
            return Transfer.Done;
        }

        public override void Dispose() => world.Events.Add("close");
    }
}
