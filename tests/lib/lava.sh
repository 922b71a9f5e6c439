#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tests/lib/lava.sh
#
# Unpacks Debian's lava-dispatcher, without installing it, where tests/boot/test_lava.py finds it,
# unless it is there. What it does with images of virtual disks (libguestfs) is left out.
set -u

# shellcheck source=tools/lib/cache.sh
. "$(dirname "$0")/../../tools/lib/cache.sh" || exit 2
kept=$CACHE/lava
[ ! -e "$kept/usr/bin/lava-run" ] || exit 0
if [ -n "${NO_INSTALL:-}" ] || ! command -v apt-get >/dev/null; then
    echo "no $kept, and no leave or no way to fetch it" >&2
    exit 77
fi
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
python=(aiohttp aiosignal async-timeout frozenlist multidict yarl attr charset-normalizer configobj magic netifaces
    pexpect ptyprocess pyudev requests urllib3 idna certifi chardet setproctitle tz yaml jinja2 markupsafe voluptuous six)
timeout 300 apt-get -qq -o APT::Sandbox::User=root download lava-dispatcher lava-common lava-dispatcher-host libmagic1 \
    libyaml-0-2 "${python[@]/#/python3-}" || exit 77
for package in *.deb; do
    dpkg-deb -x "$package" tree || exit 2
done
: >tree/usr/lib/python3/dist-packages/guestfs.py
mkdir -p "${kept%/*}" && rm -rf "$kept" && mv tree "$kept"
