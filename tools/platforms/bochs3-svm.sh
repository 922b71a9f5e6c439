# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# bochs3-svm: Bochs 3.0's emulated AMD CPU, with SVM
needs="image"
title=Bochs vendor=SVM version=Bochs family=bochs-svm
matrix=("WIDTH=both" "WIDTH=both SUITE=sid")

available() { bochs3_available; }
launch() { bochs_launch ryzen; }
complaints() { bochs_complaints; }
