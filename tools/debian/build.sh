#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/debian/build.sh VERSION BUILD FILE
#
# Makes Debian's package FILE of the tools, the kernels, the model and the disk image in BUILD. Of the same
# sources it is the same again: dates are SOURCE_DATE_EPOCH, or the last commit's.
set -eu

version=$1 build=$(realpath "$2") file=$(realpath -m "$3")
cd "$(dirname "$0")/../.."
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 755 "$tree"
umask 022
home=$tree/usr/lib/lhv doc=$tree/usr/share/doc/lhv

# $1: the mode; $2: the folder; the rest: files
put() {
    install -d "$2"
    install -m "$1" -t "$2" "${@:3}"
}

# The tools find docs, lists and kernels where they are in the sources. What only a build needs stays out.
tools() {
    local path mode
    while read -r path; do
        mode=644
        [ ! -x "$path" ] || mode=755
        put $mode "$home/$(dirname "$path")" "$path"
    done < <(git ls-files tools docs tests/expected tests/explore src/virt.h 2>/dev/null |
        grep -v -e '^tools/debian/' -e '^tools/ci/' -e '^tools/mutat' -e '^tools/carrier/build.sh' -e '^tools/test.sh')
}

kernels() {
    put 644 "$home/build" "$build/lhv32.elf" "$build/lhv64.elf"
    put 755 "$home/build" "$build/lhv-model"
    strip --remove-section=.comment --remove-section=.note "$home/build/lhv-model"
    put 644 "$home/images" "$build/images/c.img"
}

documents() {
    put 644 "$doc" README.md NOTICE SECURITY.md
    sed "s/@VERSION@/$version/; s/@GRUB@/$(dpkg-query -W -f '${source:Version}' grub-pc-bin)/" tools/debian/copyright >"$doc/copyright"
    {
        echo "lhv ($version) unstable; urgency=medium"
        printf '\n  * CHANGES.md of the sources says what changed.\n\n'
        echo " -- $maintainer  $(date -uRd "@$SOURCE_DATE_EPOCH")"
    } | gzip -9n >"$doc/changelog.gz"
    cp -r tools/ci "$doc/ci"
    put 644 "$tree/usr/share/man/man1" tools/debian/lhv.1
    gzip -9n "$tree/usr/share/man/man1/lhv.1"
    put 644 "$tree/usr/share/lintian/overrides" tools/debian/lhv
}

control() {
    install -d "$tree/DEBIAN"
    sed "s/@VERSION@/$version/; s/@SIZE@/$(du -sk --apparent-size "$tree" | cut -f1)/" tools/debian/control >"$tree/DEBIAN/control"
    (cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
}

maintainer=$(sed -n 's/^Maintainer: //p' tools/debian/control)
tools
kernels
documents
install -d "$tree/usr/bin"
ln -s ../lib/lhv/tools/lhv "$tree/usr/bin/lhv"
control
find "$tree" -type d -exec chmod 755 {} +
find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0r touch -h -d "@$SOURCE_DATE_EPOCH"
mkdir -p "$(dirname "$file")"
dpkg-deb --root-owner-group -b "$tree" "$file" >/dev/null
