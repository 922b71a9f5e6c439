# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# A disk that PCs with BIOS and with UEFI boot. Made to be sourced, after lib/grub.sh and
# lib/vmdk.sh.
#
#   sector 0      GRUB's boot sector, and a hybrid MBR
#          1-33   GPT
#         34      partition 1: GRUB's core for BIOS
#       2048      partition 2: the EFI system partition, FAT16, with everything else
#                 the GPT's copy
#
# UEFI takes the GPT (EDK2's PartitionDxe, Gpt.c: an entry of type EEh that starts at 1 and is not
# active will do). The MBR's second entry is the EFI system partition again: active, for those
# BIOSes that boot no disk without an active partition, and for firmware that reads the MBR only.

DISK_SECTORS=12288
DISK_CORE=34  # where GRUB's core starts
DISK_FAT=2048 # 1 MiB, as every partitioning tool does it
FAT_SECTORS=8192 # 4 MiB: the least that mformat makes a FAT16 of, with 1-sector clusters

# The bytes given as octal escapes replace those at offset $2 of file $1.
disk_patch() {
    # shellcheck disable=SC2059 # the bytes are the format
    printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# A 32-bit number as four octal escapes, low byte first.
disk_number() {
    printf '\\%03o\\%03o\\%03o\\%03o' $(($1 & 255)) $(($1 >> 8 & 255)) \
        $(($1 >> 16 & 255)) $(($1 >> 24 & 255))
}

# An entry of the MBR, its CHS out of use. $1: image, $2: which, $3: flags and $4: type in octal,
# $5: first sector, $6: sectors.
disk_mbr_entry() {
    disk_patch "$1" $((446 + 16 * $2)) "\\$3\\376\\377\\377\\$4\\376\\377\\377"
    disk_patch "$1" $((446 + 16 * $2 + 8)) "$(disk_number "$5")$(disk_number "$6")"
}

# The folder $2 as a file system in file $1. In order, and one by one: the folder's own order
# is anyone's.
disk_fat() {
    local path
    mformat -i "$1" -C -T $FAT_SECTORS -h 16 -s 63 -H $DISK_FAT -c 1 -N 4c485600 -v LHV :: || return
    while read -r path; do
        if [ -d "$2/$path" ]; then
            mmd -i "$1" "::$path" || return
        else
            mcopy -m -i "$1" "$2/$path" "::$path" || return
        fi
    done < <(cd "$2" && find . -mindepth 1 | cut -c 2- | LC_ALL=C sort)
}

disk_partition() {
    sgdisk -a 1 -U 4c485600-6469-4b00-8000-000000000000 \
        -n 1:$DISK_CORE:$((DISK_FAT - 1)) -t 1:ef02 -c 1:"GRUB for BIOS" \
        -u 1:4c485600-6469-4b00-8000-000000000001 \
        -n 2:$DISK_FAT:$((DISK_FAT + FAT_SECTORS - 1)) -t 2:ef00 -c 2:LHV \
        -u 2:4c485600-6469-4b00-8000-000000000002 "$1" >"$work/sgdisk.log" ||
        { cat "$work/sgdisk.log" >&2 && return 1; }
}

# GRUB's boot sector, which loads the core's first sector, which loads the rest.
disk_boot_sector() {
    dd if="$GRUB_DIR/i386-pc/boot.img" of="$1" bs=440 count=1 conv=notrunc status=none
    # Where the core is: GRUB_BOOT_MACHINE_KERNEL_SECTOR in GRUB's include/grub/i386/pc/boot.h.
    disk_patch "$1" 92 "$(disk_number $DISK_CORE)"
    # Trust that we are on a hard disk: some BIOSes pass a wrong drive number in DL.
    # These are the two bytes that grub-install also makes NOPs.
    disk_patch "$1" 102 '\220\220'
    disk_patch "$1" 440 'LHV0'
    disk_mbr_entry "$1" 0 000 356 1 $((DISK_FAT - 1))
    disk_mbr_entry "$1" 1 200 357 $DISK_FAT $FAT_SECTORS
}

disk_core() {
    # "(,gpt2)": of the disk that the BIOS booted
    grub_core "$work/core" i386-pc "(,gpt2)" biosdisk part_gpt fat || return
    if [ "$(wc -c <"$work/core")" -gt $(((DISK_FAT - DISK_CORE) * 512)) ]; then
        echo "GRUB's core does not fit before the partition" >&2
        return 1
    fi
    # The first sector's last 12 bytes say where the others are: after it.
    disk_patch "$work/core" 500 "$(disk_number $((DISK_CORE + 1)))"
}

# $1: the image to make, $2: the folder
disk_make() {
    truncate -s $((DISK_SECTORS * 512)) "$1" && disk_partition "$1" && disk_boot_sector "$1" &&
        disk_core && disk_fat "$work/fat" "$2" || return
    dd if="$work/core" of="$1" bs=512 seek=$DISK_CORE conv=notrunc status=none &&
        dd if="$work/fat" of="$1" bs=512 seek=$DISK_FAT conv=notrunc status=none
}

# The same as VMware's kind of disk; $2 is its final name, which is in it.
disk_vmdk() {
    disk_make "$work/raw" "$3" && vmdk_make "$work/$2" "$work/raw" && mv "$work/$2" "$1"
}
