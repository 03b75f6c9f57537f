# What the tests and scripts/try need of Debian: the real programs that they drive (docker's command line, skopeo, cmake), and what
# static executables are linked with. Sourced, never run.
# shellcheck shell=bash disable=SC2154

# Puts docker and skopeo on PATH where they are missing and can be had. No service is installed or started: docker's client is taken out of
# Debian's package and kept below artifacts; skopeo's package has none.
need_clients() {
    export PATH=$artifacts/tools/bin:$PATH
    have docker || add_docker || echo "docker's client is not installed and could not be: $why. What needs it is skipped."
    have skopeo || add_skopeo || echo "skopeo is not installed and could not be: $why. What needs it is skipped."
}

# docker's library for Python, which asks for every registry before a build.
need_docker_py() {
    python3 -c 'import docker.auth' 2>/dev/null || /usr/bin/python3 -c 'import docker.auth' 2>/dev/null || install_packages python3-docker ||
        echo "docker's library for Python is not installed and could not be: $why. What needs it is skipped."
}

# For addresses in a network namespace of a test's own.
need_iproute() {
    have ip || [ -x /usr/sbin/ip ] || install_packages iproute2 ||
        echo "ip is not installed and could not be: $why. What needs a network namespace is skipped."
}

# What the tests of the CMake module drive.
need_cmake() {
    { have cmake && have make && have ninja; } || install_packages cmake make ninja-build ||
        echo "cmake, make or ninja is not installed and could not be: $why. What needs them is skipped."
}

# What scripts/publish links statically with; without it, it says so and links dynamically.
need_static_libraries() {
    [ "$(platform)" = linux-x64 ] || [ "$(platform)" = linux-arm64 ] || return 0
    { have cmake && have make && has_static_openssl; } || install_packages cmake make libssl-dev libc6-dev ||
        echo "cmake, make or static OpenSSL is not installed and could not be: $why."
}

has_static_openssl() {
    local compiler=gcc
    have gcc || compiler=clang
    [ -f "$("$compiler" -print-file-name=libssl.a 2>/dev/null)" ]
}

why=

add_docker() {
    local package unpacked=$artifacts/tools/docker
    need_package_lists || return 1
    mkdir -p "$artifacts/tools/bin"
    # Newer releases ship the client alone; in older ones it is part of the engine's package.
    for package in docker-cli docker.io; do
        rm -rf "$unpacked" && mkdir -p "$unpacked"
        if (cd "$unpacked" && apt-get download -o APT::Sandbox::User=root "$package" >/dev/null 2>&1) &&
            dpkg-deb -x "$unpacked"/*.deb "$unpacked" && [ -x "$unpacked/usr/bin/docker" ]; then
            mv "$unpacked/usr/bin/docker" "$artifacts/tools/bin/docker"
            rm -rf "$unpacked"
            echo "Took docker's client out of Debian's package $package into artifacts/tools (no engine)."
            return 0
        fi
    done
    why="no package with it could be downloaded"
    return 1
}

add_skopeo() { install_packages skopeo; }

install_packages() {
    need_package_lists || return 1
    as_root true || {
        why="that needs root or sudo without a password"
        return 1
    }
    as_root apt-get install -y --no-install-recommends "$@" >"$artifacts/tools/$1.log" 2>&1 || {
        why="apt-get failed, see artifacts/tools/$1.log"
        return 1
    }
    echo "Installed Debian's $*."
}

need_package_lists() {
    if ! have apt-get || ! have dpkg-deb; then
        why="there is no apt here"
        return 1
    fi
    mkdir -p "$artifacts/tools"
    if compgen -G '/var/lib/apt/lists/*Packages*' >/dev/null; then
        return 0
    fi
    as_root apt-get update >"$artifacts/tools/update.log" 2>&1 || {
        why="there are no package lists, and fetching them failed or needs root"
        return 1
    }
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        DEBIAN_FRONTEND=noninteractive "$@" </dev/null
    elif have sudo; then
        sudo -n DEBIAN_FRONTEND=noninteractive "$@" </dev/null 2>/dev/null
    else
        return 1
    fi
}
