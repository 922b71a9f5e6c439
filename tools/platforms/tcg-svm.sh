# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# tcg-svm: QEMU's emulated AMD CPU, with SVM; no hardware virtualization needed
needs="qemu"
title=QEMU vendor=SVM version=QEMU apic=xAPIC cpus="1 2 4 16"
matrix=("WIDTH=both" "WIDTH=both SUITE=sid")

available() { qemu_available; }
launch() { qemu_launch -accel tcg -cpu max; }
complaints() { qemu_complaints; }
