# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Bochs as the lab's emulator: it boots Linux by GRUB, from a CD. Made to be sourced, after
# lib/bochs.sh and lib/lab.sh.

# Makes the library that mends Bochs for KVM, and asks it whether it can do that to this Bochs.
lab_bochs_available() {
    local fix=$BUILD/bochs-entry-fix.so source=$root/tools/lab/bochs-entry-fix.c
    reason="the library for Bochs does not build"
    if [ "$fix" -ot "$source" ]; then
        gcc -O2 -Wall -Wextra -shared -fPIC -o "$fix.$$" "$source" && mv "$fix.$$" "$fix" || return
    fi
    reason=$(env LD_PRELOAD="$fix" "${bochs[@]}" --help cpu 2>&1 >/dev/null | grep bochs-entry-fix)
    case $reason in *refused*) return 1 ;; esac
}

# Only what GRUB needs for a CD: it is read through the BIOS, slowly.
lab_bochs_cd() {
    local tree=$scratch/cd
    mkdir -p "$tree/boot/grub"
    cp "$(kernel_file)" "$tree/boot/linux" && mv "$scratch/initrd" "$tree/boot/initrd" || return
    cat >"$tree/boot/grub/grub.cfg" <<EOF
set timeout=0
linux /boot/linux $(lab_linux_words)
initrd /boot/initrd
boot
EOF
    grub-mkrescue -d /usr/lib/grub/i386-pc --install-modules="linux normal iso9660 biosdisk" \
        --fonts= --themes= --locales= -o "$scratch/cd.iso" "$tree" >"$scratch/stdout" 2>&1 ||
        { cat "$scratch/stdout" >&2 && return 1; }
}

# One CPU is enough, and faster than two: Linux runs LHV's CPUs on it in turn. The model is the
# newest that Linux boots on quickly; it is not fully emulated, hence the two "ignore".
lab_bochs_emulator() {
    # Its path may have blanks, at which LD_PRELOAD would be cut.
    local bochs=(env LD_LIBRARY_PATH="$BUILD" LD_PRELOAD=bochs-entry-fix.so "${bochs[@]}")
    lab_progress "making a CD"
    lab_bochs_cd || return
    bochs_machine "$scratch" \
        "cpu: model=corei7_haswell_4770, count=1, ips=50000000, reset_on_triple_fault=0, ignore_bad_msrs=1" \
        "megs: 1024" "ata0-master: type=cdrom, path=\"$scratch/cd.iso\", status=inserted" \
        "boot: cdrom" "error: action=ignore" "com2: enabled=1, mode=file, dev=\"$scratch/life\""
}
