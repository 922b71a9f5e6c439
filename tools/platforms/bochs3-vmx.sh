# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# bochs3-vmx: Bochs 3.0's emulated Intel CPU, the model with most of VMX
needs="image"
title=Bochs vendor=VMX version=Bochs family=bochs-vmx
matrix=("WIDTH=both" "WIDTH=both SUITE=sid")

available() { bochs3_available; }
launch() { bochs_launch arrow_lake; }
complaints() { bochs_complaints; }
