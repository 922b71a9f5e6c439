#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/bench.sh [PLATFORM...]
#
# How fast it is, per platform and width: ticks of the (emulated) TSC from the kernel's entry
# to the first experiment and per experiment, and the seconds from the emulator's start to the
# verdict; and how long the diagnosis takes. Numbers to read, not a test: nothing here passes or
# fails.
set -u

root=$(cd "$(dirname "$0")/.." && pwd) || exit 2
RUNS=${RUNS:-5}

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
                printf "  ticks per experiment           median %d, mean %d, max %d (%d)\n",
                    ticks[int((NR + 1) / 2)], sum / NR, ticks[NR], number[NR]
        }'
}

# The seconds of $RUNS runs, as run.sh measures them.
seconds() {
    for _ in $(seq "$RUNS"); do
        "$root/tools/run.sh" "$1" 2>&1 >/dev/null |
            sed -n 's/^run\.sh: .* bit: [A-Z]*, \([0-9.]*\) s.*/\1/p'
    done | sort -n | awk '
        { s[NR] = $1 }
        END {
            if (NR)
                printf "  seconds from start to verdict  min %s, median %s, max %s (%d runs)\n",
                    s[1], s[int((NR + 1) / 2)], s[NR], NR
        }'
}

bench() {
    local log status
    log=$(mktemp)
    "$root/tools/run.sh" "$1" verbose >"$log" 2>/dev/null
    status=$?
    if [ $status != 77 ]; then
        echo "$1, $WIDTH bit:"
        ticks "$log"
        seconds "$1"
    fi
    rm -f "$log"
}

[ $# != 0 ] || set -- bochs-vmx bochs-svm tcg-svm kvm
for platform; do
    for WIDTH in 32 64; do
        export WIDTH
        bench "$platform"
    done
done
echo "diagnosis:"
/usr/bin/python3 "$root/tests/diagnose/bench.py"
