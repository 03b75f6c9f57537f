using System.CommandLine;
using System.Text.Json;
using Ark.Cli.Docker;
using Ark.Cli.Files;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark org</c> shows the organizations of the configuration, as the daemon reads it; <c>ark use</c> chooses one.</summary>
internal sealed class OrgCommand(DaemonQueries queries, Terminal terminal, UserPaths paths)
{
    public Command ToCommand() => new CommandWithExamples("org", "show and check the organizations of the configuration", """
        Examples:
          ark org list
          ark org show acme
          ark org validate

        The configuration says which organization serves which registry. ark init proposes one.
        """) { List(), Show(), Validate() };

    public Command ToUseCommand()
    {
        Argument<string?> organization = Options.Optional("organization", "its name or id; without one, the current choice is shown");
        Option<bool> none = Options.Flag("--none", "forget the choice and go back to the configured default");
        Option<bool> json = Options.Json;
        var command = new CommandWithExamples("use", "choose the organization to use where several match", """
            Examples:
              ark use acme
              ark use
              ark use --none

            ARK_ORGANIZATION, the helper's name (docker-credential-ark-acme) and the path of the repository take precedence.
            """) { organization, none, json };
        command.SetAction(parsed => (parsed.GetValue(organization), parsed.GetValue(none), parsed.GetValue(json)) switch
        {
            (null, true, false) => queries.Confirm(queries.Ask(Verb.Use)),
            (null, false, var isJson) => ShowChoice(isJson),
            ({ Length: > 0 } name, false, false) => Use(name),
            ({ Length: > 0 } name, false, true) => UseAndShow(name),
            (null, true, true) => UseAndShow(""),
            ({ Length: 0 }, false, _) => throw new UserError("the name of the organization is empty", "ark use --help"),
            _ => throw new UserError("specify an organization or --none, not both", "ark use --help"),
        });
        return command;
    }

    /// <summary>Chooses, and says for which hosts docker's file has another organization's helper, which counts there.</summary>
    private int Use(string name)
    {
        int exitCode = queries.Confirm(queries.Ask(Verb.Use, name));
        foreach ((string host, string? helper) in exitCode == 0 ? HelpersOfOrganizations() : [])
        {
            terminal.Note(
                $"{host} is not reached: docker's file names docker-credential-{helper} for it; ARK_ORGANIZATION={name} wins over that");
        }

        return exitCode;
    }

    private IEnumerable<(string Host, string? Helper)> HelpersOfOrganizations()
    {
        try
        {
            return [.. DockerConfig.Parse(SafeFile.Read(paths.DockerConfig) ?? [], paths.DockerConfig).AllHelpers
                .Where(entry => entry.Helper != SetupPlan.Helper && entry.Helper is { } helper && SetupPlan.IsOurs(helper))];
        }
        catch (Exception e) when (e is UserError or IOException or UnauthorizedAccessException)
        {
            // docker's file is not what was asked about.
            return [];
        }
    }

    private int UseAndShow(string name)
    {
        queries.Answer(Verb.Use, name);
        return ShowChoice(json: true);
    }

    private CommandWithExamples List()
    {
        Option<bool> json = Options.Json;
        var command = new CommandWithExamples("list", "list the organizations", """
            Examples:
              ark org list
              ark org list --json | jq -r '.organizations[].name'

            Where several match, the one in use is taken (ark use), else the default of the configuration.
            """) { json };
        command.SetAction(parsed => List(parsed.GetValue(json)));
        return command;
    }

    private CommandWithExamples Show()
    {
        Argument<string?> name =
            Options.Optional("name", "its name or id (default: the organization in use, else the default of the configuration)");
        Option<bool> json = Options.Json;
        var command = new CommandWithExamples("show", "show the registries of an organization and where their credentials come from", """
            Examples:
              ark org show acme
              ark org show 2ea25035-6aa4-42fb-9955-92288ea1b972 --json
            """) { name, json };
        command.SetAction(parsed => Show(parsed.GetValue(name), parsed.GetValue(json)));
        return command;
    }

    private CommandWithExamples Validate()
    {
        Argument<string?> file = Options.Optional("file", "a file (default: the configuration in use)");
        Option<bool> json = Options.Json;
        var command = new CommandWithExamples("validate", "check a configuration and print each error with its line and column", """
            Examples:
              ark org validate
              ark org validate ./config.json && mv ./config.json ~/.config/ark/config.json
              ark org validate --json | jq -r '.errors[]'
            """) { file, json };
        command.SetAction(parsed =>
        {
            Reply reply = queries.Ask(Verb.Validate, parsed.GetValue(file) is { Length: > 0 } given ? Path.GetFullPath(given) : "");
            return parsed.GetValue(json) ? PrintJson(reply) : queries.Print(reply);
        });
        return command;
    }

    /// <summary>The errors of a file are on standard output, a line each; what else is wrong, such as a missing file, is not.</summary>
    private int PrintJson(Reply reply)
    {
        string[] lines = DaemonQueries.Findings(reply);
        if (reply.ExitCode != 0 && lines is [])
        {
            _ = queries.Take(reply);
        }

        terminal.WriteResult(JsonSerializer.Serialize(
            new ValidationReport(reply.ExitCode == 0, reply.ExitCode == 0 ? [] : lines), MessagesJson.Default.ValidationReport));
        return reply.ExitCode == 0 ? 0 : 1;
    }

    private int List(bool json)
    {
        byte[] answer = queries.Answer(Verb.Organizations);
        if (json)
        {
            terminal.WriteResult(answer);
            return 0;
        }

        OrganizationsReport report = DaemonQueries.ReadOrganizations(answer);
        if (report.Organizations is [])
        {
            terminal.WriteLine("no organizations are configured; ark init proposes a configuration");
            return 0;
        }

        terminal.WriteTable(
        [
            ["name", "id", "registries", ""],
            .. report.Organizations.Select(each => new[] { each.Name, each.Id ?? "-", $"{each.Registries.Count}", Mark(report, each) }),
        ]);
        return 0;
    }

    private static string Mark(OrganizationsReport report, OrganizationEntry organization) =>
        report.Using is { } used && organization.IsCalled(used) ? "in use"
        : report.DefaultOrganization is { } chosen && organization.IsCalled(chosen) ? "default"
        : "";

    private int Show(string? name, bool json)
    {
        OrganizationsReport report = queries.Organizations();
        OrganizationEntry organization = report.Find(name ?? report.Chosen()
            ?? throw new UserError("no organization was named, none is in use and the configuration has no default", "see: ark org list"));
        if (json)
        {
            terminal.WriteResult(JsonSerializer.Serialize(organization, MessagesJson.Indented.OrganizationEntry));
            return 0;
        }

        terminal.WriteTable([["name", organization.Name], ["id", organization.Id ?? "-"]]);
        foreach (RegistryEntry registry in organization.Registries)
        {
            terminal.WriteLine("");
            terminal.WriteTable(
            [
                ["hosts", string.Join(", ", registry.Hosts)],
                ["repositories", registry.RepositoryPrefix is { Length: > 0 } prefix ? $"below {prefix}/" : "all"],
                ["source", registry.Source.Type],
                ["identity", registry.Source.Identity ?? "-"],
            ]);
        }

        return 0;
    }

    private int ShowChoice(bool json)
    {
        OrganizationsReport report = queries.Organizations();
        if (json)
        {
            terminal.WriteResult(JsonSerializer.Serialize(
                new ChoiceReport(report.Using, report.DefaultOrganization), MessagesJson.Default.ChoiceReport));
            return 0;
        }

        terminal.WriteTable([["in use", report.Using ?? "none"], ["default", report.DefaultOrganization ?? "none"]]);
        return 0;
    }
}
