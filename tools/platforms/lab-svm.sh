# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# lab-svm: a real KVM (in Linux $KERNEL), on an emulated AMD CPU: the mended QEMU's (docs/carrier.md)
needs="qemu lab"
title=KVM vendor=SVM version="KVM of Linux" carrier=QEMU repeat=2
matrix=("WIDTH=both KERNEL=6.1" "WIDTH=both KERNEL=6.12" "WIDTH=both KERNEL=sid")
lab_module=kvm-amd
# Else QEMU hides what it cannot migrate: vNMI.
lab_guest_cpu=host,migratable=no
# EPYC: a CPU that KVM knows well, of which TCG emulates enough.
lab_cpu=EPYC,+svm,+npt
lab_cpu_mended=,+nrip-save,+vgif

lab_emulator() {
    emulator=("${qemu[@]}" -accel "tcg,thread=multi" -cpu "$lab_cpu" -machine q35
        -m 1024 -smp 2 -nodefaults -display none -no-reboot -serial "file:$scratch/serial" -serial "file:$scratch/life"
        -kernel "$(kernel_file)" -initrd "$scratch/initrd" -append "$(lab_linux_words)")
}

# Debian's QEMU: it has no NRIPS and no vNMI, and sets the accessed bit in the PDPTEs of PAE paging
# (finding 017), where it is reserved: KVM's load_pdptrs() then answers the next CPU that turns on
# paging with a #GP.
lab_not_mended() {
    reason="no 32 bit on Debian's QEMU: it writes to PAE's PDPTEs, which KVM does not accept"
    [ "$widths" != 32 ] || return
    [ "$widths" = 64 ] || say "$platform: $reason"
    widths=64
    say "$platform: Debian's QEMU carries it: no NRIPS, no vNMI, no VGIF, and its own mistakes" \
        "(findings 014 015 017 027 031 039 042 060 062)"
}

available() {
    if [ -z "$SUITE" ] && carrier_available; then
        lab_cpu=$lab_cpu$lab_cpu_mended
    else
        [ -n "$SUITE" ] || say "$platform: $reason"
        lab_not_mended && qemu_available || return
    fi
    lab_available || return
    lab_carrier="QEMU $(qemu_version)${qemu_mended:-}, -cpu $lab_cpu"
}
launch() { lab_launch; }
finish() { lab_finish; }
complaints() { tail -n 5 "$work/stderr"; }
