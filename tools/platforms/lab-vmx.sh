# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# lab-vmx: a real KVM (in Linux $KERNEL), on Bochs' emulated Intel CPU
needs="qemu lab bochs image lab-vmx"
title=KVM vendor=VMX version="KVM of Linux" carrier=Bochs left_out=37,46,51,60-99,236-249,418-449 repeat=2
matrix=("WIDTH=64 KERNEL=6.1" "WIDTH=64 KERNEL=6.12" "WIDTH=64 KERNEL=sid")
lab_module=kvm-intel
lab_carrier="Bochs $(dpkg-query -W -f '${Version}' bochs 2>/dev/null), corei7_haswell_4770, its VM entry mended"
# For speed: each of these takes seconds here. Without KASLR Linux need not be relocated.
lab_words="nokaslr initcall_blacklist=load_system_certificate_list,init_kprobe_trace,cubictcp_register"

available() { lab_available && lab_bochs_available; }
launch() { lab_launch; }
finish() { lab_finish; }
complaints() { tail -n 5 "$work/stderr" && bochs_complaints; }
lab_emulator() { lab_bochs_emulator; }
