# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Bochs 3.0, of Debian 13, wherever Debian's Bochs is an older one. Made to be sourced, after
# lib/bochs.sh and lib/debootstrap.sh.

# Makes it the Bochs that bochs_launch runs.
bochs3_available() {
    local command
    # shellcheck disable=SC2034 # run.sh's
    reason="no Bochs 3.0"
    debootstrap_root bochs3 trixie bochs bochs-term || return
    debootstrap_command bochs3 usr/bin/bochs-bin
    # Without it, it loads the plugins of an installed Bochs, of whatever version.
    bochs=(env LTDL_LIBRARY_PATH="$ROOTS/bochs3/usr/lib/x86_64-linux-gnu/bochs/plugins"
        "${command[@]}")
    BOCHS_SHARE=$ROOTS/bochs3/usr/share/bochs
}
