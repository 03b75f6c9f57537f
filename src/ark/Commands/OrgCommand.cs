using System.CommandLine;
using System.Text;
using System.Text.Json;
using Ark.Cli.Configuration;
using Ark.Cli.Output;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark org</c>: the organizations of the configuration, as the daemon understands them.</summary>
internal sealed class OrgCommand(IDaemon daemon, Terminal terminal)
{
    public Command ToCommand() => new HelpExamples("org", "show the organizations of the configuration, and check it", """
        Examples:
          ark org list
          ark org show acme
          ark org validate

        The configuration says which organization answers for which registry. ark init proposes one.
        """) { List(), Show(), Validate() };

    private HelpExamples List()
    {
        var json = new Option<bool>("--json") { Description = "print the daemon's answer as JSON, for programs" };
        var command = new HelpExamples("list", "list the organizations", """
            Examples:
              ark org list
              ark org list --json | jq -r '.organizations[].name'

            Where several could answer, the one in use does (ark use), else the default of the configuration.
            """) { json };
        command.SetAction(parsed => List(parsed.GetValue(json)));
        return command;
    }

    private HelpExamples Show()
    {
        var name = new Argument<string?>("name") { Description = "its name or id; without one, the organization in use or the default", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "print it as JSON, for programs" };
        var command = new HelpExamples("show", "show the registries of an organization and who asks for their passwords", """
            Examples:
              ark org show acme
              ark org show 2ea25035-6aa4-42fb-9955-92288ea1b972 --json
            """) { name, json };
        command.SetAction(parsed => Show(parsed.GetValue(name), parsed.GetValue(json)));
        return command;
    }

    private HelpExamples Validate()
    {
        var file = new Argument<string?>("file") { Description = "a configuration; without one, the configuration in force", Arity = ArgumentArity.ZeroOrOne };
        var command = new HelpExamples("validate", "check a configuration and name every error with its line and column", """
            Examples:
              ark org validate
              ark org validate ./config.json && mv ./config.json ~/.config/ark/config.json
            """) { file };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(file) is { Length: > 0 } given ? Path.GetFullPath(given) : "";
            return terminal.Relay(daemon.AskFor(Verb.Validate, Encoding.UTF8.GetBytes(path), StartMode.StartIfAbsent)!);
        });
        return command;
    }

    private int List(bool json)
    {
        var answer = terminal.Answer(daemon, Verb.Organizations, []);
        if (json)
        {
            terminal.Write(answer);
            return 0;
        }

        var report = Organizations.Read(answer);
        if (report.Organizations is [])
        {
            terminal.WriteLine("the configuration binds no organization; ark init proposes a configuration");
            return 0;
        }

        Columns.Write(
            terminal.Out,
            [["name", "id", "registries", ""],
            .. report.Organizations.Select(each => new[] { each.Name, each.Id ?? "-", $"{each.Registries.Count}", Mark(report, each) })]);
        return 0;
    }

    private static string Mark(OrganizationsReport report, OrganizationEntry organization) =>
        report.Using is { } used && organization.IsCalled(used) ? "in use"
        : report.DefaultOrganization is { } chosen && organization.IsCalled(chosen) ? "default"
        : "";

    private int Show(string? name, bool json)
    {
        var report = Organizations.Ask(daemon, terminal);
        var organization = report.Find(name ?? report.Chosen()
            ?? throw new UserError("no organization was named, none is in use and the configuration has no default", "ark org list shows them all"));
        if (json)
        {
            terminal.WriteLine(JsonSerializer.Serialize(organization, MessagesJson.Indented.OrganizationEntry));
            return 0;
        }

        terminal.WriteLine($"name  {TextSanitizer.Line(organization.Name)}");
        terminal.WriteLine($"id    {TextSanitizer.Line(organization.Id ?? "-")}");
        foreach (var registry in organization.Registries)
        {
            terminal.WriteLine("");
            Columns.Write(
                terminal.Out,
                [["hosts", string.Join(", ", registry.Hosts)],
                ["repositories", registry.RepositoryPrefix is { Length: > 0 } prefix ? $"below {prefix}/" : "all"],
                ["source", registry.Source.Type],
                ["identity", registry.Source.Identity ?? "-"]]);
        }

        return 0;
    }
}
