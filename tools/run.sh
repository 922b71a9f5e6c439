#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/run.sh [OPTIONS] [PLATFORM] [kernel words...]
#
# Runs LHV on PLATFORM and shows its console live on stdout; all else is on stderr.
#   PLATFORM    a name from tools/platforms, or "all"; without one: kvm if guests of KVM get
#               VMX or SVM here, else bochs-vmx and tcg-svm
#   words       the kernel's command line, such as exp=1-30 verbose; exp= and not= take names and
#               globs here, exp='vmx/*window*'; after "--" comes the command line of another run. Without a platform the first one must have a "=": a first
#               argument without is taken for the name of a platform
#   WIDTH=64    64, 32 or both
#   CPUS=2      number of CPUs
#   MEMORY=64   megabytes
#   LIMIT=120   seconds without a sign of life (the console, port E9) after which a run is taken
#               for hung; they last longer on a host that has more to do than processors. With a
#               timeout= above 5 they are more
#   LONGEST=    seconds after which a run is stopped even so (30 times LIMIT, for each pass of
#               repeat=, and what time= asks for). While the console is silent a line every few
#               seconds says how far the run is
#   LOG=DIR     keep the console's text as DIR/<platform>-<width>.log
#   SERIAL=none no serial port (QEMU only): the console is taken from port E9
#   EXTRA=      more arguments for QEMU, more lines of configuration for Bochs
#   BUILD=build where make puts the kernels
#   DIAGNOSE=   no: do not say after a FAIL which broken rules explain it
#   KERNEL=6.1  lab-*: the version of Linux, or a release of Debian whose newest it is (sid)
#   KVM=patched lab-*: KVM built from source with the fixes of docs/fixes (FIXES=012,004: only these);
#   PATCH=FILE  with a patch of yours; LINUX=DIR: kernel and modules of your own build tree
#               (docs/kvm-developers.md); a word patch=FILE: for this command line alone
#   KVM_ARGS=   lab-*: parameters of kvm, kvm-intel and kvm-amd, as "vgif=0 halt_poll_ns=0"
#   XEN=FILE    lab-xen-*: your own hypervisor (xen, xen.gz) with the tools of Debian's Xen 4.17
#   SUITE=      tcg*, lab-svm, bochs3-*: the release of Debian whose QEMU or Bochs it is (sid)
# Options (docs/a-failure.md, docs/ci.md):
#   --no-install          what is missing is installed from Debian's packages; this (or NO_INSTALL=1)
#                         forbids it
#   --expect[=FILE]       only news is a FAIL: what differs from what is known of this platform and
#                         version (tests/expected), or from FILE
#   --write-expect FILE   writes how everything ended, for --expect=FILE
#   --failed [LOG]        runs only what failed in LOG, or in the platform's last run, whose log is
#                         in build/log/last
#
# Exit status: 0 PASS; 1 FAIL; 2 ERROR, hang or no last line; 77 not available here, or SKIP: the
# machine lacks what all of the experiments need. Of several runs the worst counts; for "all",
# 77 does not, if anything else ran. A signal ends the emulators too.
set -u

root=$(cd "$(dirname "$0")/.." && pwd) || exit 2
for lib in lib/{packages,cache,debootstrap,machine,progress,verdict,expect,qemu,carrier,bochs,bochs3} \
    lab/{kernel,modules,initramfs,xen} lib/{lab,lab_bochs,lab_xen}; do
    # shellcheck source=/dev/null
    . "$root/tools/$lib.sh"
done
: "${WIDTH:=64}" "${CPUS:=2}" "${MEMORY:=64}" "${LIMIT:=}" "${LONGEST:=}" "${LOG:=}" "${SERIAL:=}" "${EXTRA:=}"
: "${DIAGNOSE:=}" "${SUITE:=}"
BUILD=$(cd "$root" && realpath -m "${BUILD:-build}")
folder="" job=""

# What a platform's file may replace.
available() { :; }
complaints() { :; }
finish() { :; }

usage() {
    sed -n '/^# usage/,/^set/s/^# \{0,1\}//p' "$0"
    echo
    platform_list
}

platform_list() {
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

# What is installed (tools/debian) has its kernels.
build() {
    [ -e "$root/Makefile" ] || [ ! -e "$BUILD/lhv64.elf" ] || return 0
    packages_need build &&
        make -s -C "$root" BUILD="$BUILD" >&2
}

# One line about the run: shown now, and again at the end if there are several.
sum_up() {
    local line="$platform, $width bit$run_name: $*"
    say "$line"
    echo "$line" >>"$summary"
}

# With less than the kernel needs it may not even be able to say so.
check_memory() {
    local end least
    end=$(nm "$BUILD/64/lhv.elf" | sed -n 's/ B image_end$//p')
    least=$(((0x$end + (1 << 20) - 1) >> 20))
    [ "$MEMORY" -ge "$least" ] || die "MEMORY=$MEMORY: the kernel needs $least MB"
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
    work=$(mktemp -d -p "$scratch") || exit 2
    launch
    verdict_report $?
    results="$results $?"
}

# Runs $platform, in a subshell: its file replaces functions.
run_platform() (
    results="" limit=120
    scratch=$(mktemp -d -p "$folder") || exit 2
    work=$scratch
    trap finish EXIT
    # shellcheck source=/dev/null
    . "$root/tools/platforms/$platform.sh"
    progress_limits
    # shellcheck disable=SC2154,SC2086 # set by the platform's file; a list
    if ! packages_need $needs || ! available; then
        for_each_run sum_up "not available here: ${reason:-packages}"
        exit 77
    fi
    for_each_run run_one
    expect_write || results="$results 2"
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
        grep -q "not available here" "$summary" || return $result
        run_available bochs-vmx tcg-svm
        ;;
    *)
        platform=$1
        run_platform
        ;;
    esac
}

run_all() {
    trap '' HUP INT QUIT # a signal to the whole group is the first shell's to deal with
    build || die "the kernels do not build"
    [ "$MEMORY" -ge 8 ] || check_memory
    run "$1"
}

# The processes that $1 has started, and those that they have, a line each.
started_by() {
    local found=" $1 " before="" all pid parent
    all=$(cat /proc/[0-9]*/stat 2>/dev/null | sed -n 's/^\([0-9]*\) (.*) . \([0-9]*\) .*/\1 \2/p')
    while [ "$found" != "$before" ]; do
        before=$found
        while read -r pid parent; do
            case $found in *" $pid "*) continue ;; esac
            case $found in *" $parent "*) found="$found$pid " && echo "$pid" ;; esac
        done <<<"$all"
    done
}

# Whether any process of "stats" is there for $1 tenths of a second; what only waits to be reaped is
# gone.
outlive() {
    local tenth
    for ((tenth = 0; tenth < $1; tenth++)); do
        sed -s -n 's/^[0-9]* (.*) \([^ ]\).*/\1/p' "${stats[@]}" 2>/dev/null | grep -qv Z || return
        sleep 0.1
    done
}

# After signal $1: ends all that we have started, first with TERM, and us.
stop() {
    local pids stats
    trap '' HUP INT QUIT TERM
    say "stopped by SIG$1"
    # What has lost its parent by the same signal is in the file (lib/machine.sh).
    mapfile -t pids < <(started_by $$ && cat "$folder/pids" 2>/dev/null)
    stats=("${pids[@]/%//stat}")
    stats=("${stats[@]/#//proc/}")
    kill "${pids[@]}" 2>/dev/null
    if outlive 20; then
        kill -s KILL "${pids[@]}" 2>/dev/null
        outlive 50
    fi
    rm -rf "$folder"
    exit $((128 + $(kill -l "$1")))
}

while :; do
    case ${1:-} in
    --help | -h) usage && exit ;;
    --no-install) export NO_INSTALL=1 ;;
    -*)
        expect_option "$@" || die "unknown option $1, see --help"
        [ $# -ge "$taken" ] || die "$1 needs a file"
        shift $((taken - 1))
        ;;
    *) break ;;
    esac
    shift
done
chosen=""
if [ "${1:-}" = all ] || is_platform "${1:-}"; then
    chosen=$1
    shift
elif [ -n "${1:-}" ] && [ "${1#*=}" = "$1" ]; then
    platform_list >&2
    die "there is no platform $1 (kernel words without a platform begin with one that has a =)"
fi
arguments=("$@")
command_lines=1
for word; do
    case $word in
    --) command_lines=$((command_lines + 1)) ;;
    --*) die "$word: options come before the platform" ;;
    esac
done
case $WIDTH in
32 | 64) widths=$WIDTH ;;
both) widths="32 64" ;;
*) die "WIDTH is 32, 64 or both, not $WIDTH" ;;
esac
for number in LIMIT LONGEST CPUS MEMORY; do
    case ${!number} in
    *[!0-9]* | 0*) die "$number is a number above 0, not ${!number}" ;;
    esac
done
expect_check "$chosen" "$@"
expect_rerun
expect_names
if [ -n "$LOG" ]; then
    { mkdir -p "$LOG" && probe=$(mktemp -p "$LOG") && rm "$probe"; } || die "cannot write to LOG=$LOG"
fi

# All that is made on the way is in one folder, also by programs that know of TMPDIR only.
for signal in HUP INT QUIT TERM; do
    # shellcheck disable=SC2064 # this signal
    trap "stop $signal" $signal
done
trap 'rm -rf "$folder"' EXIT
folder=$(mktemp -d) || die "cannot make a folder in ${TMPDIR:-/tmp}"
folder=$(realpath "$folder")
export TMPDIR=$folder
summary=$folder/summary
: >"$summary"
# In the background: the shell minds a signal at once only when it waits.
run_all "$chosen" <&0 &
job=$!
wait $job
result=$?
if [ "$(wc -l <"$summary")" -gt 1 ]; then
    say "summary"
    sed 's/^/  /' "$summary" >&2
fi
[ ! -s "$folder/failed" ] || verdict_pointer
exit "$result"
