# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# bochs-own: a Bochs that you have built: BOCHS=/path/to/bochs CPU_MODEL=name (docs/fred.md)
needs="bochs image" # of Debian's Bochs only the BIOS
title="own Bochs" vendor=VMX version=Bochs
matrix=("WIDTH=64")

available() {
    if [ -z "${BOCHS:-}" ] || [ -z "${CPU_MODEL:-}" ]; then
        reason="it needs BOCHS=/path/to/bochs CPU_MODEL=name"
    elif [ ! -x "$BOCHS" ]; then
        reason="BOCHS=$BOCHS cannot be executed"
    elif [ ! -e "$BOCHS_SHARE/BIOS-bochs-latest" ]; then
        reason="no BIOS-bochs-latest in BOCHS_SHARE=$BOCHS_SHARE"
    else
        return 0
    fi
    return 1
}
launch() { bochs_launch "$CPU_MODEL"; }
complaints() { bochs_complaints; }
