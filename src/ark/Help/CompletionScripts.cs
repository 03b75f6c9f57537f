namespace Ark.Cli.Help;

/// <summary>What each shell needs to ask <c>ark complete</c>.</summary>
internal static class CompletionScripts
{
    /// <summary>bash takes a colon for the end of a word, so what stands before one is no part of what it inserts.</summary>
    private const string Bash = """
        # bash completion for ark
        _ark() {
            local line=${COMP_LINE:0:COMP_POINT} word
            local current=${line##*[[:space:]]}
            COMPREPLY=()
            while IFS=$'\t' read -r word _; do
                COMPREPLY+=("$word")
            done < <(ark complete "$line" 2>/dev/null)
            if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
                COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*:}"}"}")
            fi
        }
        complete -o default -F _ark ark

        """;

    private const string Zsh = """
        #compdef ark
        # zsh completion for ark
        _ark() {
            local -a lines described
            local line
            lines=("${(@f)$(ark complete "${(j: :)words[1,CURRENT-1]} $PREFIX" 2>/dev/null)}")
            for line in $lines; do
                described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
            done
            if (( $#described )); then
                _describe 'ark' described
            else
                _files
            fi
        }
        if [[ $funcstack[1] == _ark ]]; then
            _ark "$@"
        else
            compdef _ark ark
        fi

        """;

    private const string Fish = """
        # fish completion for ark
        complete --command ark --no-files --arguments '(ark complete (commandline --cut-at-cursor --current-process | string collect))'
        complete --command ark --condition '__fish_seen_subcommand_from validate' --force-files

        """;

    private const string PowerShell = """
        # PowerShell completion for ark
        Register-ArgumentCompleter -Native -CommandName ark -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $length = $cursorPosition - $commandAst.Extent.StartOffset
            $line = $commandAst.ToString().PadRight($length).Substring(0, $length)
            ark complete $line 2>$null | ForEach-Object {
                $word, $meaning = $_ -split "`t", 2
                if (-not $meaning) { $meaning = $word }
                [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $meaning)
            }
        }

        """;

    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "fish", "powershell"];

    public static string For(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        _ => PowerShell,
    };
}
