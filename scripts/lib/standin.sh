# Starts tests/Ark.StandIn, which plays AWS and a registry on loopback, and talks to it. Sourced, never run.
# shellcheck shell=bash disable=SC2154

host=123456789012.dkr.ecr.us-east-1.amazonaws.com
image=$host/team/app:1

# A user with nothing: an empty home, no AWS settings, no proxies of the real one.
need_empty_user() {
    local name
    user=$(mktemp -d /tmp/ark.XXXXXX)
    for name in $(compgen -e | grep -E '^(AWS|ARK|XDG|DOCKER)_|_(proxy|PROXY)$'); do unset "$name"; done
    export HOME=$user/home TMPDIR=$user/tmp ARK_RUNTIME_DIR=$user/run
    mkdir -p "$HOME" "$TMPDIR"
    # Until the stand-in names its own, no engine: one of this machine must never be asked.
    export DOCKER_HOST=unix://$user/no-engine
    PATH=$artifacts/publish/$(platform):$PATH
}

# start_stand_in [OPTION...]: its own options. It leaves with its standard input, hence with this script, however that ends.
start_stand_in() {
    local line value
    coproc STANDIN { exec dotnet "$artifacts/bin/Ark.StandIn/release/Ark.StandIn.dll" --directory "$user" --seed "$image" "$@"; }
    exec {stand_in_input}>&"${STANDIN[1]}"
    while IFS= read -r -t 60 -u "${STANDIN[0]}" line; do
        case $line in
            READY=1) return ;;
            AWS_*=* | DOCKER_HOST=* | HTTPS_PROXY=* | SSL_CERT_FILE=* | ARK_STANDIN_*=*)
                value=${line#*=}
                value=${value#\'}
                export "${line%%=*}=${value%\'}"
                ;;
        esac
    done
    fail "the stand-in for AWS did not start" "its errors are above; run it by hand: dotnet run --project tests/Ark.StandIn"
}

stop_stand_in() {
    [ -n "${STANDIN_PID:-}" ] || return 0
    local pid=$STANDIN_PID
    exec {stand_in_input}>&-
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

# ask_stand_in METHOD PATH: its control address speaks plain HTTP; bash alone is enough for that.
ask_stand_in() {
    local address=${ARK_STANDIN_CONTROL#http://} line connection
    exec {connection}<>"/dev/tcp/${address%%:*}/${address##*:}"
    printf '%s %s HTTP/1.0\r\nHost: %s\r\nContent-Length: 0\r\n\r\n' "$1" "$2" "$address" >&"$connection"
    while IFS= read -r -u "$connection" line && [ "$line" != $'\r' ]; do :; done
    cat <&"$connection"
    exec {connection}>&-
}

tokens_issued() { ask_stand_in GET /calls | sed -n 's/^GetAuthorizationToken //p' | grep . || echo 0; }
