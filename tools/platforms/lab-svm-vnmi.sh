# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# lab-svm-vnmi: lab-svm on a CPU with vNMI, which KVM uses and gives to its guests since Linux 6.4
# shellcheck source=/dev/null
. "$root/tools/platforms/lab-svm.sh"
title="KVM with vNMI"
matrix=("WIDTH=64 KERNEL=6.12" "WIDTH=64 KERNEL=sid")
lab_kernel=6.12
lab_cpu_mended=$lab_cpu_mended,+vnmi

lab_not_mended() {
    reason="only the mended QEMU has vNMI (docs/carrier.md)"
    return 1
}
