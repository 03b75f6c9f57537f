using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;
using Spectre.Console;

namespace Ark.Cli.Commands;

/// <summary><c>ark status</c>: the daemon and its tokens, once or again and again. Never starts a daemon.</summary>
internal sealed class StatusCommand(IDaemon daemon, Terminal terminal, TimeProvider clock)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    public Command ToCommand()
    {
        var json = new Option<bool>("--json") { Description = "print the daemon's answer as JSON, for programs" };
        var watch = new Option<bool>("--watch") { Description = "show it again every two seconds until Ctrl-C" };
        var command = new HelpExamples("status", "show the daemon and the tokens it keeps", """
            Examples:
              ark status
              ark status --watch
              ark status --json | jq '.entries[] | {host, state, expiresAt}'

            States: fresh (good), refreshing (good, a newer one is being fetched), expired, failing (the last fetch failed).
            """) { json, watch };
        command.SetAction(parsed => parsed.GetValue(watch) ? WatchUntilInterrupted(parsed.GetValue(json)) : Show(parsed.GetValue(json)));
        return command;
    }

    /// <summary>Shows the status every two seconds until it is cancelled; where it is not redrawn in place, only when something changed.</summary>
    public async Task<int> WatchAsync(bool json, CancellationToken cancellationToken)
    {
        if (!json && terminal.OutputIsTerminal)
        {
            await AnsiConsole.Live(Text.Empty).StartAsync(live => RepeatAsync(
                answer =>
                {
                    live.UpdateTarget(Render(Read(answer)));
                    live.Refresh();
                },
                cancellationToken));
            return 0;
        }

        StatusReport? shown = null;
        await RepeatAsync(
            answer =>
            {
                StatusReport report = Read(answer);
                if (Differs(report, shown))
                {
                    Print(json && !answer.AsSpan().EndsWith("\n"u8) ? [.. answer, (byte)'\n'] : answer, json);
                    shown = report;
                }
            },
            cancellationToken);
        return 0;
    }

    private int WatchUntilInterrupted(bool json)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        return WatchAsync(json, stop.Token).GetAwaiter().GetResult();
    }

    private async Task RepeatAsync(Action<byte[]> show, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            show(Ask().Stdout);
            await Task.Delay(Pace, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private int Show(bool json)
    {
        var reply = Ask();
        if (reply.ExitCode != 0)
        {
            return terminal.Relay(reply);
        }

        Print(reply.Stdout, json);
        return 0;
    }

    private static byte[] WithoutDaemon => JsonSerializer.SerializeToUtf8Bytes(new StatusReport(null, []), MessagesJson.Default.StatusReport);

    private static StatusReport Read(byte[] answer) => DaemonJson.Read(answer, MessagesJson.Default.StatusReport, "status");

    /// <summary>True when another look shows something new, apart from clocks and the count of requests, which this very question moves.</summary>
    private static bool Differs(StatusReport report, StatusReport? earlier) =>
        earlier is null || report.Daemon?.Pid != earlier.Daemon?.Pid || !report.Entries.SequenceEqual(earlier.Entries);

    private Reply Ask() =>
        daemon.AskFor(Verb.Status, [], StartMode.OnlyIfRunning) ?? new Reply(0, [.. WithoutDaemon, (byte)'\n'], [], "");

    private void Print(byte[] answer, bool json)
    {
        if (json)
        {
            terminal.Write(answer);
            return;
        }

        StatusReport report = Read(answer);
        if (terminal.OutputIsTerminal)
        {
            AnsiConsole.Write(Render(report));
        }
        else
        {
            terminal.Out.Write(StatusView.Plain(report, clock.GetUtcNow()));
        }
    }

    private Rows Render(StatusReport report) => StatusView.Render(report, clock.GetUtcNow(), AnsiConsole.Profile.Width);
}
