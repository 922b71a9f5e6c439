#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/release.sh VERSION BUILD FOLDER
#
# Puts a release into FOLDER, which must not exist or be an earlier one: the sources (the commit that is
# checked out), what machines boot, Debian's package, the page of results, CHANGES.md, NOTICE, and
# SHA256SUMS of all. BUILD has what `make release` has made. Of the same commit it is the same again.
# Refuses what is not committed, and a VERSION that CHANGES.md or git's tags contradict.
set -eu

[ $# = 3 ] || { sed -n 's/^# usage/usage/p' "$0" && exit 2; }
version=$1 build=$(realpath "$2") folder=$(realpath -m "$3")
cd "$(dirname "$0")/.."

die() {
    echo "release: $*" >&2
    exit 1
}

check() {
    local changed heading tag
    changed=$(git status --porcelain) || die "this is no checkout of git's"
    [ -z "$changed" ] || die "not committed: ${changed//$'\n'/, }"
    heading=$(sed -n '/^## /{s/^## //p;q}' CHANGES.md)
    [ "${heading%% *}" = "$version" ] || die "CHANGES.md begins with \"$heading\", the Makefile says $version"
    tag=$(git tag --points-at HEAD 'v[0-9]*')
    [ -z "$tag" ] || [ "$tag" = "v$version" ] || die "this commit has the tag ${tag//$'\n'/, }, the Makefile says $version"
    if git rev-parse -q --verify "refs/tags/v$version" >/dev/null && [ -z "$tag" ]; then
        die "v$version is another commit, $(git rev-parse --short "v$version^{commit}")"
    fi
}

# As bytes that do not depend on git's or the user's settings, nor on the time.
sources() {
    git -c tar.umask=0022 archive --format=tar --prefix="lhv-$version/" HEAD | gzip -9n >"$1/lhv-$version.tar.gz"
}

everything() {
    sources "$1"
    cp "$build"/images/{c.img,d.vmdk,lhv.iso,lhv.vmx,lhv32.elf,lhv64.elf} "$build/lhv_${version}_amd64.deb" CHANGES.md NOTICE "$1"
    cp -r "$build/site" "$1/site"
    sums=$(cd "$1" && find . -type f -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum)
    printf '%s\n' "$sums" >"$1/SHA256SUMS"
}

check
[ ! -e "$folder" ] || [ -e "$folder/SHA256SUMS" ] || die "$folder is something else"
new=$(mktemp -d "$folder.XXXXXX") || die "cannot make $folder"
trap 'rm -rf "$new"' EXIT
everything "$new"
chmod -R u=rwX,go=rX "$new"
rm -rf "$folder"
mv "$new" "$folder"
echo "$folder: LHV $version of $(git rev-parse --short HEAD), $(wc -l <"$folder/SHA256SUMS") files"
