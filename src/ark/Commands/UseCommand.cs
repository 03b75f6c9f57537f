using System.CommandLine;
using System.Text;
using Ark.Cli.Configuration;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark use</c>: the organization that answers where several could.</summary>
internal sealed class UseCommand(IDaemon daemon, Terminal terminal)
{
    public Command ToCommand()
    {
        var organization = new Argument<string?>("organization") { Description = "its name or id; without one, the choice is shown", Arity = ArgumentArity.ZeroOrOne };
        var none = new Option<bool>("--none") { Description = "forget the choice, so that the default of the configuration counts" };
        var command = new HelpExamples("use", "choose the organization that answers where several could", """
            Examples:
              ark use acme
              ark use
              ark use --none

            An organization that is named by ARK_ORGANIZATION, by the helper's name (docker-credential-ark-acme) or by the path of
            the repository comes first.
            """) { organization, none };
        command.SetAction(parsed => (parsed.GetValue(organization), parsed.GetValue(none)) switch
        {
            (null, true) => Choose(""),
            (null, false) => Show(),
            ({ Length: > 0 } name, false) => Choose(name),
            _ => throw new UserError("an organization and --none exclude each other", "ark use --help"),
        });
        return command;
    }

    private int Choose(string organization) =>
        terminal.Relay(daemon.AskFor(Verb.Use, Encoding.UTF8.GetBytes(organization), StartMode.StartIfAbsent)!);

    private int Show()
    {
        var report = Organizations.Ask(daemon, terminal);
        Columns.Write(terminal.Out, [["in use", report.Using ?? "none"], ["default", report.DefaultOrganization ?? "none"]]);
        return 0;
    }
}
