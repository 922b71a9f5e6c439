# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Programs of another Debian release, each set of them in a root of its own. Made to be
# sourced, after lib/packages.sh and lib/cache.sh.
#
# A root's packages are only unpacked, never configured: no script of theirs runs, no service
# starts, and no privilege is needed, neither to make the root nor to use it. A program in it
# runs by the root's own dynamic linker and libraries, in the file system that is.

# Where this machine's own apt takes Debian from.
debootstrap_mirror() {
    # shellcheck disable=SC2016 # apt's variable, not ours
    apt-get indextargets --format '$(REPO_URI)' \
        'Origin: Debian' 'Label: Debian' 'Identifier: Packages' | head -n 1
}

# Downloads $suite's required packages, $packages and all they depend on, signature and sums
# checked, into $new.
debootstrap_download() {
    local mirror
    mirror=$(debootstrap_mirror)
    if [ -z "$mirror" ]; then
        echo "apt knows no mirror of Debian here (has apt-get update been run?)" >&2
        return 1
    fi
    PATH=$PATH:/usr/sbin debootstrap --download-only --arch=amd64 --variant=minbase \
        --keyring=/usr/share/keyrings/debian-archive-keyring.gpg --force-check-gpg \
        --include="${packages// /,}" "$suite" "$new" "$mirror" >"$new.log" 2>&1
}

# As files of whoever runs this, none of them setuid.
debootstrap_unpack() (
    set -o pipefail
    exec >>"$new.log" 2>&1
    for archive in "$new"/var/cache/apt/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$archive" |
            tar -x -C "$new" --no-same-owner --no-same-permissions \
                --exclude='./usr/share/doc' --exclude='./usr/share/icons' \
                --exclude='./usr/share/locale' --exclude='./usr/share/man' || exit
    done
    rm -rf "$new/var/cache" "$new/var/lib/apt" "$new/debootstrap"
)

# Only a whole root gets the name of one.
debootstrap_make() {
    local new=$1.new suite=$2 packages=$3 start=$SECONDS
    echo "making ${1#"$PWD/"}: Debian $suite's $packages, about half a minute" >&2
    rm -rf "$new"
    mkdir -p "$new"
    if ! { debootstrap_download && debootstrap_unpack; }; then
        echo "debootstrap failed, the end of $new.log:" >&2
        tail -n 5 "$new.log" >&2
        return 1
    fi
    echo "$suite $packages" >"$new/made-of"
    rm -rf "$1" && mv "$new" "$1" && rm "$new.log" || return
    echo "made in $((SECONDS - start)) s, $(du -sm "$1" | cut -f 1) MB" >&2
}

debootstrap_is_made() {
    [ "$(cat "$1/made-of" 2>/dev/null)" = "$2 $3" ]
}

# Makes root $1 in $ROOTS from the suite $2 and the packages that follow, unless it is there.
# Fails, having said why, when that cannot be done; NO_INSTALL=1 forbids to try.
debootstrap_root() {
    local made=$ROOTS/$1 suite=$2
    shift 2
    debootstrap_is_made "$made" "$suite" "$*" && return
    if [ -n "${NO_INSTALL:-}" ]; then
        echo "missing here: $made (Debian $suite's $*)" >&2
        return 1
    fi
    packages_need debootstrap && mkdir -p "$ROOTS" || return
    (
        flock -n 9 || { echo "waiting for another to make $made" >&2 && flock 9; }
        debootstrap_is_made "$made" "$suite" "$*" || debootstrap_make "$made" "$suite" "$*"
    ) 9>"$made.lock"
}

# Sets the array "command" to what runs program $2 (a path in the root) of root $1.
debootstrap_command() {
    local made=$ROOTS/$1 libraries
    libraries=$made/usr/lib/x86_64-linux-gnu
    # shellcheck disable=SC2034 # for the caller
    command=("$made/usr/lib64/ld-linux-x86-64.so.2"
        --library-path "$libraries:$libraries/pulseaudio" "$made/$2")
}
