# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# tcg-svm: QEMU's emulated AMD CPU, with SVM; no hardware virtualization needed
needs="qemu"
available() { qemu_available; }
launch() { qemu_launch -accel tcg -cpu max; }
complaints() { qemu_complaints; }
