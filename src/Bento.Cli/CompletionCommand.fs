namespace Bento.Cli

open System.CommandLine
open System.Threading.Tasks

/// `bento completion`: what has a shell complete this command. Each script asks the command itself, by the directive
/// `[suggest]` that the parser answers, and leaves names of files to the shell.
[<RequireQualifiedAccess>]
module internal CompletionCommand =

    let private bash =
        """# bento: put `source <(bento completion bash)` into ~/.bashrc
_bento() {
    local IFS=$'\n'
    local word="${COMP_WORDS[COMP_CWORD]}"
    COMPREPLY=($(compgen -W "$(bento "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "$word"))
}
complete -o default -F _bento bento
"""

    let private zsh =
        """# bento: put `source <(bento completion zsh)` into ~/.zshrc, below compinit
_bento() {
    local -a suggestions
    suggestions=(${(f)"$(bento "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)"})
    compadd -a suggestions
    _files
}
compdef _bento bento
"""

    let private fish =
        """# bento: put `bento completion fish | source` into ~/.config/fish/config.fish
function _bento
    set --local line (commandline --current-process --cut-at-cursor)
    bento "[suggest:"(string length -- $line)"]" $line 2>/dev/null
end
complete --command bento --arguments '(_bento)'
"""

    let private pwsh =
        """# bento: put `bento completion pwsh | Out-String | Invoke-Expression` into $PROFILE
Register-ArgumentCompleter -Native -CommandName bento -ScriptBlock {
    param($word, $line, $position)
    bento "[suggest:$position]" "$line" 2>$null |
        Where-Object { $_ -like "$word*" } |
        ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
"""

    /// The script of each shell.
    let scripts = [ "bash", bash; "zsh", zsh; "fish", fish; "pwsh", pwsh ]

    let private shell =
        let shells = scripts |> List.map fst

        let argument =
            Argument<string>("SHELL", Description = "Which shell it is for.", HelpName = String.concat "|" shells)

        argument.AcceptOnlyFromAmong(Array.ofList shells)

    let private print (arguments: ParseResult) : Task<int> = task {
        let _, script =
            scripts |> List.find (fun (name, _) -> name = arguments.GetRequiredValue shell)

        printf "%s" script
        return 0
    }

    let command =
        let command =
            Command("completion", "Prints a script that has a shell complete this command's words.")

        command.Arguments.Add shell
        command.SetAction(fun arguments -> print arguments)
        command
