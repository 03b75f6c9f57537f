# Programs out of another release of Debian than this machine's, unpacked below artifacts and not installed. Sourced, never run.
# shellcheck shell=bash disable=SC2154

# take_programs RELEASE PACKAGE...: unpacks them below artifacts/tools/RELEASE, which is printed by programs_of. The packages come from
# where this machine's own do, and are verified by the same keys. False, with the reason in $why, where that cannot be.
take_programs() {
    local release=$1 folder=$artifacts/tools/$1 origin package
    shift
    need_package_lists || return 1
    origin=$(apt-get indextargets 'Label: Debian' --format '$(REPO_URI)' | head -n 1)
    if [ -z "$origin" ]; then
        why="this machine has no packages of Debian"
        return 1
    fi
    mkdir -p "$folder"/{lists/partial,archives/partial,programs}
    : >"$folder/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $origin $release main" >"$folder/sources.list"
    [ -n "$(compgen -G "$folder/lists/*Packages*")" ] || of_release "$folder" update >"$folder/update.log" 2>&1 || {
        why="the package lists of $release could not be fetched, see $folder/update.log"
        return 1
    }
    for package in "$@"; do
        [ ! -e "$folder/programs/.$package" ] || continue
        (cd "$folder/archives" && of_release "$folder" download "$package" >"$folder/$package.log" 2>&1) &&
            dpkg-deb -x "$folder/archives/$package"_*.deb "$folder/programs" || {
            why="$package of $release could not be fetched, see $folder/$package.log"
            return 1
        }
        touch "$folder/programs/.$package"
    done
}

# What would stand on PATH if they were installed.
programs_of() { printf '%s/own:%s/usr/bin:%s/usr/sbin' "$artifacts/tools/$1/programs"{,,}; }

of_release() {
    local folder=$1
    shift
    apt-get -o Dir::State::lists="$folder/lists" -o Dir::State::status="$folder/status" -o Dir::Cache="$folder" \
        -o Dir::Etc::sourcelist="$folder/sources.list" -o Dir::Etc::sourceparts="$folder/none" -o APT::Sandbox::User=root "$@"
}

# What podman, skopeo and buildah of Debian sid are linked with, and what podman looks for before it does anything.
sid_libraries='libc6 libgcc-s1 libgpgme45 libgpg-error0 libassuan9 libseccomp2 libsqlite3-0 libsubid6 libsemanage2 libsepol2 libbz2-1.0
    libaudit1 libcap-ng0 libcap2 libselinux1 libpcre2-8-0 libglib2.0-0t64 libsystemd0 libatomic1 zlib1g libffi8 libacl1 libattr1
    libcrypt1 libpam0g libbsd0 libmd0 libzstd1 liblzma5 golang-github-containers-common conmon netavark'

# use_root_of RELEASE PROGRAM...: these programs need the release's own libraries, so they run with its folder as their root, which is given
# what they share with the script. Only in a mount namespace of the script's own.
use_root_of() {
    local folder=$artifacts/tools/$1/programs entry program
    shift
    for entry in lib lib64 bin sbin; do [ -e "$folder/$entry" ] || ln -s "usr/$entry" "$folder/$entry"; done
    for entry in /tmp /proc /dev /sys "$artifacts/publish"; do
        mkdir -p "$folder$entry"
        mount --rbind "$entry" "$folder$entry"
    done
    mkdir -p "$folder/run" "$folder/etc" "$folder/own" "$folder/var/tmp"
    mount -t tmpfs none "$folder/run"
    echo 'root:x:0:0:root:/root:/bin/sh' >"$folder/etc/passwd"
    for program in "$@"; do
        [ -x "$folder/usr/bin/$program" ] || continue
        printf '#!/bin/sh\nexec chroot %s /usr/bin/%s "$@"\n' "$folder" "$program" >"$folder/own/$program"
        chmod +x "$folder/own/$program"
    done
}
