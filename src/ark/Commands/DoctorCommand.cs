using System.CommandLine;
using System.Text.Json;
using Ark.Cli.Credentials;
using Ark.Cli.Doctor;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Spectre.Console;
using Progress = Ark.Cli.Output.Progress;

namespace Ark.Cli.Commands;

/// <summary><c>ark doctor</c>: what is wrong on this machine, and the command that repairs it.</summary>
/// <param name="terminal">Where to print.</param>
/// <param name="environment">The user's environment.</param>
/// <param name="examine">Begins an examination.</param>
internal sealed class DoctorCommand(
    Terminal terminal, Func<string, string?> environment, Func<DoctorRequest, Examination> examine)
{
    private const int MostRounds = 3, LeastColumns = 40;

    private readonly Argument<string?> _target =
        Options.Optional("host|image", "a registry host, or an image to ask its registry for (default: what docker asks ark for)");
    private readonly Option<bool> _fix = Options.Flag("--fix", "repair what can be repaired without you, then check again");
    private readonly Option<bool> _offline = Options.Flag("--offline", "ask neither AWS nor a registry");
    private readonly Option<bool> _bundle = Options.Flag("--bundle", "also write a report without secrets, to attach to a bug report");
    private readonly Option<bool> _json = Options.Json;

    public Command ToCommand()
    {
        var command = new CommandWithExamples("doctor", "check this machine and say what repairs it", """
            Examples:
              ark doctor
              ark doctor 123456789012.dkr.ecr.us-east-1.amazonaws.com/app:latest
              ark doctor --fix
              ark doctor --json | jq -r '.checks[] | select(.result == "fail") | .message'

            The exit code is 1 when a check fails. It needs neither a daemon nor a configuration.
            """) { _target, _fix, _offline, _bundle, _json };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var request = new DoctorRequest(parsed.GetValue(_target) is { Length: > 0 } target ? target : null, parsed.GetValue(_offline));
        if (request.Target is { } named)
        {
            RegistryHost.Parse(named);
        }

        Examination examination = examine(request);
        if (parsed.GetValue(_fix) || parsed.GetValue(_bundle))
        {
            examination.Paths.RefuseAnotherUsers();
        }

        IReadOnlyList<Result> results = Look(examination);
        var done = new List<string>();
        for (int round = 0; parsed.GetValue(_fix) && round < MostRounds && Repair(results) is { Count: > 0 } repaired; round++)
        {
            // One repair may have mended what another check complained of, or let it see what is wrong next.
            done.AddRange(repaired);
            examination = examine(request);
            results = Look(examination);
        }

        var report = DoctorReport.Of(results, done, examination.Paths.InHome());
        Print(report, parsed.GetValue(_json));
        if (parsed.GetValue(_bundle))
        {
            terminal.Note($"the report is in {Bundle.Write(report, examination)}; read it before you send it to anybody");
        }

        return report.Failed ? 1 : 0;
    }

    private List<Result> Look(Examination examination)
    {
        using Progress progress = terminal.ShowProgress($"of {Check.All.Count} checks", isFirst: true);
        var results = new List<Result>();
        foreach (Check check in Check.All)
        {
            results.Add(new Result(check.Name, check.Run(examination)));
            progress.Advance(1);
        }

        return results;
    }

    private List<string> Repair(IEnumerable<Result> results)
    {
        var done = new List<string>();
        foreach (Finding finding in results.SelectMany(static result => result.Findings).Where(static finding => finding.Fix is not null))
        {
            try
            {
                done.Add(finding.Fix!());
            }
            catch (UserError e)
            {
                terminal.Warn($"not repaired: {e.Problem.Message}", e.Problem.Hint);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                terminal.Warn($"not repaired: {e.Message.TrimEnd('.')}", finding.Repair);
            }
        }

        return done;
    }

    private void Print(DoctorReport report, bool json)
    {
        if (json)
        {
            terminal.WriteResult(JsonSerializer.Serialize(report, DoctorJson.Default.DoctorReport));
        }
        else if (terminal.OutputIsTerminal)
        {
            DoctorView.Write(report, AnsiConsole.Console);
        }
        else
        {
            bool isNarrow = int.TryParse(environment("COLUMNS"), out int columns) && columns >= LeastColumns;
            terminal.WriteLines(DoctorView.Plain(report, isNarrow ? columns : int.MaxValue));
        }
    }
}
