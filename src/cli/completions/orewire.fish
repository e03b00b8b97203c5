# Completion of orewire for fish: orewire completions fish > ~/.config/fish/completions/orewire.fish
function __orewire_complete
    set -l words (commandline -opc)
    # Without the quotation mark that is still open.
    set -l current (commandline -ct | string replace -r '^[\'"]' '')
    for line in ($words[1] complete -- $words[2..] "$current" 2>/dev/null)
        switch $line
            case ':files*'
                __fish_complete_path "$current"
            case ':dirs*'
                __fish_complete_directories "$current" ''
            case '*'
                printf '%s\n' $line
        end
    end
end
complete -c orewire -f -k -a '(__orewire_complete)'
