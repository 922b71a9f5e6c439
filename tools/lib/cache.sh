# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Where what takes long to get or to make is kept, for every checkout of this user's: roots of
# other Debian releases (lib/debootstrap.sh), what the labs boot (lab/kernel.sh), the carrier
# (lib/carrier.sh), the readers of other projects that tests try (tests/lib). Its files are named
# after what they are made of; nothing half-made gets there.
# Made to be sourced, before those.

CACHE=${CACHE:-${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/lhv}
# shellcheck disable=SC2034 # theirs
ROOTS=${ROOTS:-$CACHE/roots} LAB=${LAB:-$CACHE/lab} CARRIER=${CARRIER:-$CACHE/carrier}
