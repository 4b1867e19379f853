# fish completion of yamlvault, which is asked itself:
#   yamlvault completion fish | source

function __yamlvault_complete
    set -l word (commandline -ct)
    set -l words (commandline -opc)
    set -l lines (command yamlvault __complete fish "$word" $words[2..-1] 2>/dev/null </dev/null)
    set -l stem (string match -r -- '^--[-\w]+=' $word)
    set -l name (string replace -r -- '^--[-\w]+=' '' "$word")
    switch "$lines[1]"
        case words
            printf '%s\n' $lines[2..-1]
        case files
            for one in (__fish_complete_path $name)
                printf '%s\n' "$stem$one"
            end
        case folders
            for one in (__fish_complete_directories $name)
                printf '%s\n' "$stem$one"
            end
        case programs
            __fish_complete_command
    end
end

complete -c yamlvault -f -a '(__yamlvault_complete)'
