#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# mkimg.sh OUT lhv32.elf lhv64.elf [kernel words...]
#
# Makes a raw disk image that a PC's BIOS boots: GRUB's boot sector, GRUB's core in the gap
# before the first partition, and one FAT partition with the kernels and the menu. The
# partition has the type of an EFI system partition, so that UEFI's loader can go there too.
# Without words the menu waits 3 seconds; with words they are added to the kernel's command
# line and nothing is asked. GRUB takes the 64-bit kernel if the CPU has long mode; WIDTH=32|64
# takes that one.
#
# Neither root nor loop devices are needed. The same input gives the same bytes.
set -eu

if [ $# -lt 3 ]; then
    sed -n '3s/^# /usage: /p' "$0" >&2
    exit 2
fi
out=$1 kernel32=$2 kernel64=$3
shift 3

GRUB=${GRUB_DIR:-/usr/lib/grub/i386-pc}
MODULES="biosdisk part_msdos fat normal test cpuid serial terminal multiboot multiboot2"
GAP_SECTORS=2048 # the partition starts at 1 MiB, as every partitioning tool does it
FAT_SECTORS=8192 # 4 MiB: the least that mformat makes a FAT16 of, with 1-sector clusters
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1700000000}" TZ=UTC MTOOLS_SKIP_CHECK=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The bytes given as octal escapes replace those at offset $2 of file $1.
patch() {
    # shellcheck disable=SC2059 # the bytes are the format
    printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# A 32-bit number as four octal escapes, low byte first.
little_endian() {
    printf '\\%03o\\%03o\\%03o\\%03o' $(($1 & 255)) $(($1 >> 8 & 255)) \
        $(($1 >> 16 & 255)) $(($1 >> 24 & 255))
}

# Words in GRUB's quotes: within '...' only the quote itself is special.
quoted_words() {
    for word; do
        case $word in
        *"'"* | *"
"*)
            echo "mkimg.sh: a kernel word with a quote or a newline: $word" >&2
            return 1
            ;;
        esac
        printf " '%s'" "$word"
    done
}

# $1: the words, quoted; $2: seconds the menu waits; $3: the default width, or nothing
menu() {
    cat <<EOF
set timeout=$2
set width=$3
if [ -z "\$width" ]; then
    if cpuid -l; then set width=64; else set width=32; fi
fi
EOF
    [ "$2" = 0 ] || cat <<EOF
if serial --unit=0 --speed=115200; then
    terminal_input console serial
    terminal_output console serial
fi
EOF
    entry "LHV: all experiments (press e to edit the kernel's command line)" "\$width" "$1"
    entry "LHV: all experiments, the story of every step" "\$width" "$1 verbose"
    entry "LHV: 32-bit kernel" 32 "$1"
    entry "LHV: 64-bit kernel" 64 "$1"
}

# $1: title, $2: width, $3: words
entry() {
    printf 'menuentry "%s" {\n    multiboot2 /lhv%s.elf%s\n}\n' "$1" "$2" "$3"
}

# The boot partition, $work/fat.
make_partition() {
    # Without debug information: a BIOS reads slowly.
    strip -o "$work/lhv32.elf" "$kernel32"
    strip -o "$work/lhv64.elf" "$kernel64"
    touch -d "@$SOURCE_DATE_EPOCH" "$work"/lhv*.elf "$work/grub.cfg"
    mformat -i "$work/fat" -C -T $FAT_SECTORS -h 16 -s 63 -H $GAP_SECTORS -c 1 \
        -N 4c485600 -v LHV ::
    mcopy -m -i "$work/fat" "$work"/lhv32.elf "$work"/lhv64.elf "$work/grub.cfg" ::
}

# GRUB's core: sector 1 onwards, where the boot sector and its own first sector look for it
# unless told otherwise.
make_core() {
    # shellcheck disable=SC2086 # a list of modules
    grub-mkimage -O i386-pc -d "$GRUB" -p '(hd0,msdos1)/' -o "$work/core" $MODULES
    if [ "$(wc -c <"$work/core")" -gt $(((GAP_SECTORS - 1) * 512)) ]; then
        echo "mkimg.sh: GRUB's core does not fit before the partition" >&2
        exit 1
    fi
}

# GRUB's boot sector with our partition table.
make_boot_sector() {
    head -c 440 "$GRUB/boot.img" >"$work/mbr"
    truncate -s 512 "$work/mbr"
    # Trust that we are on a hard disk: some BIOSes pass a wrong drive number in DL.
    # These are the two bytes that grub-install also makes NOPs.
    patch "$work/mbr" 102 '\220\220'
    patch "$work/mbr" 440 'LHV0'
    # Active; CHS out of use; type EFh, EFI system partition; first sector; sectors.
    patch "$work/mbr" 446 '\200\376\377\377\357\376\377\377'
    patch "$work/mbr" 454 "$(little_endian $GAP_SECTORS)$(little_endian $FAT_SECTORS)"
    patch "$work/mbr" 510 '\125\252'
}

timeout=3
[ $# = 0 ] || timeout=0
words=$(quoted_words "$@")
menu "$words" "$timeout" "${WIDTH:-}" >"$work/grub.cfg"
make_partition
make_core
make_boot_sector
cp "$work/mbr" "$work/img"
dd if="$work/core" of="$work/img" bs=512 seek=1 conv=notrunc status=none
dd if="$work/fat" of="$work/img" bs=512 seek=$GAP_SECTORS conv=notrunc status=none
mv "$work/img" "$out"
