#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/flakes.sh [PLATFORM... [repeat=N]]
#
# Runs every experiment 3,000 times in random order on each platform, and prints how often each one
# failed: always is a mistake of the machine's; now and then is one of ours, or of the machine's
# timing, and has a cause. LONGEST=seconds ends a platform early, as run.sh does; that is said.
# Exit status: 0 no experiment fails now and then (or tests/expected says CHANCE), 1 one does.
set -u

root=$(cd "$(dirname "$0")/.." && pwd) || exit 2
repeat=repeat=3000 seed=$((RANDOM)) worst=0
platforms=()
for word; do
    case $word in
    repeat=*) repeat=$word ;;
    -*) sed -n 's/^# usage/usage/p' "$0" && exit 2 ;;
    *) platforms+=("$word") ;;
    esac
done
[ ${#platforms[@]} != 0 ] || platforms=(tcg-svm tcg bochs-vmx bochs-svm kvm)

# Whether tests/expected knows it as one that fails by chance.
is_chance() {
    grep -qE "^$2 +CHANCE" "$root/tests/expected/$1.txt" 2>/dev/null
}

# Reads a console: a line for each experiment that failed, "now and then" unless it was always.
rates() {
    sed -n -e 's/^not ok [0-9]* \([0-9]*\) \([a-z0-9_]*\).*/fail \1 \2/p' \
        -e 's/^# \([0-9]*\): failed \([0-9]*\) of \([0-9]*\) times.*/some \1 \2 \3/p' "$1" | awk '
        $1 == "fail" { name[$2] = $3; order[++n] = $2 }
        $1 == "some" { some[$2] = $3; of[$2] = $4 }
        END {
            for (i = 1; i <= n; i++) {
                e = order[i]
                if (e in some && some[e] < of[e])
                    printf "%s %s: %d of %d times, %.3f %%\n", e, name[e], some[e], of[e], 100 * some[e] / of[e]
                else
                    printf "%s %s: each time\n", e, name[e]
            }
        }'
}

for platform in "${platforms[@]}"; do
    log=$(mktemp)
    DIAGNOSE=no "$root/tools/run.sh" --no-install "$platform" "$repeat" order=random "seed=$seed" \
        >"$log" 2>"$log.notes"
    status=$?
    if [ $status = 77 ]; then
        echo "$platform: not available here"
    else
        echo "$platform, $repeat seed=$seed: $(tail -n 1 "$log.notes")"
        while read -r line; do
            note=""
            case $line in
            *"each time") ;;
            *) if is_chance "$platform" "${line%% *}"; then note=" (expected: CHANCE)"; else worst=1; fi ;;
            esac
            echo "  $line$note"
        done < <(rates "$log")
        [ $status != 2 ] || worst=1
    fi
    rm -f "$log" "$log.notes"
done
exit $worst
