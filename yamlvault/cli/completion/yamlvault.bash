# bash completion of yamlvault, which is asked itself:
#   source <(yamlvault completion bash)

_yamlvault() {
    local -a lines
    local line word kept
    COMPREPLY=()
    # the environment and not an argument: what is typed is not for every process to see
    while IFS= read -r line; do
        lines+=("$line")
    done < <(
        COMP_LINE=${COMP_LINE:0:COMP_POINT} COMP_WORDBREAKS=$COMP_WORDBREAKS \
            command yamlvault __complete bash 2>/dev/null </dev/null
    )
    case ${lines[0]} in
    words)
        COMPREPLY=("${lines[@]:1}")
        return
        ;;
    files) set -- -f ;;
    folders) set -- -d ;;
    programs) set -- -c ;;
    *) return ;;
    esac
    word=${lines[1]} kept=${lines[2]}
    while IFS= read -r line; do
        COMPREPLY+=("${line:kept}")
    done < <(compgen "$1" -- "$word")
    # bash 4: it quotes the names, and puts a slash behind a folder
    [[ $1 == -c ]] || compopt -o filenames 2>/dev/null
}

complete -F _yamlvault yamlvault
