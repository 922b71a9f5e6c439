# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# What a run left says. Made to be sourced; lib/machine.sh describes the files in $work.

# PASS, FAIL or ERROR, from the kernel's last line; nothing if it did not come that far.
verdict_of() {
    tail -n 1 "$1" 2>/dev/null | sed -n 's/^LHV: \(PASS\|FAIL\|ERROR\)$/\1/p'
}

# Where the kernel was, from what it left at port E9 (file $1): "@17 hlt iret" opens
# experiment 17 and names its steps, "ok 4 17 name" closes it. Bochs' debugger writes to the
# same place, without a new line: "(0).[1234] ...".
verdict_crumbs() {
    tr -d '\r' <"$1" | sed 's/([0-9]*)\.\[.*//' | awk '
        BEGIN { where = "before the first experiment" }
        /^@[0-9]/ {
            number = substr($1, 2)
            $1 = ""
            where = "in experiment " number ($0 == "" ? "" : ", last steps:" $0)
        }
        /^@prog=/ { where = "in " substr($0, 2) }
        /^ok / { where = "after experiment " $3 }
        /^not ok / { where = "after experiment " $4 }
        END { print where }'
}

verdict_timed_out() {
    [ "$1" = 124 ] || [ "$1" = 137 ]
}

# Why there is no last line; $1 is the emulator's exit status.
verdict_missing() {
    if ! grep -aq '^KTAP' "$work/crumbs" "$work/console.log" 2>/dev/null; then
        echo "the kernel did not start (the emulator's exit status: $1)"
    elif verdict_timed_out "$1"; then
        echo "hang, no last line in $LIMIT s, $(verdict_crumbs "$work/crumbs")"
    else
        echo "the machine stopped (triple fault?) $(verdict_crumbs "$work/crumbs")"
    fi
}

verdict_status() {
    case $1 in PASS) return 0 ;; FAIL) return 1 ;; *) return 2 ;; esac
}

# Without a serial port the console is what came to port E9.
verdict_console() {
    if [ "$SERIAL" = none ]; then
        grep -av -e "^@" -e "^$" "$work/crumbs" | tee "$work/console.log"
    fi
}

# Which broken rules explain a FAIL. Where the model cannot be had: nothing.
verdict_diagnose() {
    [ "$DIAGNOSE" = no ] ||
        BUILD=$BUILD "$root/tools/diagnose" - <"$work/console.log" 2>/dev/null | sed 's/^-: //' >&2
}

# Says how the run ended, $1 being the emulator's exit status; returns the run's status.
verdict_report() {
    local verdict told note=""
    verdict_console
    verdict=$(verdict_of "$work/console.log")
    told=$(qemu_verdict "$1")
    if [ -z "$verdict" ]; then
        verdict=ERROR
        note=": $(verdict_missing "$1")"
        # An emulator that was stopped says so; that is no news.
        verdict_timed_out "$1" || complaints | sed 's/^/    /' >&2
    elif [ "${told:-$verdict}" != "$verdict" ]; then
        note=": the last line says $verdict, QEMU's exit status $told"
        verdict=ERROR
    fi
    # shellcheck disable=SC2154 # set by run.sh, like $work
    [ -z "$LOG" ] || cp "$work/console.log" "$LOG/$platform-$width$log_name.log"
    sum_up "$verdict, $(cat "$work/seconds") s$note"
    [ "$verdict" != FAIL ] || verdict_diagnose
    verdict_status "$verdict"
}
