using System.Security.Cryptography;
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

    private readonly Func<string, string?> _environment;
    private readonly TimeProvider _time;
    private readonly Doors _doors;

    internal DaemonClient(Func<string, string?> environment, TimeProvider time, Doors doors)
    {
        _environment = environment;
        _time = time;
        _doors = doors;
    }

    /// <summary>The client for the user and the environment of this process.</summary>
    public static DaemonClient ForThisUser()
    {
        Func<string, string?> environment = Environment.GetEnvironmentVariable;
        return new DaemonClient(environment, TimeProvider.System, new Doors(
            () => DaemonAddress.Find(environment),
            Connection.Open,
            new DaemonStarter(environment).Start,
            () => OneShot.Start(environment)));
    }

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
    public bool Leave()
    {
        var deadline = new Deadline(_time, TimeSpan.FromSeconds(5));
        return _doors.Address() switch
        {
            DaemonAddress.Found address when _doors.Open(address, deadline) is ConnectResult.Connected open => Leave(open.Connection, deadline),
            _ => true,
        };
    }

    /// <summary>The daemon, a new daemon, no daemon: in this order, each at most once more than it deserves.</summary>
    private AskResult AskAnyone(Question question, Deadline deadline)
    {
        if (_doors.Address() is not DaemonAddress.Found address)
        {
            return _doors.Address() is DaemonAddress.Refused refused ? new AskResult.Failed(refused.Message, refused.Hint) : new AskResult.Absent();
        }

        for (int attempt = 0; attempt < 3 && !deadline.Passed; attempt++)
        {
            switch (Connect(address, question.Start, deadline))
            {
                case ConnectResult.Absent:
                    return new AskResult.Absent();

                case ConnectResult.Refused refused when question.Start == StartMode.OnlyIfRunning:
                    return new AskResult.Failed(refused.Message, refused.Hint);

                case ConnectResult.Refused refused:
                    return WithoutDaemon(question, refused, deadline);

                case ConnectResult.Connected open:
                    using (open.Connection)
                    {
                        switch (Exchange.Ask(open.Connection, question.Frame, question.RequestId, deadline))
                        {
                            case ExchangeResult.Answered { Reply: var reply }:
                                if (Build.IsOlder(reply.Build))
                                {
                                    // The answer is good; the next request gets a daemon of our build.
                                    Leave();
                                }

                                return new AskResult.Answered(reply);

                            case ExchangeResult.OtherVersion { Version: < Frame.CurrentVersion } when attempt == 0:
                                Leave();
                                continue;

                            case ExchangeResult.OtherVersion other:
                                return WithoutDaemon(question, new($"the running daemon speaks version {other.Version} of the protocol, this program {Frame.CurrentVersion}", "install one version of ark, then: ark daemon restart"), deadline);

                            case ExchangeResult.Died or ExchangeResult.Nonsense:
                                continue;

                            case ExchangeResult.TimedOut:
                                return NoAnswer();
                        }
                    }

                    break;
            }
        }

        return deadline.Passed ? NoAnswer() : WithoutDaemon(question, new("the daemon died before it answered", "see why with: ark daemon run"), deadline);
    }

    private ConnectResult Connect(DaemonAddress.Found address, StartMode start, Deadline deadline)
    {
        ConnectResult result = _doors.Open(address, deadline);
        while (result is ConnectResult.Busy && !deadline.Passed)
        {
            Thread.Sleep(1);
            result = _doors.Open(address, deadline);
        }

        return result switch
        {
            ConnectResult.Absent when start == StartMode.StartIfAbsent => _doors.Start(address, deadline),
            ConnectResult.Busy => new ConnectResult.Refused("the daemon does not take connections", "restart it with: ark daemon restart"),
            _ => result,
        };
    }

    /// <summary>The same answer without cache, and a line that says what is wrong.</summary>
    private AskResult WithoutDaemon(Question question, ConnectResult.Refused reason, Deadline deadline)
    {
        if (question.Start == StartMode.OnlyIfRunning || _doors.OneShot() is not { } connection)
        {
            return new AskResult.Failed(reason.Message, reason.Hint);
        }

        using (connection)
        {
            if (Exchange.Ask(connection, question.Frame, question.RequestId, deadline) is not ExchangeResult.Answered { Reply: var reply })
            {
                return new AskResult.Failed(reason.Message, reason.Hint);
            }

            string notice = $"ark: warning: no daemon, so nothing is cached: {reason.Message}\nark: hint: {reason.Hint}\n";
            return new AskResult.Answered(reply with { Stderr = [.. reply.Stderr, .. System.Text.Encoding.UTF8.GetBytes(notice)] });
        }
    }

    /// <summary>True once the daemon has closed the connection, which it does as its last act.</summary>
    private static bool Leave(Connection connection, Deadline deadline)
    {
        using (connection)
        {
            byte[] frame = Frame.Join(FrameType.Leave, requestId: 1, System.Text.Encoding.UTF8.GetBytes(Build.Current));
            return connection.Write(frame, deadline) == Transfer.Done && connection.Read(new byte[1], deadline) == Transfer.Closed;
        }
    }

    private static AskResult.Failed NoAnswer() =>
        new($"the daemon did not answer within {WholeLimit.TotalSeconds:0} seconds", "restart it with: ark daemon restart");

    private sealed record Question(byte[] Frame, ulong RequestId, StartMode Start);
}

/// <summary>The four ways out of the client, as delegates, so that tests can stand behind each.</summary>
/// <param name="Address">Where the daemon is.</param>
/// <param name="Open">Knocks at its door.</param>
/// <param name="Start">Starts one and returns the connection to it; never <see cref="ConnectResult.Absent"/>.</param>
/// <param name="OneShot">A connection to a one-shot daemon, or null.</param>
internal sealed record Doors(
    Func<DaemonAddress> Address,
    Func<DaemonAddress.Found, Deadline, ConnectResult> Open,
    Func<DaemonAddress.Found, Deadline, ConnectResult> Start,
    Func<Connection?> OneShot);
