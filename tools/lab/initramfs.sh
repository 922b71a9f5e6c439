# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# The lab's file system, which Linux unpacks into memory: busybox, KVM's modules, QEMU with its
# libraries. Made to be sourced, after lab/kernel.sh.

LAB_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# The static busybox: inside it is the shell and all its tools, out here it is cpio.
initramfs_busybox() {
    [ -d "$LAB/busybox" ] || kernel_unpack busybox-static "$LAB/busybox"
}

# Packs the directory $1 as Linux wants it.
initramfs_pack() {
    (cd "$1" && find . | "$LAB/busybox/bin/busybox" cpio -o -H newc 2>/dev/null)
}

# Modules this one needs: its section .modinfo has lines "depends=a,b" that end with a zero.
initramfs_module_needs() {
    objcopy -O binary --only-section=.modinfo "$1" /dev/stdout |
        tr '\0' '\n' | sed -n 's/^depends=//p' | tr ',' '\n'
}

# The parameters that module file $1 has, a line each.
initramfs_module_parameters() {
    local file=$1 plain
    plain=$(mktemp) || return
    case $file in *.xz) xz -dc "$file" ;; *) cat "$file" ;; esac >"$plain"
    objcopy -O binary --only-section=.modinfo "$plain" /dev/stdout |
        tr '\0' '\n' | sed -n 's/^parmtype=\([^:]*\):.*/\1/p'
    rm "$plain"
}

# Puts module $1 into $tree, after those it needs. One that is not there is built into Linux.
initramfs_module() {
    local file module need
    file=$(kernel_module "$1")
    [ -n "$file" ] || return 0
    module=$(basename "${file%.xz}")
    [ ! -e "$tree/modules/$module" ] || return 0
    case $file in
    *.xz) xz -dc "$file" >"$tree/modules/$module" ;;
    *) cp "$file" "$tree/modules/$module" ;;
    esac
    for need in $(initramfs_module_needs "$tree/modules/$module"); do
        initramfs_module "$need"
    done
    strip --strip-debug "$tree/modules/$module"
    echo "$module" >>"$tree/modules/order"
}

# Puts file $1 into $tree, at the same path.
initramfs_copy() {
    mkdir -p "$tree$(dirname "$1")" && cp -L "$1" "$tree$1"
}

initramfs_qemu() {
    local file
    cp "$(command -v qemu-system-x86_64)" "$tree/bin/" || return
    for file in $(ldd "$tree/bin/qemu-system-x86_64" | grep -oE '/[^ ]+'); do
        initramfs_copy "$file" || return
    done
    # What QEMU needs of its data to load a multiboot kernel without a display.
    mkdir -p "$tree/usr/share/qemu"
    for file in bios-256k kvmvapic linuxboot_dma multiboot multiboot_dma; do
        cp -L "$(find /usr/share/qemu/ /usr/share/seabios/ -name "$file.bin" | head -n 1)" \
            "$tree/usr/share/qemu/" || return
    done
}

initramfs_tree() {
    local tree=$1
    rm -rf "$tree"
    mkdir -p "$tree"/{bin,dev,proc,sys,tmp,modules} || return
    cp "$LAB/busybox/bin/busybox" "$tree/bin/" && ln -s busybox "$tree/bin/sh"
    cp "$LAB_SOURCE/init" "$tree/init" && chmod +x "$tree/init"
    initramfs_module kvm && initramfs_module "$2" && initramfs_qemu || return
    [ -e "$tree/modules/$2.ko" ] || { echo "no module $2 in $(kernel_directory)" >&2 && return 1; }
}

# All that the result depends on.
initramfs_made_of() {
    kernel_file
    [ -z "${LINUX:-}" ] || cksum <"$(kernel_module "$1")"
    qemu-system-x86_64 --version | head -n 1
    cat "$LAB_SOURCE/init" "$LAB_SOURCE/initramfs.sh" | cksum
}

initramfs_file() {
    echo "$LAB/$1-${KERNEL##*/}-$(initramfs_made_of "$1" | cksum | cut -d ' ' -f 1).lz4"
}

# Makes it of the kernel that is there, unless it is there itself. $1: the module with KVM's part for the vendor
initramfs_make() (
    made=$(initramfs_file "$1")
    [ ! -e "$made" ] || exit 0
    tree=$(mktemp -d) || exit
    trap 'rm -rf "$tree"' EXIT
    set -o pipefail
    initramfs_tree "$tree" "$1" && initramfs_pack "$tree" | lz4 -l -c -q >"$made.new" && mv "$made.new" "$made"
)
