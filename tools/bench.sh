#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/bench.sh [PLATFORM...]
#
# How fast it is, per platform and width: ticks of the (emulated) TSC from the kernel's entry
# to the first experiment, per experiment and for all of them, and the seconds from the emulator's
# start to the verdict, also as a ratio to a run of one experiment, and of one host core to all;
# and how long the diagnosis takes. Numbers to read, not a test: nothing here passes or fails. RUNS=N: runs for the seconds.
set -u

root=$(cd "$(dirname "$0")/.." && pwd) || exit 2
RUNS=${RUNS:-5} pinned=""

# The kernel's "# ticks: experiment 13: 4711" lines as a column sorted by ticks.
experiments() {
    sed -n 's/^# ticks: experiment \([0-9]*\): \([0-9]*\)$/\2 \1/p' "$1" | sort -n
}

ticks() {
    sed -n 's/^# ticks: \([0-9]*\) from entry.*/  ticks to the first experiment  \1/p' "$1"
    experiments "$1" | awk '
        { ticks[NR] = $1; number[NR] = $2; sum += $1 }
        END {
            if (NR)
                printf "  ticks per experiment           median %.0f, mean %.0f, max %.0f (%d), all %.0f\n",
                    ticks[int((NR + 1) / 2)], sum / NR, ticks[NR], number[NR], sum
        }'
}

# The seconds of $RUNS runs, as run.sh measures them, sorted. $1: platform; the rest: words.
seconds() {
    for _ in $(seq "$RUNS"); do
        DIAGNOSE=no ${pinned:+taskset -c "$pinned"} "$root/tools/run.sh" "$@" 2>&1 >/dev/null |
            sed -n 's/^run\.sh: .* bit: [A-Z]*, \([0-9.]*\) s.*/\1/p'
    done | sort -n
}

# The whole catalogue beside one experiment, so that the machine's load is in both. $1: platform
compare_seconds() {
    local one=1
    "$root/tools/platforms.sh" "$1" | grep -q $'\tvendor\tSVM$' && one=101
    paste <(seconds "$1") <(seconds "$1" "exp=$one") | awk -v one="$one" '
        { all[NR] = $1; alone[NR] = $2 }
        END {
            if (!NR)
                exit
            middle = int((NR + 1) / 2)
            printf "  seconds from start to verdict  min %s, median %s, max %s (%d runs); %d alone: median %s; ratio %.2f\n",
                all[1], all[middle], all[NR], NR, one, alone[middle], all[middle] / alone[middle]
        }'
}

# The whole catalogue with all virtual CPUs on one host core, beside two. $1: platform
compare_cores() {
    local one two number
    one=$(mktemp) two=$(mktemp)
    for ((number = 0; number < RUNS; number++)); do
        RUNS=1 seconds "$1" >>"$two"
        RUNS=1 pinned=0 seconds "$1" >>"$one"
    done
    paste <(sort -n "$two") <(sort -n "$one") | awk '
        { two[NR] = $1; one[NR] = $2 }
        END {
            if (NR && two[int((NR + 1) / 2)] > 0)
                printf "  seconds on one host core       median %s, on all: %s; ratio %.2f\n",
                    one[int((NR + 1) / 2)], two[int((NR + 1) / 2)], one[int((NR + 1) / 2)] / two[int((NR + 1) / 2)]
        }'
    rm -f "$one" "$two"
}

bench() {
    local log status
    log=$(mktemp)
    "$root/tools/run.sh" "$1" ticks >"$log" 2>/dev/null
    status=$?
    if [ $status != 77 ]; then
        echo "$1, $WIDTH bit:"
        ticks "$log"
        compare_seconds "$1"
        case $1 in tcg*) compare_cores "$1" ;; esac
    fi
    rm -f "$log"
}

# Programs per second, and how many runs that took.
explore() {
    DIAGNOSE=no "$root/tools/run.sh" "$1" explore=forever seed=1 time=20 2>/dev/null |
        sed -n "s/^# explore: \\(.*seed.*\\)/  $1: \\1/p"
}

case ${1:-} in -*) sed -n 's/^# usage/usage/p' "$0" && exit 2 ;; esac
[ $# != 0 ] || set -- bochs-vmx bochs-svm tcg-svm kvm
for platform; do
    for WIDTH in 32 64; do
        export WIDTH
        bench "$platform"
    done
done
echo "explorer:"
for vendor in vmx svm; do
    "$root/build/lhv-model" explore=100000 seed=1 vendor=$vendor | sed -n "s/^# explore: /  $vendor on the host: /p"
done
for platform; do
    explore "$platform"
done
echo "diagnosis:"
/usr/bin/python3 "$root/tests/diagnose/bench.py"
