#compdef orewire
# Completion of orewire for zsh: eval "$(orewire completions zsh)" after compinit,
# or as a file _orewire in a folder of $fpath.
_orewire() {
    local line value kind=values
    local -a values shown open open_shown
    for line in "${(@f)$("${(Q)words[1]}" complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        value="${line%%$'\t'*}"
        case $value in
            '') ;;
            :files | :dirs) kind="${value#:}" ;;
            # A field or a facet goes on.
            *[=:]) open+=("$value"); open_shown+=("${line/$'\t'/  -- }") ;;
            *) values+=("$value"); shown+=("${line/$'\t'/  -- }") ;;
        esac
    done
    local -a how=(-l -V orewire -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}')
    (( $#open )) && compadd $how -S '' -d open_shown -a open
    (( $#values )) && compadd $how -d shown -a values
    case $kind in
        files) _files ;;
        dirs) _files -/ ;;
    esac
}
if [[ $funcstack[1] == _orewire ]]; then
    _orewire "$@"
else
    compdef _orewire orewire
fi
