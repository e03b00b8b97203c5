# Completion of orewire for bash: eval "$(orewire completions bash)"
_orewire() {
    local value kind=values IFS=$'\n'
    COMPREPLY=()
    while IFS=$'\t' read -r value _; do
        case $value in
            :files | :dirs) kind=${value#:} ;;
            *) COMPREPLY+=("$value") ;;
        esac
    done < <("$1" complete --line "${COMP_LINE:0:COMP_POINT}" --word "$2" 2>/dev/null)
    case $kind in
        files) compopt -o default 2>/dev/null || COMPREPLY+=($(compgen -f -- "$2")) ;;
        dirs) compopt -o dirnames 2>/dev/null || COMPREPLY+=($(compgen -d -- "$2")) ;;
    esac
    # A field or a facet goes on.
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:] ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -o nosort -F _orewire orewire 2>/dev/null || complete -F _orewire orewire
