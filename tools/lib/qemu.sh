# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# QEMU boots the kernel itself (multiboot 1). Made to be sourced, after lib/debootstrap.sh.

qemu=("${QEMU:-qemu-system-x86_64}")

qemu_version() {
    "${qemu[@]}" --version 2>/dev/null | sed -n '1s/.*version \([0-9.]*\).*/\1/p'
}

# With SUITE, that release's QEMU instead of this machine's.
qemu_available() {
    local command root=$ROOTS/qemu-$SUITE
    [ -n "$SUITE" ] || return 0
    # shellcheck disable=SC2034 # run.sh's
    reason="no QEMU of Debian $SUITE"
    debootstrap_root "qemu-$SUITE" "$SUITE" qemu-system-x86 || return
    debootstrap_command "qemu-$SUITE" usr/bin/qemu-system-x86_64
    qemu=("${command[@]}" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios")
}

# The arguments choose accelerator and CPU.
qemu_launch() {
    local port="file:$work/serial" more kernel=$kernel
    [ "$SERIAL" != none ] || port=none
    read -ra more <<<"$EXTRA"
    # The kernel's path is the command line's first word: a blank would end it.
    case $kernel in *[[:blank:]]*) exec 9<"$kernel" && kernel=/proc/self/fd/9 ;; esac
    machine="${qemu_below:-}QEMU $(qemu_version)${qemu_mended:-}, $*"
    machine_run "${qemu[@]}" "$@" -m "$MEMORY" -smp "$CPUS" \
        -nodefaults -display none -no-reboot -serial "$port" \
        -device isa-debug-exit,iobase=0xf4,iosize=4 \
        -chardev "file,id=crumbs,path=$(machine_quoted "$work/crumbs")" \
        -device isa-debugcon,iobase=0xe9,chardev=crumbs \
        "${more[@]}" -kernel "$kernel" -append "${words[*]}"
}

# What the kernel told isa-debug-exit, from QEMU's exit status $1; empty if it did not.
qemu_verdict() {
    case $1 in 33) echo PASS ;; 35) echo FAIL ;; 37) echo ERROR ;; 39) echo SKIP ;; esac
}

qemu_complaints() {
    tail -n 5 "$work/stderr"
}
