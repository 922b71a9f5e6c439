# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# bochs-svm: Bochs' emulated AMD CPU, with SVM
needs="bochs image"
title=Bochs vendor=SVM version=Bochs apic=xAPIC cpus="1 2 4"
matrix=("WIDTH=both")

# Bochs 2.7 panics at an intercepted shutdown, which 3.0 makes an exit: exception() in its cpu/exception.cc.
launch() {
    case " $(bochs_version) ${words[*]}" in
    *" exp="* | *" not="*) ;;
    " 2."*) words+=(not=145) ;;
    esac
    bochs_launch ryzen
}
complaints() { bochs_complaints; }
