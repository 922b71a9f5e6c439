#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/lab/prepare.sh [KERNEL...]
#
# Makes what the labs boot: Xen, and for KVM, both vendors, each version of Linux named (default: 6.1):
# downloads and unpacks Debian's packages, builds the initramfs. tools/run.sh does the same when
# it needs to; this is for a machine that will have to do without network.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd) || exit 2
for lib in lib/{packages,cache,debootstrap} lab/{kernel,modules,initramfs,xen}; do
    # shellcheck source=/dev/null
    . "$root/tools/$lib.sh"
done

packages_need qemu lab || exit
mkdir -p "$LAB"
[ $# != 0 ] || set -- 6.1
for KERNEL; do
    initramfs_busybox && kernel_get || exit
    for module in kvm-amd kvm-intel; do
        initramfs_make "$module" || exit
    done
done
xen_get && xen_make
