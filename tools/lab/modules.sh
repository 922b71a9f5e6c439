# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# KVM's modules from source, for the lab's kernel: Debian's linux-source of the very version, with
# patches. Made to be sourced, after lab/kernel.sh.
#
# KVM=patched takes the fixes of docs/fixes (FIXES=012,004: only these), PATCH=FILE adds the user's
# own. LINUX=DIR takes kernel and modules from a build tree instead (docs/kvm-developers.md).
#
# In $LAB: kbuild-RELEASE/ (Debian's headers with KVM's source; its arch/x86/kvm is what was built
# last, so that the next build compiles what differs), modules-RELEASE-HASH/ (the modules).

KVM=${KVM:-} FIXES=${FIXES:-} PATCH=${PATCH:-} LINUX=${LINUX:-}
MODULES_FIXES=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/docs/fixes

modules_wanted() {
    [ -n "$KVM$PATCH" ]
}

modules_say() {
    echo "modules: $*" >&2
}

# 6.12.117+deb12-cloud-amd64
modules_release() {
    local file
    file=$(kernel_file)
    case $file in
    */vmlinuz-*) echo "${file##*/vmlinuz-}" ;;
    *) basename "$(dirname "$file")" ;;
    esac
}

# The patches, in their order, a line each. A fix that says "Applies to: 7.2" is not for others.
modules_patches() {
    local number file version
    version=$(modules_release | cut -d . -f 1,2)
    if [ -n "$KVM" ]; then
        for file in "$MODULES_FIXES"/*.patch; do
            number=$(basename "$file" .patch)
            case ",${FIXES:-$number}," in *",$number,"*) ;; *) continue ;; esac
            grep -qE "^Applies to:.* $version( |$)" "$file" && echo "$file"
        done
    fi
    [ -z "$PATCH" ] || realpath -e "$PATCH"
}

modules_check() {
    [ -z "$LINUX" ] || ! modules_wanted || { modules_say "LINUX is a build of its own: no KVM, no PATCH" && return 1; }
    case $KVM in "" | patched) ;; *) modules_say "KVM is patched or empty, not $KVM" && return 1 ;; esac
    [ -z "$PATCH" ] || [ -r "$PATCH" ] || { modules_say "there is no file PATCH=$PATCH" && return 1; }
    [ -n "$KVM" ] || [ -z "$FIXES" ] || { modules_say "FIXES needs KVM=patched" && return 1; }
    local number
    for number in ${FIXES//,/ }; do
        [ -e "$MODULES_FIXES/$number.patch" ] || { modules_say "there is no docs/fixes/$number.patch" && return 1; }
    done
}

# apt, for another release with lists of its own.
modules_apt() {
    if kernel_is_suite "$KERNEL"; then
        (CARRIER=$LAB/apt-$KERNEL CARRIER_SUITE=$KERNEL && carrier_apt "$@")
    else
        "$1" -qq -o APT::Sandbox::User=root "${@:2}"
    fi
}

# Debian's headers and linux-source of release $1, into the current directory.
modules_download() {
    local headers=linux-headers-$1 version needs
    if kernel_is_suite "$KERNEL"; then
        (CARRIER=$LAB/apt-$KERNEL CARRIER_SUITE=$KERNEL && carrier_apt_update) || return
    fi
    version=$(modules_apt apt-cache show "$headers" | sed -n 's/^Version: //p' | head -n 1)
    [ -n "$version" ] || { modules_say "apt has no $headers (any more)" && return 1; }
    needs=$(modules_apt apt-cache depends "$headers" |
        grep -oE 'linux-(headers-[^ ]*-common|kbuild-[^ ]*)$' | sort -u)
    # shellcheck disable=SC2086 # a list
    modules_apt apt-get download "$headers=$version" $needs \
        "linux-source-$(cut -d . -f 1,2 <<<"$1")=$version"
}

# Programs of another release run by its own libraries, and by their own name: objtool starts what is
# called as it is, with an ending.
modules_wrap() {
    local file lib=$1/usr/lib/x86_64-linux-gnu
    find "$2" -type f -perm -100 | while read -r file; do
        [ "$(head -c 4 "$file" | tail -c 3)" = ELF ] || continue
        mv "$file" "$file.elf"
        # shellcheck disable=SC2016 # the script's own
        printf '#!/bin/sh\nexec %s --argv0 "$0" --library-path %s %s "$@"\n' \
            "$1/usr/lib64/ld-linux-x86-64.so.2" "$lib" "$file.elf" >"$file"
        chmod +x "$file"
    done
}

# $LAB/kbuild-RELEASE: the headers, and KVM's source as "pristine".
modules_tree() {
    local made=$LAB/kbuild-$1 new=$LAB/kbuild-$1.new common
    [ ! -d "$made" ] || return 0
    if [ -n "${NO_INSTALL:-}" ]; then
        echo "missing here: $made (Debian's linux-headers-$1 and linux-source)" >&2
        return 1
    fi
    modules_say "getting Debian's headers and source of $1, 160 MB"
    rm -rf "$new" && mkdir -p "$new/deb" && (cd "$new/deb" && modules_download "$1" >&2) || return
    (cd "$new" && for deb in deb/linux-{headers,kbuild}*.deb; do dpkg-deb -x "$deb" . || exit; done) || return
    common=$(cd "$new" && echo usr/src/linux-headers-*-common)
    mkdir -p "$new/pristine" && dpkg-deb --fsys-tarfile "$new"/deb/linux-source*.deb |
        tar -xO --wildcards './usr/src/linux-source-*.tar.xz' | xz -dc |
        tar -x -C "$new/pristine" --strip-components=1 --wildcards '*/arch/x86/kvm' '*/virt' || return
    cp -r "$new/pristine/." "$new/$common/" && rm -rf "$new/deb" || return
    # Without it no BTF is made, which would need more tools.
    rm -f "$new/usr/src/linux-headers-$1/vmlinux"
    mv "$new" "$made" || return
    ! kernel_is_suite "$KERNEL" || modules_wrap "$(kernel_directory)" "$made/usr/lib"
}

# The source with the patches, into $1. $2: of which tree
modules_source() {
    local patch
    cp -r "$2/pristine/." "$1/" || return
    while read -r patch; do
        patch -d "$1" -p 1 -F 2 --no-backup-if-mismatch <"$patch" >"$1/patch.log" 2>&1 && continue
        modules_say "$patch does not apply to $(modules_release):" && cat "$1/patch.log" >&2
        return 1
    done < <(modules_patches)
    rm -f "$1/patch.log"
}

# Only what differs gets a new time, so that only that is compiled.
modules_update() {
    local file
    (cd "$1" && find . -type f) | while read -r file; do
        cmp -s "$1/$file" "$2/$file" || cp "$1/$file" "$2/$file" || exit
    done
}

# A compiler older than the kernel's own may lack an option that its configuration has.
modules_compiler() {
    # shellcheck disable=SC2016 # the script's own
    printf '#!/bin/bash\nexec gcc "${@/-fmin-function-alignment=/-falign-functions=}"\n' >"$1" &&
        chmod +x "$1"
}

modules_build() {
    local tree=$1 release=$2 new=$3 common start=$SECONDS
    common=$(echo "$tree"/usr/src/linux-headers-*-common)
    modules_update "$work/source" "$common" && modules_compiler "$tree/cc" || return
    modules_say "building KVM of $release, a minute of CPU the first time"
    # Without our settings: Linux's makefiles have a KVM of their own.
    env -u KVM -u LINUX -u PATCH -u BUILD nice make -C "$common" O="$tree/usr/src/linux-headers-$release" M="$common/arch/x86/kvm" \
        CC="$tree/cc" KCFLAGS=-g0 \
        -j "$(nproc)" modules >"$work/log" 2>&1 ||
        { grep -E -A 3 'error|Error' "$work/log" | head -n 20 >&2 && return 1; }
    mkdir -p "$new" && cp "$common"/arch/x86/kvm/{kvm,kvm-amd,kvm-intel}.ko "$new/" &&
        modules_say "built in $((SECONDS - start)) s"
}

modules_hash() {
    local patches
    mapfile -t patches < <(modules_patches)
    # What is said before them changes nothing.
    sed -s '1,/^--- /{/^--- /!d}' /dev/null "${patches[@]}" | sha256sum | cut -c 1-12
}

# $modules_directory, of release $1, with the tree to ourselves.
modules_make_new() {
    local tree=$LAB/kbuild-$1 work
    flock 9
    [ ! -d "$modules_directory" ] || return 0
    work=$(mktemp -d) && mkdir "$work/source" && modules_tree "$1" &&
        modules_source "$work/source" "$tree" && rm -rf "$modules_directory.new" &&
        modules_build "$tree" "$1" "$modules_directory.new" &&
        mv "$modules_directory.new" "$modules_directory"
} 9>"$LAB/modules.lock"

# Makes them, unless they are there, and sets modules_directory.
modules_make() {
    local release
    modules_directory=""
    modules_wanted || [ -n "$LINUX$FIXES" ] || return 0
    modules_check && packages_need modules || return
    modules_wanted || return 0
    release=$(modules_release)
    modules_directory=$LAB/modules-$release-$(modules_hash)
    [ -d "$modules_directory" ] || modules_make_new "$release"
}

# What a log says of them: fixes and the user's own.
modules_name() {
    local patches
    modules_wanted || return 0
    mapfile -t patches < <(modules_patches)
    patches=("${patches[@]##*/}")
    echo "from source${patches[0]:+ with} ${patches[*]%.patch}"
}
