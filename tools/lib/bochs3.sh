# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Bochs 3.0, of Debian 13, wherever Debian's Bochs is an older one; with SUITE, that release's.
# Made to be sourced, after lib/bochs.sh and lib/debootstrap.sh.

# Makes it the Bochs that bochs_launch runs.
bochs3_available() {
    local command name=bochs3${SUITE:+-$SUITE}
    # shellcheck disable=SC2034 # run.sh's
    reason="no Bochs of Debian ${SUITE:-trixie}"
    debootstrap_root "$name" "${SUITE:-trixie}" bochs bochs-term || return
    debootstrap_command "$name" usr/bin/bochs-bin
    # Without it, it loads the plugins of an installed Bochs, of whatever version.
    bochs=(env LTDL_LIBRARY_PATH="$ROOTS/$name/usr/lib/x86_64-linux-gnu/bochs/plugins"
        "${command[@]}")
    BOCHS_SHARE=$ROOTS/$name/usr/share/bochs
}
