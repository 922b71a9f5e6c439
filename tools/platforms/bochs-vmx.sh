# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# bochs-vmx: Bochs' emulated Intel CPU, the model with most of VMX
needs="bochs image"
title=Bochs vendor=VMX version=Bochs apic=x2APIC cpus="1 2 4"
matrix=("WIDTH=both")

launch() { bochs_launch corei7_icelake_u; }
complaints() { bochs_complaints; }
