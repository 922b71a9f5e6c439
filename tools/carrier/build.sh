#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/carrier/build.sh
#
# Builds the carrier (tools/lib/carrier.sh), unless it is there, and says where it is. tools/run.sh
# does the same when it needs to; this is for a machine that will have to do without network.
# Exit status: 77 if it cannot be had.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd) || exit 2
for lib in packages cache debootstrap qemu carrier; do
    # shellcheck source=/dev/null
    . "$root/tools/lib/$lib.sh"
done

carrier_available || exit 77
echo "${qemu[0]}"
