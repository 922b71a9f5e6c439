# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# carrier-svm: QEMU from source with its SVM mended, which carries lab-svm; it must PASS
needs="qemu"
title="QEMU mended" vendor=SVM version=QEMU
matrix=("WIDTH=both")

available() { carrier_available; }
launch() { qemu_launch -accel tcg -cpu "max${CARRIER_CHOICES:+,$CARRIER_CHOICES}" -machine q35; }
complaints() { qemu_complaints; }
