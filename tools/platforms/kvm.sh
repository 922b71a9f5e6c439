# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# kvm: QEMU with KVM, where KVM gives its guests VMX or SVM
needs="qemu"
title="KVM, bare" version="KVM of Linux"
matrix=("WIDTH=both")

qemu_below="KVM of Linux $(uname -r) with "
launch() { qemu_launch -accel kvm -cpu host; }
complaints() { qemu_complaints; }

# The kernel's own words, from its first lines, on whether it has VMX or SVM under KVM
# (/dev/kvm does not say: it may be there without nesting); or QEMU's, if it could not start.
# Nesting does not depend on the width, and a KVM that cannot even run one may run the other.
kvm_probe() (
    LIMIT=20 kernel=$BUILD/lhv64.elf words=("exp=13,105")
    launch >/dev/null
    sed -n '2,4s/^# lhv .*/&/p' "$work/console.log" | grep . || qemu_complaints | tail -n 1
)

available() {
    local answer
    reason="no /dev/kvm to read and write"
    [ -r /dev/kvm ] && [ -w /dev/kvm ] || return
    answer=$(kvm_probe)
    reason="guests of this KVM have neither VMX nor SVM"
    case $answer in
    "# lhv "*"no VMX, no SVM"*) return 1 ;;
    "# lhv "* | "") ;; # also if the kernel died without a word: the run is to show that
    *) reason=$answer && return 1 ;;
    esac
}
