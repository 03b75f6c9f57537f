using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Ark.Wire;

namespace Ark.Client;

/// <summary>
/// Finds the daemon of this user, starts it once, asks it, and survives its death: a request that a daemon did not live to answer
/// goes once more to a new one, and where none can be had, to the one-shot mode. All of it under one deadline.
/// </summary>
public sealed class DaemonClient : IDaemon
{
    /// <summary>The whole call. Some clients of the credential-helper protocol give up after 30 seconds.</summary>
    private static readonly TimeSpan WholeLimit = TimeSpan.FromSeconds(25);

    /// <summary>A daemon that is asked to leave finishes its answers first.</summary>
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long a daemon may be too busy to take us, so that time is left to do without it.</summary>
    private static readonly TimeSpan BusyLimit = TimeSpan.FromSeconds(8);

    /// <summary>
    /// One that dies or must leave, the door that it may leave open for an instant, and its successor. A request that kills daemons
    /// shall not kill many.
    /// </summary>
    private const int Attempts = 3;

    /// <summary>A daemon that took longer to start and has ended is not tried again: its successor would cost as much.</summary>
    private static readonly TimeSpan SlowStart = TimeSpan.FromSeconds(1);

    /// <summary>What the system needs to close a killed daemon's door after it has closed its connections.</summary>
    private static readonly TimeSpan DyingPause = TimeSpan.FromMilliseconds(20);

    private static readonly ConnectResult.Refused Died = new(
        "the daemon died before it answered", "try again; if it comes back, report it with what ark logs shows");

    private static readonly ConnectResult.Refused Nonsense = new(
        "what came back is no answer to our request", "restart the daemon with: ark daemon restart");

    private readonly Func<string, string?> _environment;
    private readonly TimeProvider _time;
    private readonly Transport _transport;

    internal DaemonClient(Func<string, string?> environment, TimeProvider time, Transport transport)
    {
        _environment = environment;
        _time = time;
        _transport = transport;
    }

    /// <summary>The client for the user and the environment of this process.</summary>
    /// <param name="calledAs">
    /// The organization that the name of this program chooses, or null; see <see cref="IdentityVariables.CalledAs"/>.
    /// </param>
    public static DaemonClient ForThisUser(string? calledAs = null) =>
        For(name => name == IdentityVariables.CalledAs ? calledAs : Environment.GetEnvironmentVariable(name));

    /// <summary>The same, where the user has named the organization that is to answer, whatever the environment says.</summary>
    public static DaemonClient ForThisUserAs(string organization) =>
        For(name => name == "ARK_ORGANIZATION" ? organization
            : name == IdentityVariables.CalledAs ? null
            : Environment.GetEnvironmentVariable(name));

    private static DaemonClient For(Func<string, string?> environment) => new(environment, TimeProvider.System, TransportOf(environment));

    private static Transport TransportOf(Func<string, string?> environment)
    {
        DaemonAddress Find() => DaemonAddress.Find(environment);
        Installed? Look(DaemonAddress.Found address, Func<string?> ask) => DaemonProgram.Build(environment, address.Directory, ask);
        if (OperatingSystem.IsWindows())
        {
            var windows = new WindowsStart(environment);
            return new Transport(Find, PipeConnection.To, windows.Start, windows.StartOnce, Look);
        }

        var unix = new UnixStart(environment);
        return new Transport(Find, SocketConnection.To, unix.Start, unix.StartOnce, Look);
    }

    /// <inheritdoc/>
    public AskResult Ask(Verb verb, ReadOnlySpan<byte> payload, StartMode start)
    {
        ulong requestId = RoundTrip.NewId();
        var request = new Request(Build.Current, verb, payload.ToArray(), IdentityVariables.Collect(_environment));
        if (request.ToFrame(requestId) is not { } frame)
        {
            return new AskResult.Failed(
                "the request and the caller's AWS variables together are larger than 64 KiB",
                "shorten the input or unset the AWS_* variable that is so long");
        }

        try
        {
            return AskAnyone(new Question(frame, requestId, start), new Deadline(_time, WholeLimit));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(frame);
            CryptographicOperations.ZeroMemory(request.Payload);
        }
    }

    /// <inheritdoc/>
    public bool Shutdown() =>
        _transport.Address() is not DaemonAddress.Found address
        || Leave(address, ShutdownRequest.FromPerson, new Deadline(_time, ShutdownLimit), wait: true);

    /// <summary>The daemon, a new daemon, no daemon: in this order.</summary>
    private AskResult AskAnyone(Question question, Deadline deadline) => _transport.Address() switch
    {
        DaemonAddress.Found address => AskDaemon(address, question, deadline),
        DaemonAddress.Refused(var message, var hint) => WithoutDaemon(question, new(message, hint), deadline),
        _ => throw new UnreachableException(),
    };

    private AskResult AskDaemon(DaemonAddress.Found address, Question question, Deadline deadline)
    {
        ConnectResult.Refused reason = Died;
        for (int attempt = 0; attempt < Attempts && !deadline.Passed; attempt++)
        {
            long begun = _time.GetTimestamp();
            switch (Connect(address, question.Start, deadline))
            {
                case ConnectResult.Absent:
                    return new AskResult.Absent();

                case ConnectResult.Refused refused:
                    return WithoutDaemon(question, refused, deadline);

                case ConnectResult.Connected(var connection):
                    switch (Ask(connection, question, deadline))
                    {
                        case RoundTripResult.Answered(var reply) when Build.IsOlder(reply.Build):
                            // A refusal may be of a verb or a variable that only its successor knows. A good answer is good, so nobody
                            // waits for the daemon to go; the next request starts the newer one.
                            if (MakeRoom(address, reply.Build, wait: reply.ExitCode != 0 && attempt == 0, deadline, out string notice))
                            {
                                break;
                            }

                            return new AskResult.Answered(WithNotice(reply, notice));

                        case RoundTripResult.Answered(var reply):
                            return new AskResult.Answered(reply);

                        case RoundTripResult.SentBack:
                            return OutsideOfDaemon(question, deadline);

                        case RoundTripResult.OtherVersion(var version, var build):
                            if (version < Frame.CurrentVersion && attempt == 0 && MakeRoom(address, build, wait: true, deadline, out _))
                            {
                                break;
                            }

                            return WithoutDaemon(question, OtherVersion(version), deadline);

                        case RoundTripResult.Died({ MayRetry: false } ending):
                            return WithoutDaemon(question, ending.Reason, deadline);

                        case RoundTripResult.Died({ } ending) when _time.GetElapsedTime(begun) > SlowStart:
                            return WithoutDaemon(question, ending.Reason, deadline);

                        case RoundTripResult.Died(var ending):
                            Thread.Sleep(DyingPause);
                            reason = ending?.Reason ?? Died;
                            break;

                        case RoundTripResult.Nonsense:
                            reason = Nonsense;
                            break;

                        case RoundTripResult.TimedOut:
                            return NoAnswer();
                    }

                    break;
            }
        }

        return deadline.Passed ? NoAnswer() : WithoutDaemon(question, reason, deadline);
    }

    private ConnectResult Connect(DaemonAddress.Found address, StartMode start, Deadline deadline)
    {
        Deadline patience = deadline.AtMost(BusyLimit);
        while (true)
        {
            ConnectResult result = _transport.Open(address, patience);
            if (result is ConnectResult.Absent && start == StartMode.StartIfAbsent)
            {
                result = _transport.Start(address, deadline);
            }

            if (result is not ConnectResult.Busy)
            {
                return result;
            }

            if (patience.Passed)
            {
                return new ConnectResult.Refused(
                    "the daemon does not take connections", $"end it and the next request starts another: {KillCommand}");
            }

            Thread.Sleep(1);
        }
    }

    /// <summary>The same answer without cache, and a line that says what is wrong.</summary>
    private AskResult WithoutDaemon(Question question, ConnectResult.Refused reason, Deadline deadline)
    {
        if (question.Start == StartMode.OnlyIfRunning
            || _transport.OneShot() is not { } connection
            || Ask(connection, question, deadline) is not RoundTripResult.Answered(var reply))
        {
            return new AskResult.Failed(reason.Message, reason.Hint);
        }

        return new AskResult.Answered(
            WithNotice(reply, $"ark: warning: no daemon, so nothing is cached: {reason.Message}\nark: hint: {reason.Hint}\n"));
    }

    /// <summary>The daemon does not see our files, so our own one-shot does, and there is nothing to warn of.</summary>
    private AskResult OutsideOfDaemon(Question question, Deadline deadline) =>
        question.Start == StartMode.StartIfAbsent
        && _transport.OneShot() is { } connection
        && Ask(connection, question, deadline) is RoundTripResult.Answered(var reply)
            ? new AskResult.Answered(reply)
            : new AskResult.Failed(
                "the daemon is outside of this container, where the names of our files mean others",
                "install arkd in the container too, beside docker-credential-ark, so that it can answer here");

    /// <summary>
    /// Asks an older daemon to leave if a newer one would start in its place; true once it has been waited for and another can be asked.
    /// Where none would, <paramref name="notice"/> says so, the first time.
    /// </summary>
    private bool MakeRoom(DaemonAddress.Found address, string older, bool wait, Deadline deadline, out string notice)
    {
        Installed? installed = _transport.Installed(address, () => BuildOfOneShot(deadline));
        if (installed is not null && Build.IsNewer(installed.Build, than: older))
        {
            notice = "";
            _ = Leave(address, ShutdownRequest.From(installed.Build), deadline.AtMost(ShutdownLimit), wait);
            return wait;
        }

        notice = installed is { IsNews: true }
            ? $"ark: warning: arkd is version {TextSanitizer.Line(installed.Build)}, this program {Build.Current}\n"
                + "ark: hint: install one version of ark, then: ark daemon restart\n"
            : "";
        return false;
    }

    /// <summary>
    /// The build of the executable that would be started, by the answer of its one-shot to a version that no build speaks.
    /// </summary>
    private string? BuildOfOneShot(Deadline deadline)
    {
        ulong id = RoundTrip.NewId();
        return _transport.OneShot() is { } connection
            && Ask(connection, new Question(Frame.Join(FrameType.Request, id, "?"u8, version: 0), id, StartMode.OnlyIfRunning), deadline)
                is RoundTripResult.OtherVersion(_, var build)
                ? build
                : null;
    }

    private static Reply WithNotice(Reply reply, string notice) =>
        reply with { Stderr = [.. reply.Stderr, .. Encoding.UTF8.GetBytes(notice)] };

    private static RoundTripResult Ask(Connection connection, Question question, Deadline deadline)
    {
        using (connection)
        {
            return RoundTrip.Ask(connection, question.Frame, question.RequestId, deadline);
        }
    }

    /// <summary>
    /// Asks the daemon there to leave. True when there is none or, if we <paramref name="wait"/>, once it has closed the connection,
    /// which it does as its last act.
    /// </summary>
    private bool Leave(DaemonAddress.Found address, byte[] request, Deadline deadline, bool wait)
    {
        switch (_transport.Open(address, deadline))
        {
            case ConnectResult.Absent:
                return true;

            case ConnectResult.Connected(var connection):
                using (connection)
                {
                    byte[] frame = Frame.Join(FrameType.Leave, RoundTrip.NewId(), request);
                    bool sent = connection.Write(frame, deadline) == Transfer.Done;
                    return sent && wait && connection.Read(new byte[1], deadline) == Transfer.Closed;
                }

            default:
                return false;
        }
    }

    private static string KillCommand => OperatingSystem.IsWindows() ? "taskkill /f /im arkd.exe" : "pkill -KILL -x -u $(id -u) arkd";

    private static ConnectResult.Refused OtherVersion(byte version) => new(
        $"the running daemon speaks version {version} of the protocol, this program {Frame.CurrentVersion}",
        "install one version of ark, then: ark daemon restart");

    private static AskResult.Failed NoAnswer() =>
        new(
            $"the daemon did not answer within {WholeLimit.TotalSeconds:0} seconds",
            $"if it goes on, end it and the next request starts another: {KillCommand}");

    private sealed record Question(byte[] Frame, ulong RequestId, StartMode Start);
}

/// <summary>The ways out of the client, as delegates, so that tests can stand behind each.</summary>
/// <param name="Address">Where the daemon is.</param>
/// <param name="Open">Knocks at its door.</param>
/// <param name="Start">Starts one and returns the connection to it; never <see cref="ConnectResult.Absent"/>.</param>
/// <param name="OneShot">A connection to a one-shot daemon, or null.</param>
/// <param name="Installed">
/// The build of the executable that would be started, asked for by the function that is given; null when it is not known.
/// </param>
internal sealed record Transport(
    Func<DaemonAddress> Address,
    Func<DaemonAddress.Found, Deadline, ConnectResult> Open,
    Func<DaemonAddress.Found, Deadline, ConnectResult> Start,
    Func<Connection?> OneShot,
    Func<DaemonAddress.Found, Func<string?>, Installed?> Installed);
