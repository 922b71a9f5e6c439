# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# tcg: QEMU's emulated CPU without SVM; runs what needs no virtualization
needs="qemu"
title=QEMU version=QEMU

available() { qemu_available; }
launch() { qemu_launch -accel tcg -cpu qemu64,-svm; }
complaints() { qemu_complaints; }
