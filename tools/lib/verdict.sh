# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# What a run left says. Made to be sourced; lib/machine.sh describes the files in $work.

# PASS, FAIL, SKIP or ERROR, from the kernel's last line; nothing if it did not come that far.
verdict_of() {
    tail -n 1 "$1" 2>/dev/null | sed -n 's/^LHV: \(PASS\|FAIL\|SKIP\|ERROR\)$/\1/p'
}

# Where the kernel was, from what it left at port E9 (file $1): "@17 hlt iret" opens
# experiment 17 and names its steps, "ok 4 17 name" closes it.
verdict_crumbs() {
    progress_crumbs <"$1" | awk '
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

# The signal that an exit status of the emulator stands for, if any.
verdict_signal() {
    [ "$1" -gt 128 ] && kill -l "$(($1 - 128))" 2>/dev/null
}

# Why the run was ended from here, if it was; $work/stopped is lib/machine.sh's.
verdict_stopped() {
    local why what
    [ -e "$work/stopped" ] || return
    read -r why what <"$work/stopped"
    case $why in
    silent) echo "hang, no sign of life for $LIMIT s, $1" ;;
    slow) echo "stopped after $LONGEST s, still moving, $1" ;;
    lost) echo "not begun: the emulator of the lab has ended before" ;;
    *) echo "cannot write ${what:-to $work}, $1" ;;
    esac
}

# Why there is no last line; $1 is the emulator's exit status.
verdict_missing() {
    local where signal
    if grep -aq '^KTAP' "$work/crumbs" "$work/console.log" 2>/dev/null; then
        where=$(verdict_crumbs "$work/crumbs")
    else
        where="the kernel did not start"
    fi
    if verdict_stopped "$where"; then
        return
    elif signal=$(verdict_signal "$1"); then
        [ "$signal" != KILL ] || signal="KILL (as Linux does when memory runs out)"
        echo "something killed the emulator with SIG$signal, $where"
    elif [ "$where" = "the kernel did not start" ]; then
        echo "$where (the emulator's exit status: $1)"
    else
        echo "the machine stopped (triple fault?) $where"
    fi
}

verdict_status() {
    case $1 in PASS) return 0 ;; FAIL) return 1 ;; SKIP) return 77 ;; *) return 2 ;; esac
}

# Without a serial port, or with one that the kernel does not use (com=none), the console is what
# came to port E9.
verdict_console() {
    if ! grep -aq '^KTAP' "$work/console.log" && grep -aq '^KTAP' "$work/crumbs"; then
        tr -d '\r' <"$work/crumbs" | sed -n '/KTAP version/,/^LHV: /p' | grep -av -e "^@" -e "^$" |
            tee -a "$work/console.log"
    fi 2>/dev/null
}

# Which broken rules explain a FAIL; where the model cannot be had, why not.
verdict_diagnose() {
    [ "$DIAGNOSE" = no ] ||
        BUILD=$BUILD "$root/tools/diagnose" - <"$work/console.log" 2>&1 | sed 's/^-: //' >&2
}

# Sets verdict and note: how the run ended, $1 being the emulator's exit status.
verdict_judge() {
    local told
    note=""
    verdict=$(verdict_of "$work/console.log")
    told=$(qemu_verdict "$1")
    if [ -z "$verdict" ]; then
        verdict=ERROR
        note=": $(verdict_missing "$1")"
        # What an emulator says that was stopped is no news.
        [ -e "$work/stopped" ] || complaints 2>/dev/null | sed 's/^/    /' >&2
    elif [ "${told:-$verdict}" != "$verdict" ]; then
        note=": the last line says $verdict, QEMU's exit status $told"
        verdict=ERROR
    fi
    expect_keep
    # shellcheck disable=SC2154 # set by run.sh, like $work
    if [ -n "$LOG" ] && ! cp "$work/console.log" "$LOG/$platform-$width$log_name.log"; then
        note="$note: the log is not kept"
        verdict=ERROR
    fi
}

# Against what is known. Sets status, and adds to the note.
verdict_compare() {
    local compared
    verdict_status "$verdict"
    status=$?
    [ "$status" != 2 ] || return
    expect_news
    compared=$?
    [ -n "$news" ] || return
    sed '$d; s/^/    /' <<<"$news" >&2
    note="$note: ${news##*$'\n'}"
    if [ -n "$expect" ] && { [ "$status" != 77 ] || [ $compared != 0 ]; }; then
        status=$compared
    fi
}

# Says how the run ended; returns its status.
verdict_report() {
    local verdict note status news="" seconds="not begun"
    verdict_console
    verdict_judge "$1"
    verdict_compare
    [ ! -e "$work/seconds" ] || seconds="$(cat "$work/seconds") s"
    sum_up "$verdict, $seconds$note"
    [ "$verdict" != FAIL ] || [ "$status" = 0 ] || verdict_failed
    return "$status"
}

# The experiment that is to be looked at first: what is news, or failed first.
verdict_first_failure() {
    sed -n 's/^news: \([0-9]*\) .*/\1/p' <<<"$news" | grep . ||
        sed -n 's/^not ok [0-9]* \([0-9]*\) .*/\1/p' "$work/console.log"
}

verdict_failed() {
    verdict_first_failure | head -n 1 >>"$folder/failed"
    verdict_diagnose
}

# The last words after a FAIL.
verdict_pointer() {
    local number
    read -r number <"$folder/failed" || return
    say "what now? docs/a-failure.md. All that is known of $number: tools/diagnose --explain $number"
}
