using System.CommandLine;
using Ark.Cli.Commands;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Client;
using Ark.Messages;
using Ark.Wire;

namespace Ark.Cli;

/// <summary>
/// What ark is under the name <c>ark-catalog-container-tool</c>: a drop-in replacement with the options of that tool, which prints what
/// its users' scripts expect.
/// </summary>
internal sealed class CatalogTool(Terminal terminal, IDaemon daemon, Func<string, IDaemon> daemonFor)
{
    public const string Name = "ark-catalog-container-tool";

    private const string Examples = """
        Examples:
          ark-catalog-container-tool --list-repositories
          ark-catalog-container-tool --create-repository catalog/extract-video --organization 2ea25035-6aa4-42fb-9955-92288ea1b972
          ark-catalog-container-tool --login catalog/extract-video --organization 2ea25035-6aa4-42fb-9955-92288ea1b972 |
            docker login --username AWS --password-stdin 095412845506.dkr.ecr.us-east-1.amazonaws.com

        After ark setup no login is needed any more. For everything else: ark --help
        """;

    private readonly DaemonQueries _queries = new(daemon, terminal);
    private readonly Option<bool> _list = Options.Flag("--list-repositories", "list the repositories of all organizations");
    private readonly Option<string?> _create = Options.Text("--create-repository", "NAME", "create a repository and print its URL");
    private readonly Option<string?> _login = Options.Text("--login", "NAME", "print the password for a repository");
    private readonly Option<string?> _organization = Options.Text("--organization", "GUID", "the organization, by id or name");

    /// <summary>True when the program was started under this name, whether by a link, a copy or a rename.</summary>
    public static bool IsMeant(IEnumerable<string?> names) => names.Any(name =>
        Path.GetFileName(name) is { } file && (file == Name || file.Equals($"{Name}.exe", StringComparison.OrdinalIgnoreCase)));

    public RootCommand ToCommand()
    {
        var root = new RootCommand("Lists and creates repositories of organizations, and prints passwords for them.")
        {
            _list, _create, _login, _organization,
        };
        root.SetAction(Run);
        CommandHelp.AddTo(root, Name, Examples, terminal);
        return root;
    }

    private int Run(ParseResult parsed) =>
        (parsed.GetValue(_list), parsed.GetValue(_create), parsed.GetValue(_login), parsed.GetValue(_organization)) switch
        {
            (true, null, null, null) => new RepoCommand(_queries, terminal).List(organization: null, json: false),
            (false, { } name, null, { } organization) => Create(new RepositoryRequest { Name = name, Organization = organization }),
            (false, null, { } name, { } organization) => Login(name, organization),
            (false, { }, null, null) or (false, null, { }, null) => throw new UserError("--organization is missing", $"{Name} --help"),
            _ => throw new UserError("give one of --list-repositories, --create-repository and --login", $"{Name} --help"),
        };

    private int Create(RepositoryRequest request)
    {
        terminal.WriteLine(_queries.Repository(Verb.CreateRepository, request));
        return 0;
    }

    private int Login(string name, string organization)
    {
        string url = _queries.Repository(Verb.LocateRepository, new RepositoryRequest { Name = name, Organization = organization });
        terminal.WriteResult(new DaemonQueries(daemonFor(organization), terminal).Password(url));
        return 0;
    }
}
