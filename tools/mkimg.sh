#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# mkimg.sh OUT.img|OUT.vmdk|OUT.iso lhv32.elf lhv64.elf [kernel words...]
#
# Makes what a PC boots, by BIOS and by UEFI (32 and 64 bit): a raw image for disks and USB sticks,
# the same as VMware's kind of disk, or a CD. GRUB's menu (tools/grub.cfg) waits 3 seconds; with
# words they are added to the kernel's command line and nothing is asked. GRUB takes the 64-bit
# kernel if the CPU has long mode; WIDTH=32|64 takes that one. SCREEN=1024x768x32, for example, is
# the screen that it asks the firmware for.
#
# Neither root nor loop devices are needed. The same input gives the same bytes.
set -eu

if [ $# -lt 3 ]; then
    sed -n '3s/^# /usage: /p' "$0" >&2
    exit 2
fi
out=$1 kernel32=$2 kernel64=$3
shift 3

MKIMG=$(dirname "$0")
PATH=$PATH:/usr/sbin # sgdisk
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1700000000}" TZ=UTC MTOOLS_SKIP_CHECK=1
for lib in grub vmdk disk iso; do
    # shellcheck source=/dev/null
    . "$MKIMG/lib/$lib.sh"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

grub_tree "$work/tree" "$kernel32" "$kernel64" "$@"
case $out in
*.vmdk) disk_vmdk "$work/out" "$(basename "$out")" "$work/tree" ;;
*.iso) iso_make "$work/out" "$work/tree" ;;
*) disk_make "$work/out" "$work/tree" ;;
esac
mv "$work/out" "$out"
