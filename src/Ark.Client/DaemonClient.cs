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

    /// <summary>What the system needs to close a killed daemon's door after it has closed its connections.</summary>
    private static readonly TimeSpan DyingPause = TimeSpan.FromMilliseconds(20);

    private static readonly ConnectResult.Refused Died = new("the daemon died before it answered", "see why with: ark daemon run");

    private static readonly ConnectResult.Refused Nonsense = new("what came back is no answer to our request", "restart the daemon with: ark daemon restart");

    private readonly Func<string, string?> _environment;
    private readonly TimeProvider _time;
    private readonly Transport _doors;

    internal DaemonClient(Func<string, string?> environment, TimeProvider time, Transport doors)
    {
        _environment = environment;
        _time = time;
        _doors = doors;
    }

    /// <summary>The client for the user and the environment of this process.</summary>
    /// <param name="calledAs">The organization that the name of this program chooses, or null; see <see cref="IdentityVariables.CalledAs"/>.</param>
    public static DaemonClient ForThisUser(string? calledAs = null) =>
        For(name => name == IdentityVariables.CalledAs ? calledAs : Environment.GetEnvironmentVariable(name));

    /// <summary>The same, where the user has named the organization that is to answer, whatever the environment says.</summary>
    public static DaemonClient ForThisUserAs(string organization) =>
        For(name => name == "ARK_ORGANIZATION" ? organization : name == IdentityVariables.CalledAs ? null : Environment.GetEnvironmentVariable(name));

    private static DaemonClient For(Func<string, string?> environment) => new(environment, TimeProvider.System, new Transport(
        () => DaemonAddress.Find(environment),
        Connection.Open,
        new DaemonStarter(environment).Start,
        () => OneShot.Start(environment)));

    /// <inheritdoc/>
    public AskResult Ask(Verb verb, ReadOnlySpan<byte> payload, StartMode start)
    {
        ulong requestId = RequestId.New();
        var request = new Request(Build.Current, verb, payload.ToArray(), IdentityVariables.Collect(_environment));
        if (request.ToFrame(requestId) is not { } frame)
        {
            return new AskResult.Failed("the request and the caller's AWS variables together are larger than 64 KiB", "shorten the input or unset the AWS_* variable that is so long");
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
    public bool Shutdown() => _doors.Address() is not DaemonAddress.Found address || Leave(address, ShutdownRequest.FromPerson, new Deadline(_time, ShutdownLimit));

    /// <summary>The daemon, a new daemon, no daemon: in this order.</summary>
    private AskResult AskAnyone(Question question, Deadline deadline) => _doors.Address() switch
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
            switch (Connect(address, question.Start, deadline))
            {
                case ConnectResult.Absent:
                    return new AskResult.Absent();

                case ConnectResult.Refused refused:
                    return WithoutDaemon(question, refused, deadline);

                case ConnectResult.Connected(var connection):
                    switch (Ask(connection, question, deadline))
                    {
                        case RoundTripResult.Answered({ ExitCode: not 0 } refused) when attempt == 0 && Build.IsOlder(refused.Build):
                            // It may know neither this verb nor a variable of ours; its successor does.
                            _ = Leave(address, ShutdownRequest.FromNewerBuild, deadline.AtMost(ShutdownLimit));
                            break;

                        case RoundTripResult.Answered(var reply):
                            if (Build.IsOlder(reply.Build))
                            {
                                // The answer is good, so nobody waits for the daemon to go; the next request starts one of our build.
                                _ = Leave(address, ShutdownRequest.FromNewerBuild, deadline.AtMost(ShutdownLimit), wait: false);
                            }

                            return new AskResult.Answered(reply);

                        case RoundTripResult.OtherVersion { Version: < Frame.CurrentVersion } when attempt == 0:
                            _ = Leave(address, ShutdownRequest.FromNewerBuild, deadline.AtMost(ShutdownLimit));
                            break;

                        case RoundTripResult.OtherVersion(var version):
                            return WithoutDaemon(question, OtherVersion(version), deadline);

                        case RoundTripResult.Died:
                            Thread.Sleep(DyingPause);
                            reason = Died;
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
        ConnectResult result = _doors.Open(address, patience);
        while (result is ConnectResult.Busy && !patience.Passed)
        {
            Thread.Sleep(1);
            result = _doors.Open(address, patience);
        }

        return result switch
        {
            ConnectResult.Absent when start == StartMode.StartIfAbsent => _doors.Start(address, deadline),
            ConnectResult.Busy => new ConnectResult.Refused("the daemon does not take connections", $"end it and the next request starts another: {KillCommand}"),
            _ => result,
        };
    }

    /// <summary>The same answer without cache, and a line that says what is wrong.</summary>
    private AskResult WithoutDaemon(Question question, ConnectResult.Refused reason, Deadline deadline)
    {
        if (question.Start == StartMode.OnlyIfRunning
            || _doors.OneShot() is not { } connection
            || Ask(connection, question, deadline) is not RoundTripResult.Answered(var reply))
        {
            return new AskResult.Failed(reason.Message, reason.Hint);
        }

        string notice = $"ark: warning: no daemon, so nothing is cached: {reason.Message}\nark: hint: {reason.Hint}\n";
        return new AskResult.Answered(reply with { Stderr = [.. reply.Stderr, .. Encoding.UTF8.GetBytes(notice)] });
    }

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
    private bool Leave(DaemonAddress.Found address, byte[] request, Deadline deadline, bool wait = true)
    {
        switch (_doors.Open(address, deadline))
        {
            case ConnectResult.Absent:
                return true;

            case ConnectResult.Connected(var connection):
                using (connection)
                {
                    byte[] frame = Frame.Join(FrameType.Leave, RequestId.New(), request);
                    return connection.Write(frame, deadline) == Transfer.Done && wait && connection.Read(new byte[1], deadline) == Transfer.Closed;
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
        new($"the daemon did not answer within {WholeLimit.TotalSeconds:0} seconds", $"if it goes on, end it and the next request starts another: {KillCommand}");

    private sealed record Question(byte[] Frame, ulong RequestId, StartMode Start);
}

/// <summary>The four ways out of the client, as delegates, so that tests can stand behind each.</summary>
/// <param name="Address">Where the daemon is.</param>
/// <param name="Open">Knocks at its door.</param>
/// <param name="Start">Starts one and returns the connection to it; never <see cref="ConnectResult.Absent"/>.</param>
/// <param name="OneShot">A connection to a one-shot daemon, or null.</param>
internal sealed record Transport(
    Func<DaemonAddress> Address,
    Func<DaemonAddress.Found, Deadline, ConnectResult> Open,
    Func<DaemonAddress.Found, Deadline, ConnectResult> Start,
    Func<Connection?> OneShot);
