# Finding processes of ours that outlive a run. Sourced, never run.
# shellcheck shell=bash

# Process ids and commands of everything whose executable lies below one of the folders given.
running_below() {
    local folder entry executable
    if [ -d /proc/self ]; then
        for entry in /proc/[0-9]*; do
            executable=$(readlink "$entry/exe" 2>/dev/null) || continue
            for folder in "$@"; do
                case $executable in
                    "$folder"/*) printf '%s %s\n' "${entry#/proc/}" "$executable" ;;
                esac
            done
        done
    else
        for folder in "$@"; do
            ps -axo pid=,comm= | awk -v folder="$folder/" '{ pid = $1; sub(/^ *[0-9]+ /, ""); if (index($0, folder) == 1) print pid, $0 }'
        done
    fi
}

# Ends what runs below the folders given, by process id. Prints what there was; true when there was nothing. What is on its
# way out gets five seconds to be gone.
end_running_below() {
    local left tries
    for tries in {1..50}; do
        left=$(running_below "$@")
        [ -n "$left" ] || return 0
        sleep 0.1
    done
    printf '%s\n' "$left"
    while read -r tries _; do kill -9 "$tries" 2>/dev/null || true; done <<<"$left"
    return 1
}
