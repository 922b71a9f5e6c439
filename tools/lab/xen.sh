# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# What the Xen lab boots: Debian's Xen with its tools, and Debian's Linux as dom0, none of them installed.
# Made to be sourced, after lab/kernel.sh and lab/initramfs.sh. What is made stays in $LAB.

XEN_VERSION=4.17
XEN_HOME=$LAB/xen-$XEN_VERSION
# The libraries of Xen's that its tools need; all others are on every Debian.
XEN_PACKAGES="xen-hypervisor-$XEN_VERSION-amd64 xen-utils-$XEN_VERSION libxenmisc$XEN_VERSION libxencall1
    libxendevicemodel1 libxenevtchn1 libxenforeignmemory1 libxengnttab1 libxenhypfs1 libxenstore4
    libxentoollog1 libxentoolcore1 libyajl2"
XEN_TOOLS="xl xenstored xenconsoled xen-init-dom0"
XEN_MODULES="xen-privcmd xenfs xen-evtchn xen-gntdev xen-gntalloc" # what needs another comes behind it

# Linux as dom0 is the generic kernel, the cloud's cannot be one: of its 400 MB two dozen files.
xen_get_linux() {
    local package new=$XEN_HOME.linux module
    package=$(kernel_package linux-image-amd64)
    [ -n "$package" ] || { echo "this machine's apt has no linux-image-amd64" >&2 && return 1; }
    kernel_unpack "$package" "$new" || return
    mkdir -p "$XEN_HOME.new/modules" && cp "$new"/boot/vmlinuz* "$XEN_HOME.new/vmlinuz" || return
    for module in $XEN_MODULES; do
        find "$new" -name "$module.ko" -exec cp -t "$XEN_HOME.new/modules" {} + || return
    done
    rm -rf "$new"
}

xen_get_tools() {
    local package
    for package in $XEN_PACKAGES; do
        kernel_unpack "$package" "$XEN_HOME.package" && cp -a "$XEN_HOME.package/." "$XEN_HOME.new/" || return
    done
    rm -rf "$XEN_HOME.package"
}

# Gets all of it, unless it is there.
xen_get() {
    [ ! -d "$XEN_HOME" ] || return 0
    if [ -n "${NO_INSTALL:-}" ]; then
        echo "missing here: $XEN_HOME (tools/lab/prepare.sh gets Debian's Xen)" >&2
        return 1
    fi
    rm -rf "$XEN_HOME.new" && mkdir -p "$XEN_HOME.new" && xen_get_tools && xen_get_linux &&
        mv "$XEN_HOME.new" "$XEN_HOME"
}

# Into file $1: the hypervisor, Debian's or $XEN, which is one file, compressed or not.
xen_hypervisor() {
    local file=${XEN:-$XEN_HOME/boot/xen-$XEN_VERSION-amd64.gz}
    if [ ! -f "$file" ]; then
        echo "XEN=$file: there is no such file" >&2
        return 1
    fi
    gzip -dcf "$file" >"$1"
}

# Program $1 of Xen's and the libraries that it needs, into $tree.
xen_copy_tool() {
    local libraries=$XEN_HOME/usr/lib/x86_64-linux-gnu file to
    cp "$XEN_HOME/usr/lib/xen-$XEN_VERSION/bin/$1" "$tree/bin/" || return
    while read -r file; do
        to=${file#"$XEN_HOME"}
        mkdir -p "$tree$(dirname "$to")" && cp -L "$file" "$tree$to" || return
    done < <(LD_LIBRARY_PATH=$libraries ldd "$tree/bin/$1" | grep -oE '/[^ ]+')
    if LD_LIBRARY_PATH=$libraries ldd "$tree/bin/$1" | grep 'not found' >&2; then return 1; fi
}

xen_tree() {
    local tree=$1 name
    rm -rf "$tree" && mkdir -p "$tree"/{bin,dev,proc,sys,tmp,run,modules,lab,var/lock,etc/xen} || return
    ln -s ../run "$tree/var/run" && : >"$tree/etc/xen/xl.conf"
    cp "$LAB/busybox/bin/busybox" "$tree/bin/" && ln -s busybox "$tree/bin/sh"
    cp "$LAB_SOURCE/xen-init" "$tree/init" || return
    for name in $XEN_TOOLS; do xen_copy_tool "$name" || return; done
    # glibc loads it when a thread is cancelled, as xl's are.
    initramfs_copy /lib/x86_64-linux-gnu/libgcc_s.so.1 || return
    for name in $XEN_MODULES; do
        cp "$XEN_HOME/modules/$name.ko" "$tree/modules/" && strip --strip-debug "$tree/modules/$name.ko" || return
        echo "$name.ko" >>"$tree/modules/order"
    done
}

xen_file() {
    local of
    of=$(cat "$LAB_SOURCE/xen-init" "$LAB_SOURCE/xen.sh" "$XEN_HOME/vmlinuz" | cksum | cut -d ' ' -f 1)
    echo "$LAB/xen-$XEN_VERSION-$of.lz4"
}

# Makes dom0's file system of what is there, unless it is there itself.
xen_make() (
    made=$(xen_file)
    [ ! -e "$made" ] || exit 0
    tree=$(mktemp -d) || exit
    trap 'rm -rf "$tree"' EXIT
    set -o pipefail
    xen_tree "$tree" && initramfs_pack "$tree" | lz4 -l -c -q >"$made.new" && mv "$made.new" "$made"
)
