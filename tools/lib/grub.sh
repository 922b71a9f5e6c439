# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# GRUB for each firmware, and the files that it reads on every medium. Made to be sourced.
# $work is a folder for what is made on the way.

GRUB_DIR=${GRUB_DIR:-/usr/lib/grub}
GRUB_MODULES="normal test cpuid serial terminal configfile echo read multiboot2"
# The network is for those that a server gives these same files; efi_uga for the oldest Macs.
GRUB_EFI_MODULES="efi_gop efi_uga part_gpt part_msdos fat iso9660 efinet tftp"

# $1: the file to make; $2: GRUB's name for the firmware; $3: where lhv/ is, if not on the whole
# device that GRUB came from; the rest: modules.
grub_core() {
    local out=$1 format=$2 prefix=$3 folder
    shift 3
    case $format in *-efi) folder=$format ;; *) folder=i386-pc ;; esac
    # shellcheck disable=SC2086 # a list
    grub-mkimage -O "$format" -d "$GRUB_DIR/$folder" -p "$prefix/lhv" -o "$out" $GRUB_MODULES "$@"
}

# Words in GRUB's quotes: within '...' only the quote itself is special.
grub_quoted() {
    case $* in
    *"'"* | *$'\n'*)
        echo "a kernel word with a quote or a newline: $*" >&2
        return 1
        ;;
    esac
    printf "'%s'" "$*"
}

# lhv.cfg: with words, the menu boots at once. It is always there, since GRUB cannot ask a TFTP
# server whether it has a file.
grub_settings() {
    local words
    words=$(grub_quoted "$@") || return
    cat <<'EOF'
# What holds for every start from this medium, for any text editor to change:
#   set words="exp=1-30 com=0x2f8"  the kernel's command line
#   set width=32                    the 32-bit kernel, or 64
#   set timeout=0                   seconds until the menu's first entry starts
#   set screen=1024x768x32          graphics of that size, if the firmware has it; text; auto
EOF
    [ $# = 0 ] || printf 'set words=%s\nset timeout=0\n' "$words"
    [ -z "${WIDTH:-}" ] || echo "set width=$WIDTH"
    [ -z "${SCREEN:-}" ] || echo "set screen=$SCREEN"
}

# $1: the folder to make; $2, $3: the kernels; the rest: words. All of it is of one time.
grub_tree() {
    local tree=$1 kernel32=$2 kernel64=$3
    shift 3
    mkdir -p "$tree/lhv" "$tree/EFI/BOOT" || return
    cp "$MKIMG/grub.cfg" "$tree/lhv/grub.cfg" || return
    grub_settings "$@" >"$tree/lhv/lhv.cfg" || return
    # Without debug information: a BIOS reads slowly.
    # shellcheck disable=SC2086 # lists
    strip -o "$tree/lhv/lhv32.elf" "$kernel32" && strip -o "$tree/lhv/lhv64.elf" "$kernel64" &&
        grub_core "$tree/EFI/BOOT/BOOTX64.EFI" x86_64-efi "" $GRUB_EFI_MODULES &&
        grub_core "$tree/EFI/BOOT/BOOTIA32.EFI" i386-efi "" $GRUB_EFI_MODULES &&
        find "$tree" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
}
