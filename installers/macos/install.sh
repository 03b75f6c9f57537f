#!/bin/sh
# Installs ark for the user who runs it, without root, and takes it away again with --uninstall. See --help.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2034 # read by unix.sh
platform=osx
# shellcheck source=../unix.sh
. "$here/../unix.sh"

label=io.github.ark.arkd
agent=$HOME/Library/LaunchAgents/$label.plist

session() { printf 'gui/%s\n' "$(id -u)"; }

add_service() {
    make_folder "$HOME/Library/LaunchAgents"
    place_filled "$here/arkd.plist" "$agent" "$(printf '%s' "$bin/arkd" | sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g')"
    # An agent that is already loaded keeps its old definition until it is taken out.
    run launchctl bootout "$(session)/$label" >/dev/null 2>&1 || true
    if run launchctl bootstrap "$(session)" "$agent" 2>/dev/null; then
        echo "launchd starts the daemon when you log in."
    else
        echo "No login session of launchd answers here; the helper starts the daemon itself."
    fi
}

stop_service() { run launchctl bootout "$(session)/$label" >/dev/null 2>&1 || true; }

forget_service() { :; }

main "$@"
