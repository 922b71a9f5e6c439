# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# A CD that PCs with BIOS and with UEFI boot (El Torito), also as a disk or a USB stick. Made to be
# sourced, after lib/disk.sh.

# $1: the image to make, $2: the folder. The folder also serves a network's TFTP server: GRUB for
# PXE is lhv/lhv.pxe there.
iso_make() {
    disk_fat "$work/fat" "$2" &&
        grub_core "$2/lhv/eltorito.img" i386-pc-eltorito "" biosdisk iso9660 &&
        grub_core "$2/lhv/lhv.pxe" i386-pc-pxe "" pxe tftp || return
    touch -d "@$SOURCE_DATE_EPOCH" "$2/lhv" "$2"/lhv/*
    xorriso -as mkisofs -quiet -r -V LHV -o "$1" \
        -b lhv/eltorito.img -no-emul-boot -boot-load-size 4 -boot-info-table --grub2-boot-info \
        --grub2-mbr "$GRUB_DIR/i386-pc/boot_hybrid.img" \
        -append_partition 2 0xef "$work/fat" -appended_part_as_gpt \
        -eltorito-alt-boot -e --interval:appended_partition_2:all:: -no-emul-boot "$2" 2>"$work/xorriso.log" ||
        { cat "$work/xorriso.log" >&2 && return 1; }
}
