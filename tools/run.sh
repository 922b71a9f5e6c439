#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/run.sh [--no-install] [PLATFORM] [kernel words...]
#
# Runs LHV on PLATFORM and shows its console live on stdout; all else is on stderr.
#   PLATFORM    a name from tools/platforms, or "all"; without one: kvm if guests of KVM get
#               VMX or SVM here, else bochs-vmx and tcg-svm
#   words       the kernel's command line, such as exp=1-30 verbose
#   WIDTH=64    64, 32 or both
#   CPUS=2      number of CPUs
#   MEMORY=64   megabytes
#   LIMIT=120   seconds after which a run is taken for hung
#   LOG=DIR     keep the console's text as DIR/<platform>-<width>.log
#   SERIAL=none no serial port (QEMU only): the console is taken from port E9
#   EXTRA=      more arguments for QEMU, more lines of configuration for Bochs
#   BUILD=build where make puts the kernels
# What is missing is installed from Debian's packages; --no-install (NO_INSTALL=1) forbids it.
#
# Exit status: 0 PASS; 1 FAIL; 2 ERROR, hang or no last line; 77 not available here.
# Of several runs the worst counts; for "all", what is not available does not.
set -u

root=$(cd "$(dirname "$0")/.." && pwd) || exit 2
for lib in packages debootstrap machine verdict qemu bochs bochs3; do
    # shellcheck source=/dev/null
    . "$root/tools/lib/$lib.sh"
done
: "${WIDTH:=64}" "${CPUS:=2}" "${MEMORY:=64}" "${LIMIT:=120}" "${LOG:=}" "${SERIAL:=}" "${EXTRA:=}"
BUILD=$(cd "$root" && realpath -m "${BUILD:-build}")

# What a platform's file may replace.
available() { :; }
# shellcheck disable=SC2317 # called by the sourced files
complaints() { :; }

usage() {
    sed -n '/^# usage/,/^set/s/^# \{0,1\}//p' "$0"
    echo
    echo "Platforms:"
    sed -n 's/^# \([a-z0-9-]*: .*\)/    \1/p' "$root"/tools/platforms/*.sh
}

say() {
    echo "run.sh: $*" >&2
}

die() {
    say "$@"
    exit 2
}

is_platform() {
    [ -n "$1" ] && [ -e "$root/tools/platforms/$1.sh" ]
}

all_platforms() {
    for file in "$root"/tools/platforms/*.sh; do
        basename "$file" .sh
    done
}

build() {
    packages_need build &&
        make -s -C "$root" BUILD="$BUILD" "$BUILD/lhv32.elf" "$BUILD/lhv64.elf" >&2
}

# One line about the run: shown now, and again at the end if there are several.
sum_up() {
    say "$platform, $width bit: $*"
    echo "$platform, $width bit: $*" >>"$summary"
}

# Runs $platform in $width, in a directory and a subshell of its own.
run_one() (
    work=$(mktemp -d) || exit 2
    trap 'rm -rf "$work"' EXIT
    kernel=$BUILD/lhv$width.elf
    # shellcheck source=/dev/null
    . "$root/tools/platforms/$platform.sh"
    # shellcheck disable=SC2154,SC2086 # set by the platform's file; a list
    if ! packages_need $needs || ! available; then
        sum_up "not available here: ${reason:-packages}"
        exit 77
    fi
    launch
    verdict_report $?
)

# The worst of the statuses: ERROR, FAIL, not available, PASS.
worst() {
    for status in 2 1 77; do
        case " $* " in *" $status "*) echo $status && return ;; esac
    done
    echo 0
}

# Runs each platform named in each width.
run_platforms() {
    local results=""
    for platform; do
        for width in $widths; do
            run_one
            results="$results $?"
        done
    done
    return "$(worst "$results")"
}

# "all" and no platform: what is not available does not count, if anything was.
run_available() {
    local results=""
    for name; do
        run_platforms "$name"
        results="$results $?"
    done
    results=${results// 77/}
    return "$(worst "${results:-77}")"
}

run() {
    case $1 in
    all)
        # shellcheck disable=SC2046 # a list of names
        run_available $(all_platforms)
        ;;
    "")
        local result
        run_platforms kvm
        result=$?
        [ $result = 77 ] || return $result
        run_available bochs-vmx tcg-svm
        ;;
    *) run_platforms "$1" ;;
    esac
}

while :; do
    case ${1:-} in
    --help | -h) usage && exit ;;
    --no-install) export NO_INSTALL=1 ;;
    -*) die "unknown option $1, see --help" ;;
    *) break ;;
    esac
    shift
done
chosen=""
if [ "${1:-}" = all ] || is_platform "${1:-}"; then
    chosen=$1
    shift
fi
words=("$@")
case $WIDTH in
32 | 64) widths=$WIDTH ;;
both) widths="32 64" ;;
*) die "WIDTH is 32, 64 or both, not $WIDTH" ;;
esac
build || die "the kernels do not build"
[ -z "$LOG" ] || mkdir -p "$LOG"

summary=$(mktemp)
trap 'rm -f "$summary"' EXIT
run "$chosen"
result=$?
if [ "$(wc -l <"$summary")" -gt 1 ]; then
    say "summary"
    sed 's/^/  /' "$summary" >&2
fi
exit "$result"
