# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# What a run will take and how far it is, on stderr, and how long it may take. Made to be sourced.
# The kernel's breadcrumbs say how far (src/nmi/story.h); in $work, planned has the microsecond in which
# the experiments began and how many runs of one there will be, pace how many microseconds each took.

PROGRESS_SECONDS=5 # between two lines, and only while the console is silent
PROGRESS_RUNS=20   # a pace of fewer is none

# The largest number that the words "$@" give to $1=, or $2; no number is the kernel's to complain of.
progress_word() {
    local name=$1 most=$2 word
    shift 2
    for word; do
        case $word in
        "$name="*[!0-9]* | "$name="????????*) ;;
        "$name="[1-9]*) [ "${word#*=}" -le "$most" ] || most=${word#*=} ;;
        esac
    done
    echo "$most"
}

# What LIMIT and LONGEST are unless they are set: $limit is for timeout=5, and for one pass.
progress_limits() {
    local all timeout passes seconds
    read -ra all <<<"${arguments[*]}"
    timeout=$(progress_word timeout 5 "${all[@]}") passes=$(progress_word repeat 1 "${all[@]}")
    seconds=$(progress_word time 0 "${all[@]}")
    LIMIT=${LIMIT:-$((limit * timeout / 5))}
    LONGEST=${LONGEST:-$((30 * LIMIT * passes + seconds))}
}

# $1: seconds
progress_time() {
    if [ "$1" -lt 300 ]; then
        echo "$1 s"
    elif [ "$1" -lt 6000 ]; then
        echo "$(($1 / 60)) min"
    else
        echo "$(($1 / 3600)) h"
    fi
}

# So many CPUs does cpus= name.
progress_cpus() {
    local word count=1 range ranges
    for word; do
        case $word in
        cpus=all) count=$CPUS ;;
        cpus=*[!0-9,-]* | cpus=) ;;
        cpus=*)
            IFS=, read -ra ranges <<<"${word#cpus=}"
            count=0
            for range in "${ranges[@]}"; do count=$((count + 10#0${range#*-} - 10#0${range%-*} + 1)); done
            ;;
        esac
    done
    echo "$count"
}

progress_pace_file() {
    echo "$BUILD/log/last/$platform-$width.pace"
}

# The plan has come: $1 experiments.
progress_plan() {
    local all passes subjects pace what=" experiments"
    read -ra all <<<"${words[*]}"
    case " ${all[*]}" in *" explore="* | *" prog="* | *" repeat=forever"*) return ;; esac
    passes=$(progress_word repeat 1 "${all[@]}") subjects=$(progress_cpus "${all[@]}")
    echo "${EPOCHREALTIME/./} $(($1 * passes * subjects)) $subjects" >"$work/planned"
    [ "$1" != 1 ] || what=" experiment"
    [ "$passes" = 1 ] || what="$what, $passes times"
    [ "$subjects" = 1 ] || what="$what, on $subjects CPUs"
    pace=$(cat "$(progress_pace_file)" 2>/dev/null) || pace=""
    case $pace in
    "" | *[!0-9]*) what="$what: the first run here, how long is not known" ;;
    *) what="$what: about $(progress_time $((pace * $1 * passes * subjects / 1000000 + 1)))" ;;
    esac
    say "$platform, $width bit$run_name: $1$what, at most $(progress_time "$LONGEST")"
}

progress_end() {
    local began runs
    read -r began runs _ 2>/dev/null <"$work/planned" || return 0
    [ "$runs" -lt $PROGRESS_RUNS ] || echo $(((${EPOCHREALTIME/./} - began) / runs)) >"$work/pace"
}

# A line of the console. Before a platform's runs it is a probe's.
progress_put() {
    [ -n "${width:-}" ] || return 0
    case $1 in
    1..[1-9]*) progress_plan "${1#1..}" ;;
    "LHV: PASS" | "LHV: FAIL" | "LHV: SKIP") progress_end ;;
    esac
    return 0
}

# For the next run's estimate.
progress_keep() {
    [ ! -e "$work/pace" ] || cp "$work/pace" "$(progress_pace_file)" 2>/dev/null
}

# Crumbs as text: Bochs' debugger writes to the same place, without a new line: "(0).[1234] ...".
progress_crumbs() {
    tr -d '\r\0' | sed 's/([0-9]*)\.\[.*//'
}

# Seconds that are left to do (0: nobody knows) of what took $1 on one CPU (0: on several), then how
# far the crumbs on stdin say that it is. The last of them may be cut: a pass counts with its experiment.
progress_far() {
    progress_crumbs | awk -v seconds="$1" '
        /^@pass / { next_pass = substr($0, 2); pass = $2; passes = $3 == "of" ? $4 : 0 }
        /^@[0-9]+ / && next_pass {
            far = next_pass ", at experiment " substr($1, 2)
            left = pass > 1 && passes ? int(seconds * (passes - pass + 1) / (pass - 1)) : 0
        }
        END { if (far) print left, far }'
}

# $1: the file with the crumbs, of which the first $2 bytes are an earlier run's
progress_show() {
    local began subjects seconds left far
    read -r began _ subjects 2>/dev/null <"$work/planned" || return 0
    seconds=$(((${EPOCHREALTIME/./} - began) / 1000000))
    read -r left far < <(tail -c "+$(($2 + 1))" "$1" 2>/dev/null | tail -c 65536 |
        progress_far $((subjects == 1 ? seconds : 0))) || return 0
    [ "$left" = 0 ] || far="$far, about $(progress_time "$left") left"
    say "$platform, $width bit$run_name: $(progress_time $seconds), $far"
}
