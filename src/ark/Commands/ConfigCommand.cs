using System.CommandLine;
using System.Globalization;
using System.Text;
using Ark.Cli.Files;
using Ark.Cli.Help;
using Ark.Cli.Output;
using Ark.Cli.Queries;
using Ark.Wire;

namespace Ark.Cli.Commands;

/// <summary><c>ark config</c>: where the configuration is, and a change of it that is checked before it counts.</summary>
internal sealed class ConfigCommand(
    DaemonQueries queries, Terminal terminal, TimeProvider clock, UserPaths paths, Func<string, IReadOnlyList<string>, int> run)
{
    /// <summary>What is in a new configuration before anybody writes one.</summary>
    private const string Empty = """
        {
          "$schema": "ark.schema.json",
          "organizations": []
        }

        """;

    public Command ToCommand()
    {
        var path = new CommandWithExamples("path", "print where the configuration is", """
            Example:
              ls -l "$(ark config path)"
            """);
        path.SetAction(_ =>
        {
            terminal.WriteLine(queries.ConfigurationPath());
            return 0;
        });

        var edit = new CommandWithExamples("edit", "edit the configuration, and check it before it counts", """
            Examples:
              ark config edit
              EDITOR=nano ark config edit

            The editor is $VISUAL, else $EDITOR, else the first of nano, vi and notepad. It gets a copy beside the configuration. What it
            saves replaces the configuration when it is valid. Otherwise its errors are shown, and it can be edited again.
            """);
        edit.SetAction(_ => Edit());

        return new CommandWithExamples("config", "find or edit the configuration", """
            Examples:
              ark config edit
              ark config path

            To check a configuration: ark org validate. To propose one: ark init.
            """) { edit, path };
    }

    private int Edit()
    {
        paths.RefuseAnotherUsers();
        string path = queries.ConfigurationPath();
        byte[]? before = SafeFile.Read(path);
        IReadOnlyList<string> editor = Editor();
        string folder = Path.GetDirectoryName(path)!;
        _ = SafeFile.MakeDirectory(folder);
        string draft = Path.Combine(folder, $"config.{Environment.ProcessId}.draft.json");
        SafeFile.ReplaceAndClose(draft, before ?? Encoding.UTF8.GetBytes(Empty));
        bool isNeeded = true;
        try
        {
            if (!IsValidInTheEnd(draft, editor))
            {
                return 1;
            }

            Replace(path, before, SafeFile.Read(draft) ?? []);
            isNeeded = false;
            return 0;
        }
        finally
        {
            if (isNeeded)
            {
                terminal.Warn($"{path} is as it was; what was edited is kept as {draft}");
            }
            else
            {
                SafeFile.Delete(draft);
            }
        }
    }

    /// <summary>Lets the person edit until the draft is valid, or the person gives up.</summary>
    private bool IsValidInTheEnd(string draft, IReadOnlyList<string> editor)
    {
        while (true)
        {
            if (run(editor[0], [.. editor.Skip(1), draft]) is not 0 and var exitCode)
            {
                throw new UserError(
                    $"{editor[0]} ended with exit code {exitCode.ToString(CultureInfo.InvariantCulture)}", "see what it says above");
            }

            if (queries.Confirm(queries.Ask(Verb.Validate, draft)) == 0)
            {
                return true;
            }

            if (!terminal.CanAsk || !terminal.Ask("edit it again?"))
            {
                return false;
            }
        }
    }

    private void Replace(string path, byte[]? before, byte[] after)
    {
        if (before is not null && after.AsSpan().SequenceEqual(before))
        {
            terminal.Say($"{path} is as it was");
            return;
        }

        if (!(SafeFile.Read(path) ?? []).AsSpan().SequenceEqual(before ?? []))
        {
            throw new UserError($"{path} was changed by somebody else meanwhile", "compare the two, and move the right one there");
        }

        if (before is null)
        {
            _ = new ConfigurationDraft(path).Write(after, clock.GetUtcNow());
        }
        else
        {
            SafeFile.Replace(SafeFile.Target(path), after);
        }

        terminal.Say($"wrote {path}");
    }

    /// <summary>The program and its own arguments: a variable may hold both, such as <c>code --wait</c>.</summary>
    private IReadOnlyList<string> Editor()
    {
        string? named = paths.Set("VISUAL") ?? paths.Set("EDITOR");
        if (named?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var name, .. var arguments])
        {
            return [Find(name) ?? throw new UserError($"the editor {name} is not on PATH", "set EDITOR to a program"), .. arguments];
        }

        return
        [
            ((string[])["nano", "vi", "notepad"]).Select(Find).FirstOrDefault(static found => found is not null)
                ?? throw new UserError("there is no editor on PATH", "set EDITOR to a program"),
        ];
    }

    private string? Find(string name) =>
        !Path.IsPathFullyQualified(name) ? paths.FindProgram(name) : UserPaths.IsProgram(name) ? name : null;
}
