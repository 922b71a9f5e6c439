#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/run.sh [--no-install] [PLATFORM] [kernel words...]
#
# Runs LHV on PLATFORM and shows its console live on stdout; all else is on stderr.
#   PLATFORM    a name from tools/platforms, or "all"; without one: kvm if guests of KVM get
#               VMX or SVM here, else bochs-vmx and tcg-svm
#   words       the kernel's command line, such as exp=1-30 verbose; after "--" comes the command
#               line of another run
#   WIDTH=64    64, 32 or both
#   CPUS=2      number of CPUs
#   MEMORY=64   megabytes
#   LIMIT=120   seconds after which a run is taken for hung; lab-vmx: 600
#   LOG=DIR     keep the console's text as DIR/<platform>-<width>.log
#   SERIAL=none no serial port (QEMU only): the console is taken from port E9
#   EXTRA=      more arguments for QEMU, more lines of configuration for Bochs
#   BUILD=build where make puts the kernels
#   DIAGNOSE=   no: do not say after a FAIL which broken rules explain it
#   KERNEL=6.1  lab-*: the version of Linux, or a release of Debian whose newest it is (sid)
#   SUITE=      tcg*, lab-svm, bochs3-*: the release of Debian whose QEMU or Bochs it is (sid)
# What is missing is installed from Debian's packages; --no-install (NO_INSTALL=1) forbids it.
#
# Exit status: 0 PASS; 1 FAIL; 2 ERROR, hang or no last line; 77 not available here.
# Of several runs the worst counts; for "all", what is not available does not.
set -u

root=$(cd "$(dirname "$0")/.." && pwd) || exit 2
for lib in lib/{packages,debootstrap,machine,verdict,qemu,carrier,bochs,bochs3} \
    lab/{kernel,initramfs} lib/{lab,lab_bochs}; do
    # shellcheck source=/dev/null
    . "$root/tools/$lib.sh"
done
: "${WIDTH:=64}" "${CPUS:=2}" "${MEMORY:=64}" "${LIMIT:=}" "${LOG:=}" "${SERIAL:=}" "${EXTRA:=}"
: "${DIAGNOSE:=}" "${SUITE:=}"
BUILD=$(cd "$root" && realpath -m "${BUILD:-build}")

# What a platform's file may replace.
available() { :; }
complaints() { :; }
finish() { :; }

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
        make -s -C "$root" BUILD="$BUILD" >&2
}

# One line about the run: shown now, and again at the end if there are several.
sum_up() {
    local line="$platform, $width bit$run_name: $*"
    say "$line"
    echo "$line" >>"$summary"
}

# Sets words to the command line number $1; run_name and log_name tell it from others.
choose_words() {
    local word number=1
    words=() run_name="" log_name=""
    for word in "${arguments[@]}"; do
        if [ "$word" = -- ]; then
            number=$((number + 1))
        elif [ "$number" = "$1" ]; then
            words+=("$word")
        fi
    done
    [ "$command_lines" = 1 ] || run_name=" (${words[*]})"
    [ "$1" = 1 ] || log_name=-$1
}

# Does "$@" for each run of a platform: each command line in each width.
for_each_run() {
    local number
    for width in $widths; do
        kernel=$BUILD/lhv$width.elf
        for ((number = 1; number <= command_lines; number++)); do
            choose_words "$number"
            "$@"
        done
    done
}

run_one() {
    # shellcheck disable=SC2031 # all of it is in run_platform's subshell
    work=$(mktemp -d -p "$scratch") || exit 2
    launch
    verdict_report $?
    results="$results $?"
}

# Runs $platform, in a subshell: its file replaces functions.
run_platform() (
    results=""
    scratch=$(mktemp -d) || exit 2
    work=$scratch
    trap 'finish; rm -rf "$scratch"' EXIT
    limit=120
    # shellcheck source=/dev/null
    . "$root/tools/platforms/$platform.sh"
    LIMIT=${LIMIT:-$limit}
    # shellcheck disable=SC2154,SC2086 # set by the platform's file; a list
    if ! packages_need $needs || ! available; then
        for_each_run sum_up "not available here: ${reason:-packages}"
        exit 77
    fi
    for_each_run run_one
    exit "$(worst "$results")"
)

# The worst of the statuses: ERROR, FAIL, not available, PASS.
worst() {
    for status in 2 1 77; do
        case " $* " in *" $status "*) echo $status && return ;; esac
    done
    echo 0
}

# "all" and no platform: what is not available does not count, if anything was.
run_available() {
    local results=""
    for platform; do
        run_platform
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
        platform=kvm
        run_platform
        result=$?
        [ $result = 77 ] || return $result
        run_available bochs-vmx tcg-svm
        ;;
    *)
        platform=$1
        run_platform
        ;;
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
arguments=("$@")
command_lines=1
for word; do
    [ "$word" != -- ] || command_lines=$((command_lines + 1))
done
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
