#!/bin/sh
# Installs ark for the user who runs it, without root, and takes it away again with --uninstall. See --help.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2034 # read by unix.sh
platform=linux
# shellcheck source=../unix.sh
. "$here/../unix.sh"

has_user_manager() { command -v systemctl >/dev/null 2>&1 && systemctl --user show-environment >/dev/null 2>&1; }

unit_folder() { printf '%s/systemd/user\n' "$(absolute_or "${XDG_CONFIG_HOME:-}" "$HOME/.config")"; }

add_service() {
    units=$(unit_folder)
    make_folder "$units"
    place "$here/arkd.socket" "$units/arkd.socket" 644
    # In a unit a path is quoted, and a per cent sign begins a specifier.
    place_filled "$here/arkd.service" "$units/arkd.service" "\"$(printf '%s' "$bin/arkd" | sed -e 's/%/%%/g' -e 's/[\\"]/\\&/g')\""
    if ! has_user_manager; then
        echo "No systemd user session answers here; the helper starts the daemon itself."
        return 0
    fi
    # What systemctl makes when the socket is enabled.
    make_folder "$units/sockets.target.wants"
    record file "$units/sockets.target.wants/arkd.socket"
    if run systemctl --user daemon-reload && run systemctl --user --quiet enable arkd.socket && run systemctl --user restart arkd.socket; then
        echo "systemd listens on the daemon's socket and starts it with the first question."
    else
        echo "systemd did not take the socket; the helper starts the daemon itself."
    fi
}

stop_service() {
    if has_user_manager; then run systemctl --user --quiet disable --now arkd.socket arkd.service || true; fi
}

forget_service() {
    if has_user_manager; then run systemctl --user daemon-reload || true; fi
}

main "$@"
