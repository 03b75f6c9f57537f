using System.CommandLine;
using System.CommandLine.Completions;
using Ark.Cli.Output;
using Ark.Wire;

namespace Ark.Cli.Help;

/// <summary><c>ark completion SHELL</c> prints what a shell needs; <c>ark complete LINE</c> is what that calls at each key.</summary>
internal sealed class CompletionCommand(Terminal terminal, RootCommand root)
{
    public Command ToCommand()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or powershell" };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.Shells]);
        var command = new CommandWithExamples("completion", "print the script by which a shell completes ark's commands", """
            Examples:
              ark completion bash > ~/.local/share/bash-completion/completions/ark
              ark completion zsh > ~/.zfunc/_ark
              ark completion fish > ~/.config/fish/completions/ark.fish
              ark completion powershell >> $PROFILE

            Registry hosts and organizations complete as well, from a daemon that runs. For zsh, ~/.zfunc must be in fpath before compinit.
            """) { shell };
        command.SetAction(parsed => terminal.WriteResult(CompletionScripts.For(parsed.GetRequiredValue(shell)).TrimEnd('\n')));
        return command;
    }

    /// <summary>Each word that may come next, with a tab and what it means.</summary>
    public Command ToHiddenCommand()
    {
        var line = new Argument<string>("line") { Description = "what is typed, up to the cursor" };
        var command = new Command("complete", "print how a line may go on") { line };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            foreach (CompletionItem item in Of(parsed.GetRequiredValue(line)))
            {
                terminal.WriteResult($"{TextSanitizer.Line(item.Label)}\t{TextSanitizer.Line(item.Detail ?? "")}".TrimEnd('\t'));
            }
        });
        return command;
    }

    private IEnumerable<CompletionItem> Of(string line)
    {
        string typed = line.TrimStart();
        if (typed.IndexOf(' ', StringComparison.Ordinal) is not (> 0 and var end))
        {
            // The program's own name is for the shell to complete.
            return [];
        }

        string rest = typed[(end + 1)..];
        string word = rest[(rest.LastIndexOf(' ') + 1)..];
        return root.Parse(rest).GetCompletions(rest.Length)
            .Where(item => item.Label.StartsWith(word, StringComparison.Ordinal))
            .Where(item => item.Label[0] is not '/' && (word.Length > 0 || item.Label[0] is not '-'))
            .DistinctBy(static item => item.Label);
    }
}
