# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# lab-xen-svm: Debian's Xen (or XEN=), on an emulated AMD CPU, the mended QEMU's (docs/carrier.md)
needs="qemu lab"
title=Xen vendor=SVM version=Xen carrier=QEMU limit=20 repeat=1
matrix=("WIDTH=64")
# Xen wants SMAP and SMEP to be as real ones are; MONITOR would make it wait in a way that TCG is slow at.
lab_cpu=EPYC,+svm,+npt,+nrip-save,+vgif,-smap,-smep,-monitor

lab_emulator() {
    emulator=("${qemu[@]}" -accel "tcg,thread=multi" -cpu "$lab_cpu" -machine q35
        -m 1024 -smp 2 -nodefaults -display none -no-reboot -serial "file:$scratch/serial"
        -chardev "pipe,id=orders,path=$(machine_quoted "$scratch/orders")" -serial chardev:orders
        -kernel "$scratch/xen" -append "xen ${XEN_WORDS//$'\n'/ }"
        -initrd "$XEN_HOME/vmlinuz console=hvc0 quiet loglevel=1 panic=-1 mitigations=off audit=0 cryptomgr.notests,$scratch/initrd")
}

available() {
    carrier_available && lab_xen_available || return
    lab_carrier="QEMU $(qemu_version)${qemu_mended:-}, -cpu $lab_cpu"
}
launch() { lab_xen_launch; }
finish() { lab_finish; }
complaints() { tail -n 12 "$work/stderr"; }
