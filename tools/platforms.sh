#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/platforms.sh [PLATFORM...]
#
# What platforms say of themselves (docs/add-a-platform.md), for tools and tests that are not
# shell: lines of platform, field, value, with tabs between. A list has a line for each item.
set -u

root=$(cd "$(dirname "$0")/.." && pwd) || exit 2
: "${KERNEL:=}" "${SUITE:=}" # what a platform's file may read

# In a subshell: the file sets variables and functions.
describe() (
    title="" vendor="" version="" carrier="" family=$1 apic="" cpus="" left_out="" limit="" repeat=5
    matrix=()
    # shellcheck source=/dev/null
    . "$root/tools/platforms/$1.sh" || exit
    for field in title vendor version carrier family apic cpus left_out limit repeat; do
        printf '%s\t%s\t%s\n' "$1" "$field" "${!field}"
    done
    for settings in "${matrix[@]}"; do
        printf '%s\tmatrix\t%s\n' "$1" "$settings"
    done
)

if [ $# = 0 ]; then
    set -- "$root"/tools/platforms/*.sh
    set -- "${@##*/}"
    set -- "${@%.sh}"
fi
for platform; do
    if [ ! -e "$root/tools/platforms/$platform.sh" ]; then
        echo "tools/platforms.sh: there is no platform $platform" >&2
        exit 2
    fi
    describe "$platform" || exit 2
done
