# What the installers of Linux and macOS share; each adds how the daemon is started there. Sourced, never run.
# shellcheck shell=sh
#
# The installer that sources this sets `here` (its folder) and `platform` (linux or osx), and defines
#   add_service      puts its files in place and starts listening, or says that the helper starts the daemon
#   stop_service     ends what add_service started
#   forget_service   after the files are gone

programs='docker-credential-ark arkd ark'
# The name under which ark behaves as the catalog's own tool.
catalog_tool=ark-catalog-container-tool

usage() {
    cat <<'TEXT'
usage: install.sh [--from DIR] [--prefix DIR] [--dry-run]
       install.sh --uninstall [--dry-run]

Installs ark for you alone, without root: docker-credential-ark, arkd and ark go to ~/.local/bin ($XDG_BIN_HOME, or DIR/bin with
--prefix), with a link ark-catalog-container-tool to ark, the CMake module to share/cmake beside that bin, and the daemon is made known
to your session. Run it again to upgrade, also while the daemon runs.

  --from DIR     where the executables are (default: beside this script, else what scripts/publish made)
  --prefix DIR   install to DIR/bin and DIR/share
  --uninstall    undo `ark setup`, stop the daemon, remove what was installed and nothing else
  --dry-run      say what would be done and do nothing
TEXT
}

fail() {
    printf 'ark: error: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf 'ark: hint: %s\n' "$2" >&2
    exit 1
}

# Runs the command, or only prints it under --dry-run.
run() {
    if [ "$dry_run" = true ]; then
        printf 'would run: %s\n' "$*"
    else
        "$@"
    fi
}

# As the XDG rules have it, a folder that is not absolute counts as not given.
absolute_or() {
    case $1 in
        /*) printf '%s\n' "$1" ;;
        *) printf '%s\n' "$2" ;;
    esac
}

# --- whose folders these are ---

# Whoever may change a folder on the way to a file can put another file in its place, and a link on the way leads wherever its owner
# likes. So every folder and every link from / on must belong to this user or to the owner of /, who can do everything anyway.
check_folder() {
    [ "$1" = / ] || check_folder "$(dirname "$1")"
    if [ ! -e "$1" ] && [ ! -h "$1" ]; then return 0; fi
    # Mode, links and owner, as `ls` prints them everywhere.
    # shellcheck disable=SC2046 # split on purpose
    set -- "$1" $(LC_ALL=C ls -ldn "$1" | cut -c 1-80)
    case $4 in
        "$me" | "$system") ;;
        *) fail "$1 belongs to another user (uid $4)" "run this as the user who runs docker; under sudo: sudo -H" ;;
    esac
    case $2 in
        l*)
            next=$(readlink "$1")
            case $next in /*) ;; *) next=$(dirname "$1")/$next ;; esac
            followed=$((followed + 1))
            [ "$followed" -le 40 ] || fail "$1 leads in a circle" "look at it with: ls -l $1"
            check_folder "$next"
            ;;
        d????????[tT]*) ;;
        d????w* | d???????w*) fail "$1 can be written by others" "close it with: chmod go-w $1" ;;
        d*) ;;
        *) fail "$1 is not a folder" "move it away, or install elsewhere with --prefix" ;;
    esac
}

# --- the manifest: what we brought, a line of "file PATH" or "folder PATH" each, written before the thing itself is made ---

is_recorded() { [ -f "$manifest" ] && grep -qxF -- "$1 $2" "$manifest"; }

record() { [ "$dry_run" = true ] || is_recorded "$1" "$2" || printf '%s %s\n' "$1" "$2" >>"$manifest"; }

# Folders made for the manifest itself, one a line, until it exists.
unrecorded=

make_folder() {
    check_folder "$1"
    [ ! -d "$1" ] || return 0
    make_folder "$(dirname "$1")"
    if [ "$dry_run" = true ]; then
        printf 'would make the folder %s\n' "$1"
        return 0
    fi
    [ ! -f "$manifest" ] || record folder "$1"
    mkdir -m "${2:-755}" "$1" || fail "the folder $1 could not be made" "see who owns $(dirname "$1")"
    [ -f "$manifest" ] || unrecorded="$unrecorded$1
"
}

start_manifest() {
    make_folder "$state" 700
    if [ -h "$manifest" ]; then fail "$manifest is a symbolic link" "remove it with: rm $manifest"; fi
    if [ "$dry_run" = false ] && [ ! -f "$manifest" ]; then
        (umask 077 && : >"$manifest")
        printf '%s' "$unrecorded" | while IFS= read -r folder; do record folder "$folder"; done
    fi
}

refuse_foreign() {
    if { [ -e "$1" ] || [ -h "$1" ]; } && ! is_recorded file "$1"; then
        fail "$1 is already there and did not come from this installer" "move it away, or install elsewhere with --prefix"
    fi
}

# place SOURCE DESTINATION MODE. Beside, then over: whoever starts the program meanwhile gets the old one or the new one.
place() {
    refuse_foreign "$2"
    if [ "$dry_run" = true ]; then
        printf 'would write %s\n' "$2"
        return 0
    fi
    record file "$2"
    # A new file of a name that nobody knew, and over: a link at either name is never written through.
    new=$(mktemp "$2.XXXXXX") || new=
    if [ -h "$2" ]; then rm -f "$2"; fi
    if ! { [ -n "$new" ] && cp "$1" "$new" && chmod "$3" "$new" && mv -f "$new" "$2"; }; then
        [ -z "$new" ] || rm -f "$new"
        fail "$2 could not be written" "see who owns $(dirname "$2") and whether the disk is full"
    fi
}

# place_link NAME LINK: a symbolic link beside the program that it names.
place_link() {
    refuse_foreign "$2"
    if [ "$dry_run" = true ]; then
        printf 'would link %s to %s\n' "$2" "$1"
        return 0
    fi
    record file "$2"
    { rm -f "$2" && ln -s "$1" "$2"; } || fail "$2 could not be made" "see who owns $(dirname "$2")"
}

# place_filled TEMPLATE DESTINATION TEXT: the template with TEXT, which sed shall not interpret, for @ARKD@.
place_filled() {
    filled=$1
    if [ "$dry_run" = false ]; then
        filled=$state/filled
        sed "s|@ARKD@|$(printf '%s' "$3" | sed 's/[\\&|]/\\&/g')|" "$1" >"$filled"
    fi
    place "$filled" "$2" 644
    [ "$filled" = "$1" ] || rm -f "$filled"
}

# --- install ---

find_source() {
    if [ -z "$from" ]; then
        for folder in "$here" "$here"/../../artifacts/publish/"$platform"-*; do
            # Of several builds, the one that this machine can run.
            if "$folder/docker-credential-ark" --version >/dev/null 2>&1 </dev/null; then from=$folder; fi
        done
    fi
    [ -n "$from" ] || fail "there is nothing to install yet" "run scripts/publish first, or say where the executables are with --from"
    for program in $programs; do
        [ -f "$from/$program" ] || fail "$from/$program is missing" "name a folder with docker-credential-ark, arkd and ark: --from DIR"
    done
}

install() {
    find_source
    start_manifest
    make_folder "$bin"
    for program in $programs; do place "$from/$program" "$bin/$program" 755; done
    place_link ark "$bin/$catalog_tool"
    # An old daemon must not answer for the new one; whoever asks next starts the new one.
    run "$bin/ark" daemon stop >/dev/null 2>&1 </dev/null || true
    add_cmake_module
    add_service
    [ "$dry_run" = true ] || echo "Installed docker-credential-ark, arkd and ark to $bin."
    case ":$PATH:" in
        *":$bin:"*) ;;
        *)
            echo "That folder is not on PATH, so docker would not find the helper. Add this line to your shell's profile (such as ~/.profile):"
            # shellcheck disable=SC2016 # it is the profile that expands $PATH
            printf '    export PATH="%s:$PATH"\n' "$bin"
            ;;
    esac
    echo "Next: ark setup --host <account>.dkr.ecr.<region>.amazonaws.com"
}

# Where find_package(ArkContainer) looks: beside every bin that is on PATH.
add_cmake_module() {
    modules=$(dirname "$bin")/share/cmake/ArkContainer
    make_folder "$modules"
    for module in "$here"/../cmake/*.cmake; do place "$module" "$modules/${module##*/}" 644; done
}

# --- uninstall ---

uninstall() {
    check_folder "$state"
    if [ ! -f "$manifest" ]; then
        echo "Nothing to remove: there is no $manifest."
        return 0
    fi
    ark=$(sed -n 's/^file \(.*\/ark\)$/\1/p' "$manifest" | tail -n 1)
    if [ -x "$ark" ]; then
        # Before the helper goes, docker must no longer ask for it.
        if [ -f "$state/setup.json" ]; then
            run "$ark" setup --undo </dev/null || fail "\`ark setup --undo\` failed, so nothing was removed" "do what it says and run this again"
        fi
        if [ "$dry_run" = false ] && [ -f "$state/setup.json" ]; then
            fail "docker still asks for ark in another folder (see \"also set up\" above), so nothing was removed" \
                "for each of them: DOCKER_CONFIG=<its folder> ark setup --undo; then run this again"
        fi
        stop_service
        run "$ark" daemon stop >/dev/null 2>&1 </dev/null || true
    fi

    sed -n 's/^file //p' "$manifest" | while IFS= read -r path; do
        check_folder "$(dirname "$path")"
        if [ -e "$path" ] || [ -h "$path" ]; then run rm -f "$path"; fi
    done
    forget_service

    # The deepest first: a folder sorts before what is in it.
    folders=$(sed -n 's/^folder //p' "$manifest" | LC_ALL=C sort -r)
    run rm -rf "$state" "$HOME/.ark/run"
    # Under sudo it may still be another user's.
    if [ -n "${XDG_RUNTIME_DIR:-}" ] && [ -O "$XDG_RUNTIME_DIR" ]; then run rm -rf "$XDG_RUNTIME_DIR/ark"; fi
    printf '%s\n' "$HOME/.ark" "$folders" | while IFS= read -r path; do
        # Not empty any more means that somebody else uses it now.
        if [ -d "$path" ]; then run rmdir "$path" 2>/dev/null || true; fi
    done
    [ "$dry_run" = true ] || echo "Removed ark. Your configuration (~/.config/ark/config.json) stays."
}

main() {
    from=
    prefix=
    action=install
    dry_run=false
    while [ $# -gt 0 ]; do
        case $1 in
            --from | --prefix)
                if [ $# -lt 2 ] || [ -z "$2" ]; then fail "$1 needs a folder" "see install.sh --help"; fi
                if [ "$1" = --from ]; then from=$2; else prefix=$2; fi
                shift
                ;;
            --uninstall) action=uninstall ;;
            --dry-run) dry_run=true ;;
            -h | --help)
                usage
                exit 0
                ;;
            *) fail "install.sh does not know '$1'" "see install.sh --help" ;;
        esac
        shift
    done

    [ -d "${HOME:-}" ] || fail "HOME is not set to a folder" "run this as the user who runs docker"
    me=$(id -u)
    followed=0
    # shellcheck disable=SC2012 # stat is spelled differently on every system
    system=$(LC_ALL=C ls -ldn / | awk '{ print $3 }')
    HOME=$(absolute_or "$HOME" "$(pwd)/$HOME")
    [ -O "$HOME/" ] || fail "HOME is $HOME, which belongs to another user" "run this as the user who runs docker; under sudo: sudo -H"
    if [ -n "$prefix" ]; then
        bin=$(absolute_or "$prefix" "$(pwd)/$prefix")/bin
    else
        bin=$(absolute_or "${XDG_BIN_HOME:-}" "$HOME/.local/bin")
    fi
    state=$(absolute_or "${XDG_STATE_HOME:-}" "$HOME/.local/state")/ark
    manifest=$state/install-manifest
    case $HOME$bin$state in
        *'
'*) fail "a folder to install to has a line break in its name" "choose another" ;;
    esac
    "$action"
}
