#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/build_name.sh PATH
#
# The folder PATH by a name that make can use: relative inside the tree, since the dependencies that
# the compiler wrote last time name the objects by it; and without blanks, which end a name in make:
# such a folder gets a link in build/named.
set -eu

cd "$(dirname "$0")/.."
path=$(realpath -m -- "$1")
name=${path#"$(pwd -P)/"}
case $name in
*[!A-Za-z0-9_./+@-]*)
    name=build/named/$(printf %s "$path" | cksum | cut -d ' ' -f 1)
    mkdir -p "$path" build/named
    ln -sfn "$path" "$name"
    ;;
esac
echo "$name"
