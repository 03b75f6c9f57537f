# Builds of ark that scripts/bench measures beside each other, and what it notes of each. Sourced, never run.
# shellcheck shell=bash disable=SC2154

declare -A folder value
builds=()

note() { value[$1 $2]=$3; }
quotient() { awk -v a="$1" -v b="$2" 'BEGIN { print b ? a / b : 0 }'; }
megabytes() { awk -v bytes="$(wc -c <"$1")" 'BEGIN { print bytes / 1e6 }'; }

# own_variables BUILD [VARIABLE=VALUE...]: the environment in which a build is run, in `own`: a home, a daemon and what it is started from,
# all its own, but for the variables given.
own_variables() {
    local variable
    own=("${@:2}")
    for variable in "HOME=$user/$1" "ARK_RUNTIME_DIR=$user/$1/run" "ARK_DAEMON=${folder[$1]}/arkd" "PATH=${folder[$1]}:$PATH"; do
        [[ " ${own[*]}" == *" ${variable%%=*}="* ]] || own+=("$variable")
    done
}

# run_as BUILD COMMAND...: a program or a function of these scripts. It leaves the variables in `own`.
run_as() {
    own_variables "$1"
    in_own_environment "${@:2}"
}

in_own_environment() (
    export "${own[@]}"
    "$@"
)

with_organizations() {
    own_variables "$1" "ARK_CONFIG=$user/$1/organizations-$2/config.json" "ARK_RUNTIME_DIR=$user/$1/organizations-$2/run"
    in_own_environment "${@:3}"
}

with_profiles() {
    own_variables "$1" "HOME=$user/$1/profiles-$2" AWS_PROFILE=profile-1 "ARK_RUNTIME_DIR=$user/$1/profiles-$2/run"
    in_own_environment without_keys "${@:3}"
}

# The request that the build's helper sends, caught on a socket where no daemon is.
prepare() {
    local build=$1 catcher
    mkdir -p "$user/$build/.aws"
    printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' \
        "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" >"$user/$build/.aws/credentials"
    mkdir -m 700 "$user/$build/capture"
    "$user/race" capture "$user/$build/capture/arkd.sock" "$user/$build/request" &
    catcher=$!
    until [ -S "$user/$build/capture/arkd.sock" ]; do sleep 0.1; done
    own_variables "$build" "ARK_RUNTIME_DIR=$user/$build/capture" ARK_DAEMON=/nonexistent
    in_own_environment docker-credential-ark get <"$user/host" >/dev/null 2>&1 || true
    wait "$catcher"
    [ -s "$user/$build/request" ] || fail "the helper in ${folder[$build]} sent no request to measure the relay with"
}

stop_daemons_of() {
    local build=$1 directory
    for directory in "$user/$build/run" "$user/$build"/*/run; do
        own_variables "$build" "ARK_RUNTIME_DIR=$directory"
        [ ! -d "$directory" ] || in_own_environment ark daemon stop >/dev/null 2>&1 </dev/null || true
    done
}

daemon_of() { run_as "$1" ark status --json </dev/null | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' | head -n 1; }

memory_of() { awk '$1 == "VmRSS:" { print $2 * 1024 / 1e6 }' "/proc/$1/status"; }

# Processor time that it has used, in hundredths of a second.
ticks_of() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

# So many organizations, each with a host of its own, the last of them with ours; asked for as the same AWS user as always.
write_organizations() {
    local directory=$user/$1/organizations-$2
    mkdir -p "$directory"
    chmod 700 "$directory"
    awk -v count="$2" -v ours="$host" -v endpoint="$AWS_ENDPOINT_URL" 'BEGIN {
        printf "{ \"organizations\": ["
        for (i = 1; i <= count; i++) {
            host = i == count ? ours : sprintf("%012d.dkr.ecr.us-east-1.amazonaws.com", i)
            printf "%s\n{\"name\":\"org-%d\",\"registries\":[{", (i == 1 ? "" : ","), i
            printf "\"hosts\":[\"%s\"],\"repositoryPrefix\":\"prod/org-%d\",", host, i
            printf "\"source\":{\"type\":\"ecr\",\"endpoint\":\"%s\"}}]}", endpoint
        }
        print "\n] }"
    }' >"$directory/config.json"
    settle "$directory/config.json"
}

# A home with the profiles role and sso; who chooses neither has nothing but what the instance gives.
write_sign_ins() {
    local cache=$1/.aws/sso/cache role=arn:aws:iam::${host%%.*}:role/stand-in
    mkdir -p "$cache"
    printf '%s\n' '[profile role]' 'source_profile = keys' "role_arn = $role" 'region = us-east-1' \
        '[profile sso]' 'sso_session = stand-in' "sso_account_id = ${host%%.*}" 'sso_role_name = stand-in' \
        '[sso-session stand-in]' 'sso_region = us-east-1' 'sso_start_url = https://stand-in.awsapps.com/start' >"$1/.aws/config"
    printf '%s\n' '[keys]' "aws_access_key_id = $AWS_ACCESS_KEY_ID" "aws_secret_access_key = $AWS_SECRET_ACCESS_KEY" \
        >"$1/.aws/credentials"
    printf '{"accessToken":"SENTINEL-stand-in-portal-token","expiresAt":"%s"}' "$(date -u -d '7 hours' +%FT%TZ)" \
        >"$cache/$(printf stand-in | sha1sum | cut -d ' ' -f 1).json"
    settle "$1/.aws/config"
    settle "$1/.aws/credentials"
}

calls_of_aws() { ask_stand_in GET /calls | awk '{ sum += $2 } END { print sum + 0 }'; }

# Keys in the environment would win over all else.
without_keys() (
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    "$@"
)

# How many microseconds it took until a get failed, as it must, is one more of `took`.
fail_to_get() {
    local began=${EPOCHREALTIME/[.,]/}
    if in_own_environment without_keys "$1" get <"$user/host" >/dev/null 2>&1; then fail "there are no credentials, and yet $1 answered"; fi
    took+=("$((${EPOCHREALTIME/[.,]/} - began))")
}

# Milliseconds, of `took`.
median() { printf '%s\n' "${took[@]}" | sort -n | sed -n "$((${#took[@]} / 2 + 1))p" | awk '{ print $1 / 1000 }'; }

write_profiles() {
    local directory=$user/$1/profiles-$2/.aws
    mkdir -p "$directory"
    awk -v count="$2" -v id="$AWS_ACCESS_KEY_ID" -v secret="$AWS_SECRET_ACCESS_KEY" 'BEGIN {
        for (i = 1; i <= count; i++)
            printf "[profile-%d]\naws_access_key_id = %s\naws_secret_access_key = %s\n", i, id, secret
    }' >"$directory/credentials"
    settle "$directory/credentials"
}

# A file that was written a moment ago is read at every request, since its time could not tell a second change.
settle() {
    chmod 600 "$1"
    touch -d '1 minute ago' "$1"
}

# The stand-in knows so many users by numbered key ids with one secret.
get_for_each_key() {
    seq -f %05g 1 "$1" |
        xargs -P 4 -I{} sh -c "AWS_ACCESS_KEY_ID=AKIASTANDINNUMBER{} docker-credential-ark get <'$user/host' >/dev/null" || true
}

# row WHAT NAME UNIT [BAR [least]]: each build's figure, then the bar, which is the most (or the least) that the last may be.
row() {
    local build figures=()
    for build in "${builds[@]}"; do
        figures+=("${value[$build $2]:--}")
    done
    awk -v what="$1" -v figures="${figures[*]}" -v unit="$3" -v bar="${4:-}" -v least="${5:-}" 'BEGIN {
        printf "%-48s", what
        count = split(figures, each, " ")
        for (i = 1; i <= count; i++)
            printf each[i] == "-" ? " %10s" : each[i] == int(each[i]) ? " %10d" : " %10.2f", each[i]
        printf " %-3s", unit
        last = each[count] + 0
        good = least == "" ? last <= bar + 0 : last >= bar + 0
        if (bar != "" && each[count] != "-")
            printf "  %s %s  %s", least == "" ? "at most" : "at least", bar, good ? "ok" : "over"
        print ""
    }'
}

heading() { printf '%-48s' ""; printf ' %10s' "${builds[@]}"; echo; }
