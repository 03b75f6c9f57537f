# Finding processes of ours that outlive a run. Sourced, never run.
# shellcheck shell=bash

# Process ids and executables of everything that runs from below one of the folders given.
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

# What ran before, such as a daemon that somebody tries out by hand, is none of our business.
remember_running() { running_before=$(running_below "$@"); }
running_before=

# Ends what has been started since and still runs from below the folders given, and prints it; true when there was nothing.
# What is on its way out gets five seconds.
end_running_below() {
    local left pid
    for _ in {1..50}; do
        left=$(running_below "$@" | grep -vxF -- "${running_before:-none}" || true)
        [ -n "$left" ] || return 0
        sleep 0.1
    done
    printf '%s\n' "$left"
    while read -r pid _; do kill -9 "$pid" 2>/dev/null || true; done <<<"$left"
    return 1
}
