# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# The carrier: Debian's QEMU from source, its SVM mended by tools/carrier. Made to be sourced, after
# lib/packages.sh, lib/cache.sh, lib/debootstrap.sh and lib/qemu.sh.
#
# In $CARRIER: source/ (Debian's source package and its sums), apt/ (apt's lists, none of the
# machine's), HASH/qemu-system-x86_64, the hash being of the source and of all that is done to it.
# Only a whole build gets there.

CARRIER_SUITE=trixie
CARRIER_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")/../carrier" && pwd)
CARRIER_MEGABYTES=900 # source and build

carrier_say() {
    echo "carrier: $*" >&2
}

# apt with lists of its own, of Debian $CARRIER_SUITE alone; signatures are checked against Debian's
# keys. $@: the command
carrier_apt() {
    # shellcheck disable=SC2153 # lib/cache.sh has it
    local apt=$CARRIER/apt
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" || return
    "$1" -qq -o Dir::State="$apt" -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" \
        -o Dir::State::status=/dev/null -o Dir::Etc::SourceList="$apt/sources.list" \
        -o Dir::Etc::SourceParts=- -o Acquire::Languages=none -o APT::Sandbox::User=root \
        "${@:2}"
}

carrier_apt_update() {
    local mirror kind key=/usr/share/keyrings/debian-archive-keyring.gpg
    mirror=$(debootstrap_mirror)
    if [ -z "$mirror" ]; then
        carrier_say "apt knows no mirror of Debian here (has apt-get update been run?)"
        return 1
    fi
    mkdir -p "$CARRIER/apt" || return
    for kind in deb deb-src; do
        echo "$kind [signed-by=$key] $mirror $CARRIER_SUITE main"
    done >"$CARRIER/apt/sources.list"
    carrier_apt apt-get update
}

# Into the current directory: the source package, and the build tool that it needs a newer one of
# than Debian 12 has.
carrier_download() {
    carrier_apt_update && carrier_apt apt-get source --download-only qemu &&
        carrier_apt apt-get download meson && sha256sum -- * >sums
}

carrier_get_source() {
    local new=$CARRIER/source.new
    [ ! -e "$CARRIER/source/sums" ] || return 0
    if [ -n "${NO_INSTALL:-}" ]; then
        echo "missing here: $CARRIER/source (the source of Debian $CARRIER_SUITE's qemu)" >&2
        return 1
    fi
    carrier_say "getting the source of Debian $CARRIER_SUITE's qemu, 40 MB"
    rm -rf "$new" && mkdir -p "$new" && (cd "$new" && carrier_download >"$new.log" 2>&1) &&
        rm -rf "$CARRIER/source" && mv "$new" "$CARRIER/source" && return
    carrier_say "the source cannot be had, the end of $new.log:"
    tail -n 5 "$new.log" >&2
    return 1
}

# Of the source and of all that is done to it.
carrier_hash() {
    (cd "$CARRIER_HOME" && find patches source -type f -print0 | sort -z | xargs -0 sha256sum) |
        cat "$CARRIER/source/sums" - | sha256sum | cut -c 1-12
}

# The source with our files and patches, as ./qemu.
carrier_unpack() {
    local patch
    (cd "$CARRIER/source" && sha256sum --status -c sums) ||
        { carrier_say "$CARRIER/source has changed: remove it" && return 1; }
    dpkg-deb -x "$CARRIER"/source/meson_*.deb meson &&
        dpkg-source --no-check -x "$CARRIER"/source/qemu_*.dsc qemu >unpack.log 2>&1 &&
        cp -r "$CARRIER_HOME/source/." qemu/ || return
    for patch in "$CARRIER_HOME"/patches/*.patch; do
        patch -d qemu -p 1 -F 0 --no-backup-if-mismatch <"$patch" >patch.log 2>&1 && continue
        carrier_say "$(basename "$patch") does not apply to $(basename "$CARRIER"/source/qemu_*.dsc):"
        cat patch.log >&2
        return 1
    done
}

# Nothing but what the lab and the catalogue need.
carrier_configure() {
    mkdir -p qemu/configs/devices/x86_64-softmmu build &&
        printf 'CONFIG_%s=y\n' Q35 ISA_DEBUG SERIAL_ISA >qemu/configs/devices/x86_64-softmmu/lab.mak
    (cd build && ../qemu/configure --python=/usr/bin/python3 --with-pkgversion="LHV $1" \
        --target-list=x86_64-softmmu --without-default-features --enable-system --enable-tcg \
        --without-default-devices --with-devices-x86_64=lab --disable-user --disable-tools \
        --disable-docs --disable-download --disable-install-blobs) >configure.log 2>&1 ||
        { tail -n 5 configure.log >&2 && return 1; }
}

# A line each 100 of the compiler's 1,300 steps.
carrier_progress() {
    sed -un 's/^\[\([0-9]*00\/[0-9]*\)\].*/carrier: building, step \1/p' >&2
}

carrier_compile() {
    nice ninja -C build -j "$(nproc)" qemu-system-x86_64 | tee ninja.log | carrier_progress
    [ "${PIPESTATUS[0]}" = 0 ] && strip -o qemu-system-x86_64 build/qemu-system-x86_64 && return
    grep -A 5 -E 'error:|FAILED' ninja.log | head -n 10 >&2
    return 1
}

carrier_has_room() {
    local free
    free=$(df -Pm "$CARRIER" | awk 'NR == 2 { print $4 }')
    [ "$free" -ge "$CARRIER_MEGABYTES" ] && return
    carrier_say "needs $CARRIER_MEGABYTES MB in $CARRIER, where $free MB are free"
    return 1
}

# Builds the carrier $1. What an interrupted build has left is not used.
carrier_make() (
    work=$CARRIER/work start=$SECONDS
    rm -rf "$work" && mkdir -p "$work" && carrier_has_room && cd "$work" || exit
    carrier_say "building $CARRIER/$1, some four minutes of CPU"
    PYTHONPATH=$work/meson/usr/lib/python3/dist-packages
    PATH=$work/meson/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin
    export PYTHONPATH PATH
    if ! { carrier_unpack && carrier_configure "$1" && carrier_compile; }; then
        carrier_say "not built, see $work/*.log"
        exit 1
    fi
    mkdir new && mv qemu-system-x86_64 new/ && rm -rf "${CARRIER:?}/$1" && mv new "$CARRIER/$1" &&
        rm -rf "$work" && carrier_say "built in $((SECONDS - start)) s"
)

carrier_get() {
    mkdir -p "$CARRIER" && carrier_get_source || return
    carrier=$(carrier_hash)
    [ ! -x "$CARRIER/$carrier/qemu-system-x86_64" ] || return 0
    if [ -n "${NO_INSTALL:-}" ]; then
        echo "missing here: $CARRIER/$carrier (tools/carrier/build.sh makes it)" >&2
        return 1
    fi
    packages_need carrier && carrier_make "$carrier"
}

carrier_patches() {
    find "$CARRIER_HOME/patches" -name '*.patch' | wc -l
}

# Makes it the QEMU that qemu_launch runs, unless it cannot be had.
carrier_available() {
    # shellcheck disable=SC2034 # run.sh's
    reason="the mended QEMU cannot be had"
    mkdir -p "$CARRIER" && exec 8>"$CARRIER/lock" || return
    flock -n 8 || { carrier_say "waiting for another to build it" && flock 8; }
    carrier_get || return
    exec 8>&-
    qemu=("$CARRIER/$carrier/qemu-system-x86_64" -L /usr/share/qemu -L /usr/share/seabios)
    # shellcheck disable=SC2034 # for the log's first line
    qemu_mended=" with $(carrier_patches) patches ($carrier)"
}
