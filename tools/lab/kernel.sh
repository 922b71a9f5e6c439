# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Debian's kernels and the other packages that the lab unpacks, but never installs. Made to be
# sourced, after lib/packages.sh, lib/cache.sh and lib/debootstrap.sh. What is made stays in $LAB.

# The package that the meta-package $1 stands for today.
kernel_package() {
    apt-cache depends --no-recommends --no-suggests "$1" 2>/dev/null |
        sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1
}

# Debian's name for the newest kernel of version $1; the release's own has no number in it.
kernel_meta() {
    case $(kernel_package linux-image-cloud-amd64) in
    "linux-image-$1."*) echo linux-image-cloud-amd64 ;;
    *) echo "linux-image-$1-cloud-amd64" ;;
    esac
}

# Downloads package $1 with this machine's apt and unpacks it as directory $2.
kernel_unpack() {
    local new=$2.new
    if [ -n "${NO_INSTALL:-}" ]; then
        echo "missing here: $2 (Debian's package $1)" >&2
        return 1
    fi
    echo "unpacking Debian's $1 to ${2#"$PWD/"}" >&2
    rm -rf "$new" "$2"
    mkdir -p "$new/archive" || return
    # apt wants to download as a user of its own, who may not write here; it then says that it
    # does not.
    (cd "$new/archive" && apt-get -qq -o APT::Sandbox::User=root download "$1" >&2) || return
    dpkg-deb -x "$new"/archive/*.deb "$new" && rm -rf "$new/archive" && mv "$new" "$2"
}

# Whether $KERNEL is the name of one of Debian's releases, such as sid or trixie-backports.
kernel_is_suite() {
    case $1 in [0-9]*) return 1 ;; esac
}

# The directory with the kernel $KERNEL of Debian: a version (6.1, 6.12) that this machine's apt
# has, or another release's own (trixie, sid).
kernel_directory() {
    if [ -n "${LINUX:-}" ]; then
        echo "$LINUX"
    elif kernel_is_suite "$KERNEL"; then
        echo "$ROOTS/linux-$KERNEL"
    else
        echo "$LAB/linux-$KERNEL"
    fi
}

# Gets it, unless it is there; fails, having said why. In a root of a whole release there are
# other things too: they do not matter.
kernel_get() {
    local made package
    made=$(kernel_directory)
    if [ -n "${LINUX:-}" ]; then
        [ -n "$(kernel_file)" ] && [ -n "$(kernel_module kvm)" ] && return
        echo "LINUX=$LINUX has no arch/x86/boot/bzImage, or no kvm.ko" >&2
        return 1
    fi
    if kernel_is_suite "$KERNEL"; then
        debootstrap_root "linux-$KERNEL" "$KERNEL" linux-image-cloud-amd64
        return
    fi
    [ ! -d "$made" ] || return 0
    package=$(kernel_package "$(kernel_meta "$KERNEL")")
    if [ -z "$package" ]; then
        echo "this machine's apt has no linux-image-$KERNEL-cloud-amd64" >&2
        return 1
    fi
    kernel_unpack "$package" "$made"
}

kernel_file() {
    if [ -n "${LINUX:-}" ]; then
        find "$LINUX/arch/x86/boot/bzImage" 2>/dev/null
        return
    fi
    find "$(kernel_directory)/boot" "$(kernel_directory)"/usr/lib/modules "$(kernel_directory)"/lib/modules \
        -name 'vmlinuz*' -type f 2>/dev/null | head -n 1
}

# The file of module $1, whose name may be written with - or _.
kernel_module() {
    if [ -n "${LINUX:-}" ]; then
        find "$LINUX"/{arch/x86,virt,drivers,lib,crypto} -name "${1//[-_]/[-_]}.ko" 2>/dev/null | head -n 1
        return
    fi
    find "$(kernel_directory)"/lib/modules/ "$(kernel_directory)"/usr/lib/modules/ \
        -name "${1//[-_]/[-_]}.ko*" 2>/dev/null | head -n 1
}
