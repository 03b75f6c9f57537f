using System.CommandLine;
using Ark.Cli.Output;
using Ark.Client;

namespace Ark.Cli.Repositories;

/// <summary><c>ark repo</c>: the repositories of the organizations.</summary>
internal sealed class RepoCommand(IDaemon daemon, Terminal terminal)
{
    private readonly Option<string> _organization = new("--organization", "-o") { Description = "whose repository, by name or id", HelpName = "ORG", Required = true };
    private readonly Option<string?> _host = new("--host") { Description = "the registry, where the organization has several", HelpName = "HOST" };

    public Command ToCommand() => new HelpExamples("repo", "list, create, locate and delete repositories", """
        Examples:
          ark repo list
          ark repo create catalog/extract-video --organization acme
          docker push "$(ark repo url catalog/extract-video --organization acme):1.0"

        A NAME is the part below the organization's repository prefix; where the prefix is, the configuration knows.
        """)
    {
        new RepoListCommand(daemon, terminal).ToCommand(),
        Create(),
        Url(),
        Delete(),
    };

    private HelpExamples Create()
    {
        var names = new Argument<string[]>("name") { Description = "what stands below the organization's prefix", Arity = ArgumentArity.OneOrMore };
        var ifNotExists = new Option<bool>("--if-not-exists") { Description = "be content when it is there already" };
        var parents = new Option<bool>("--parents", "-p") { Description = "make sure of a repository for every path above it as well, as some tools need" };
        var command = new HelpExamples("create", "create repositories and print where they are, a line each", """
            Examples:
              ark repo create catalog/extract-video --organization acme
              ark repo create spectro-packs/archive/nginx --parents --if-not-exists --organization acme

            Tag mutability, encryption, scanning, tags and policies are those of the organization in the configuration.
            """) { names, _organization, _host, ifNotExists, parents };
        command.SetAction(parsed => Create(Questions(parsed), parsed.GetRequiredValue(names), parsed.GetValue(ifNotExists), parsed.GetValue(parents)));
        return command;
    }

    private HelpExamples Url()
    {
        var name = new Argument<string>("name") { Description = "what stands below the organization's prefix" };
        var command = new HelpExamples("url", "print where a repository is or would be, without asking AWS", """
            Examples:
              ark repo url catalog/extract-video --organization acme
              docker tag app "$(ark repo url app --organization acme):latest"
            """) { name, _organization, _host };
        command.SetAction(parsed =>
        {
            terminal.WriteLine(Questions(parsed).Locate(parsed.GetRequiredValue(name)));
            return 0;
        });
        return command;
    }

    private HelpExamples Delete()
    {
        var name = new Argument<string>("name") { Description = "what stands below the organization's prefix" };
        var force = new Option<bool>("--force") { Description = "delete the images in it as well; without it a repository with images stays" };
        var yes = new Option<bool>("--yes", "-y") { Description = "delete without asking" };
        var command = new HelpExamples("delete", "delete a repository, after asking", """
            Examples:
              ark repo delete catalog/extract-video --organization acme
              ark repo delete catalog/extract-video --organization acme --force --yes
            """) { name, _organization, _host, force, yes };
        command.SetAction(parsed => Delete(Questions(parsed), parsed.GetRequiredValue(name), parsed.GetValue(force), parsed.GetValue(yes)));
        return command;
    }

    private RepositoryQuestions Questions(ParseResult parsed) => new(daemon, terminal, parsed.GetRequiredValue(_organization), parsed.GetValue(_host));

    /// <summary>Goes on after one that fails: each is a wish of its own.</summary>
    private int Create(RepositoryQuestions repositories, string[] names, bool ifNotExists, bool parents)
    {
        var exitCode = 0;
        foreach (var name in names)
        {
            try
            {
                if (parents)
                {
                    // A name that ECR would not take must not leave its parents behind.
                    _ = repositories.Locate(name);
                    MakeParents(repositories, name);
                }

                terminal.WriteLine(repositories.Create(name, ifNotExists));
            }
            catch (DaemonError)
            {
                exitCode = 1;
            }
        }

        return exitCode;
    }

    private static void MakeParents(RepositoryQuestions repositories, string name)
    {
        for (var slash = name.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = name.IndexOf('/', slash + 1))
        {
            repositories.Ensure(name[..slash]);
        }
    }

    private int Delete(RepositoryQuestions repositories, string name, bool force, bool yes)
    {
        if (!yes)
        {
            if (!terminal.CanAsk)
            {
                throw new UserError("not deleting without being told to", "add --yes");
            }

            if (!terminal.Ask($"delete {repositories.Locate(name)}{(force ? " with every image in it" : "")}?"))
            {
                terminal.WriteLine("nothing was deleted");
                return 1;
            }
        }

        terminal.WriteLine(repositories.Delete(name, force));
        return 0;
    }
}
