using System.CommandLine;
using Ark.Cli.Configuration;
using Ark.Cli.Docker;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark init</c>: a first configuration from the AWS profiles that are there, shown before it is written.</summary>
internal sealed class InitCommand(IDaemon daemon, Terminal terminal, TimeProvider clock, UserPaths paths)
{
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "write without asking" };
    private readonly Option<bool> _force = new("--force") { Description = "replace a configuration that is there; a copy of it is kept" };
    private readonly Option<string?> _file = new("--file") { Description = "write to this file instead of the configuration in force", HelpName = "FILE" };

    public Command ToCommand()
    {
        var command = new HelpExamples("init", "propose a configuration from your AWS profiles and write it", """
            Examples:
              ark init
              ark init --file ./configuration.json
              ark init --yes --force

            The configuration says which organization answers for which registry. It never holds a secret. ark.schema.json is written
            beside it, by which editors complete and check it. Nothing is needed for ECR registries of one AWS profile.
            """) { _yes, _force, _file };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult options)
    {
        paths.RefuseAnotherUsers();
        var path = options.GetValue(_file) is { Length: > 0 } given ? Path.GetFullPath(given) : Organizations.AskPlace(daemon, terminal);
        var draft = new ConfigurationDraft(path);
        if (draft.Exists && !options.GetValue(_force))
        {
            throw new UserError($"{path} is there already", "edit it, or add --force to replace it; a copy is kept then");
        }

        var proposal = terminal.Answer(daemon, Verb.Propose, []);
        terminal.Write(proposal);
        if (!options.GetValue(_yes) && !MayWrite(path))
        {
            terminal.WriteLine("nothing was written");
            return 1;
        }

        var backup = draft.Write(proposal, clock.GetUtcNow());
        terminal.WriteLine(backup is null ? $"wrote {path}" : $"wrote {path}; the file as it was is {backup}");
        return 0;
    }

    private bool MayWrite(string path) => terminal.CanAsk
        ? terminal.Ask($"write this to {path}?")
        : throw new UserError("not writing without being told to", "add --yes");
}
