#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tests/lib/kunit.sh
#
# Puts the KTAP parser of the Linux kernel (tools/testing/kunit of Debian's linux-source) where
# tests/verdicts/test_formats.py finds it, unless it is there. The package is large, and only these
# files of it are kept.
set -u

# shellcheck source=tools/lib/cache.sh
. "$(dirname "$0")/../../tools/lib/cache.sh" || exit 2
kept=$CACHE/kunit
[ ! -e "$kept/kunit_parser.py" ] || exit 0
if [ -n "${NO_INSTALL:-}" ] || ! command -v apt-get >/dev/null || ! command -v xz >/dev/null; then
    echo "no $kept, and no leave or no way to fetch it" >&2
    exit 77
fi
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
package=$(apt-cache depends linux-source | sed -n 's/.*Depends: //p' | head -n 1)
timeout 500 apt-get -qq -o APT::Sandbox::User=root download "$package" || exit 77
dpkg-deb --fsys-tarfile "$package"_*.deb | tar xO "./usr/src/$package.tar.xz" | xz -dc |
    tar x --wildcards "$package/tools/testing/kunit/*.py"
mkdir -p "$kept.new" && cp "$package"/tools/testing/kunit/*.py "$kept.new/" && rm -rf "$kept" && mv "$kept.new" "$kept"
