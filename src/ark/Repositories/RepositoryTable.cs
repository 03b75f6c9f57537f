using Ark.Cli.Output;
using Ark.Wire;

namespace Ark.Cli.Repositories;

/// <summary>
/// The list of repositories as people and their scripts read it, row by row as it comes: 36 columns for the organization, which is
/// as long as a GUID, a blank, and the URL.
/// </summary>
internal sealed class RepositoryTable
{
    private readonly Terminal _terminal;

    public RepositoryTable(Terminal terminal)
    {
        _terminal = terminal;
        Row("Organization", "URL");
    }

    public void Add(IEnumerable<ListedRepository> repositories)
    {
        foreach (var repository in repositories)
        {
            Row(TextSanitizer.Line(repository.Organization), TextSanitizer.Line(repository.Url));
        }
    }

    private void Row(string organization, string url) => _terminal.WriteLine($"{organization,-36} {url}");
}
