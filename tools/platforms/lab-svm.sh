# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# lab-svm: a real KVM (in Linux $KERNEL), on QEMU's emulated AMD CPU
needs="qemu lab"
title=KVM vendor=SVM version="KVM of Linux" carrier=QEMU left_out=142-181,311-329,418-423,434-436
matrix=("WIDTH=64 KERNEL=6.1" "WIDTH=64 KERNEL=6.12" "WIDTH=64 KERNEL=sid"
    "WIDTH=64 SUITE=sid KERNEL=sid")
lab_module=kvm-amd

# EPYC: a CPU that KVM knows well, of which TCG emulates enough.
lab_emulator() {
    emulator=("${qemu[@]}" -accel "tcg,thread=multi" -cpu "EPYC,+svm,+npt" -machine q35
        -m 1024 -smp 2 -nodefaults -display none -no-reboot -serial "file:$scratch/serial" -serial "file:$scratch/life"
        -kernel "$(kernel_file)" -initrd "$scratch/initrd" -append "$(lab_linux_words)")
}

# TCG sets the accessed bit in the PDPTEs of PAE paging (mmu_translate in QEMU's
# target/i386/tcg/sysemu/excp_helper.c), where it is reserved: KVM's load_pdptrs() then answers
# the next CPU that turns on paging with a #GP.
available() {
    reason="no 32 bit: TCG writes to PAE's PDPTEs, which KVM does not accept"
    [ "$widths" != 32 ] || return
    [ "$widths" = 64 ] || say "lab-svm: $reason"
    widths=64
    qemu_available && lab_available || return
    lab_carrier="QEMU $(qemu_version)'s TCG, -cpu EPYC"
}
launch() { lab_launch; }
finish() { lab_finish; }
complaints() { tail -n 5 "$work/stderr"; }
