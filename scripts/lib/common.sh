# Shared by the scripts in this folder: where things are, and how they speak. Sourced, never run.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
artifacts=$root/artifacts

# One line that says what is wrong, one that says what to do, and out.
fail() {
    printf 'ark: error: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf 'ark: hint: %s\n' "$2" >&2
    exit 1
}

step() { printf '\n== %s\n' "$*"; }

have() { command -v "$1" >/dev/null 2>&1; }

# The portable name of this machine, as .NET spells it: linux-x64, linux-musl-arm64, osx-arm64, win-x64.
platform() {
    local system machine
    case $(uname -s) in
        Linux) system=linux ;;
        Darwin) system=osx ;;
        MINGW* | MSYS* | CYGWIN*) system=win ;;
        *) fail "no executables can be published on $(uname -s)" "Linux, macOS and Windows are supported" ;;
    esac
    case $(uname -m) in
        x86_64 | amd64) machine=x64 ;;
        aarch64 | arm64) machine=arm64 ;;
        *) fail "no executables can be published on a $(uname -m) processor" "x64 and arm64 are supported" ;;
    esac
    if [ "$system" = linux ] && ldd --version 2>&1 | grep -qi musl; then
        system=linux-musl
    fi
    printf '%s-%s\n' "$system" "$machine"
}

# .NET and NuGet keep their caches below HOME; without one that can be written they fail in words that do not say so.
need_home() {
    if [ -z "${HOME:-}" ] || [ ! -d "$HOME" ] || [ ! -w "$HOME" ]; then
        mkdir -p "$artifacts/home"
        export HOME=$artifacts/home
        echo "HOME cannot be written; using $HOME"
    fi
}

# global.json names the SDK; dotnet itself decides whether one that is installed will do.
need_sdk() {
    local wanted
    wanted=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$root/global.json")
    have dotnet || fail "the .NET SDK is not installed or not on PATH" "install SDK $wanted or a later patch of it: https://dot.net/download"
    (cd "$root" && dotnet --version >/dev/null 2>&1) ||
        fail "no installed .NET SDK fits global.json (installed: $(cd / && dotnet --list-sdks 2>/dev/null | cut -d' ' -f1 | paste -sd' ' -))" \
            "install SDK $wanted or a later patch of it: https://dot.net/download"
    export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1
    export DOTNET_GENERATE_ASPNET_CERTIFICATE=false
    # A build server that outlives the script would be a process left behind.
    export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
}

digest() {
    if have sha256sum; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1
}
