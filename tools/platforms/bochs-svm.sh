# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# bochs-svm: Bochs' emulated AMD CPU, with SVM
needs="bochs image"
launch() { bochs_launch ryzen; }
complaints() { bochs_complaints; }
