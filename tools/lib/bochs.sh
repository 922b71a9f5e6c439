# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Bochs boots a disk image through its BIOS and GRUB. Made to be sourced.

BOCHS_SHARE=${BOCHS_SHARE:-/usr/share/bochs}
bochs=("${BOCHS:-bochs-bin}")

# Bochs says which one it is only when it starts; with a display that does not exist it ends there.
bochs_version() {
    timeout 5 "${bochs[@]}" -q -f /dev/null 'display_library: none' </dev/null 2>&1 |
        sed -n 's/.*Bochs x86 Emulator \([0-9.]*[a-z]*\).*/\1/p' | head -n 1
}

# Bochs needs a display. "rfb" listens on every address, so it gets a network of its own;
# where that is forbidden, "term" on a pseudo-terminal does it.
bochs_display() {
    if unshare -rn true 2>/dev/null; then
        echo 'rfb, options="timeout=0"'
    else
        echo term
    fi
}

# A machine with what all of ours have alike: its configuration and its command line, as the array
# "emulator". $1: the folder for its files; the rest: lines in which it differs.
bochs_machine() {
    local folder=$1 display
    shift
    display=$(bochs_display)
    {
        bochs_config "$folder" "$display"
        printf '%s\n' "$@"
    } >"$folder/bochsrc"
    # Debian's Bochs is a debugger: up to 2.7 it waits to be told to continue, and at the end to
    # quit. 3.0 does not, unless started with -debugger.
    printf 'c\nquit\n' >"$folder/debugger"
    set -- "${bochs[@]}" -q -f "$folder/bochsrc" -rc "$folder/debugger"
    case $display in
    term) emulator=(script -qec "TERM=vt100 ${*@Q}" /dev/null) ;;
    *) emulator=(unshare -rn "$@") ;;
    esac
}

# Quotes, since a path may have blanks and commas. $1: the folder, $2: the display
bochs_config() {
    cat <<EOF
config_interface: textconfig
display_library: $2
romimage: file="$BOCHS_SHARE/BIOS-bochs-latest", options=fastboot
vgaromimage: file="$BOCHS_SHARE/VGABIOS-lgpl-latest"
clock: sync=none, time0=utc
log: "$1/bochs.log"
panic: action=fatal
info: action=ignore
debug: action=ignore
com1: enabled=1, mode=file, dev="$1/serial"
speaker: enabled=0
EOF
}

# $1: the CPU model
bochs_launch() {
    # Bochs has no sign of being Bochs, so the kernel would just halt at the end.
    case " ${words[*]}" in *" exit="*) ;; *) words+=(exit=bochs) ;; esac
    WIDTH=$width "$root/tools/mkimg.sh" "$work/disk.img" \
        "$BUILD/lhv32.elf" "$BUILD/lhv64.elf" "${words[@]}" || return
    # The E9 port writes to stdout.
    ln -sf stdout "$work/crumbs"
    machine="Bochs $(bochs_version), cpu: model=$1"
    bochs_machine "$work" \
        "cpu: model=$1, count=1:$CPUS:1, ips=${BOCHS_IPS:-4000000}, reset_on_triple_fault=0" \
        "memory: guest=$MEMORY, host=$MEMORY" \
        "ata0-master: type=disk, path=\"$work/disk.img\", mode=flat" "boot: disk" \
        "error: action=report" "port_e9_hack: enabled=1" "$EXTRA"
    machine_run "${emulator[@]}"
}

bochs_complaints() {
    grep -a '>>PANIC<<' "$work/bochs.log" "$work/stderr" | sed 's/.*>>PANIC<< *//' | sort -u
}
