# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# One run of one machine, whatever emulates it. Made to be sourced.
# $work is the run's directory. In it: serial (a FIFO, where the machine's COM1 goes),
# console.log (the console as text), crumbs (what the kernel wrote to port E9), stdout and
# stderr of the emulator, seconds (from its start to the last line). $machine says what it is.
# If the run did not end by itself, "stopped" says why: silent, slow or unwritable, and a reason.

# The file $1 as a value in QEMU's lists of key=value.
machine_quoted() {
    printf '%s' "${1//,/,,}"
}

# Copies the console to stdout and into the log as it comes, up to the kernel's last line. What
# the machine is comes first: the kernel cannot know it all.
machine_console() {
    local line
    trap '' PIPE
    machine_put "# machine: $machine" || return
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line%$'\r'}
        machine_put "$line" || return
        case $line in "LHV: PASS" | "LHV: FAIL" | "LHV: SKIP" | "LHV: ERROR") return ;; esac
    done
} 4>>"$work/console.log"

# One line to both. What cannot be written ends the run: its verdict would be a guess.
machine_put() {
    if ! printf '%s\n' "$1" 2>"$work/error"; then
        echo "unwritable stdout: $(sed 's/.*error: //' "$work/error")" >"$work/stopped"
        return 1
    fi
    if ! printf '%s\n' "$1" 2>"$work/error" >&4; then
        echo "unwritable $work: $(sed 's/.*error: //' "$work/error")" >"$work/stopped"
        return 1
    fi
    progress_put "$1"
}

# Waits for $1 seconds, without a process of its own.
machine_sleep() {
    read -r -t "$1" -u 8
}

# Our part of the processors, in percent: on a host with too much to do time is worth less.
machine_share() {
    local running cores
    cores=$(nproc)
    read -r _ _ _ running _ </proc/loadavg
    running=${running%/*}
    echo $((100 * cores / (running > cores ? running : cores)))
}

# Changes whenever the kernel gives a sign of life.
machine_life() {
    stat -L -c %s "$work/console.log" "$work/crumbs" 2>/dev/null
}

# Ends when the machine has been silent for $LIMIT seconds, or has run for $LONGEST. Counts its own
# looks at it: a host that was suspended was not waiting. While nothing is printed it says how far it is.
machine_watch() {
    local silent=0 looks=0 quiet=0 life seen=""
    while machine_sleep 0.5 || true; do
        looks=$((looks + 1)) silent=$((silent + $(machine_share))) quiet=$((quiet + 1))
        life=$(machine_life)
        [ "${life%%$'\n'*}" = "${seen%%$'\n'*}" ] || quiet=0 # the console's size
        [ "$life" = "$seen" ] || seen=$life silent=0
        [ $(((quiet + 1) % (2 * PROGRESS_SECONDS))) != 0 ] || progress_show "$work/crumbs" 0
        if [ $silent -ge $((200 * LIMIT)) ]; then
            echo silent >"$work/stopped" && return
        elif [ $looks -ge $((2 * LONGEST)) ]; then
            echo slow >"$work/stopped" && return
        fi
    done
}

# Ends the emulator $1. It is given two seconds to do that itself, unless it was stopped: some ways
# to end leave it running ("halt", Bochs' ACPI power-off).
machine_stop() {
    local tenth
    for tenth in {0..70}; do
        kill -0 "$1" 2>/dev/null || return
        if [ "$tenth" = 20 ] || { [ "$tenth" = 0 ] && [ -e "$work/stopped" ]; }; then
            kill "$1" 2>/dev/null
        fi
        machine_sleep 0.1
    done
    kill -s KILL "$1" 2>/dev/null
}

machine_seconds() {
    local us=$((${EPOCHREALTIME/./} - $1))
    printf '%d.%02d\n' $((us / 1000000)) $((us / 10000 % 100)) >"$work/seconds"
}

# Runs an emulator; returns its exit status.
machine_run() {
    local console emulator watch start=${EPOCHREALTIME/./}
    rm -f "$work/serial"
    : >>"$work/crumbs" && mkfifo "$work/serial" "$work/clock" && exec 8<>"$work/clock" || return
    machine_console <"$work/serial" &
    console=$!
    # With a writer of our own the console's end is ours to choose, even if the emulator
    # fails before it opens its serial port.
    exec 3>"$work/serial"
    "$@" </dev/null >"$work/stdout" 2>"$work/stderr" 3>&- 8>&- &
    emulator=$!
    machine_watch 3>&- &
    watch=$!
    printf '%s\n' $console $emulator $watch >"$TMPDIR/pids"
    wait -n $console $emulator $watch
    machine_seconds "$start"
    kill $watch 2>/dev/null
    machine_stop $emulator
    exec 3>&- 8>&-
    wait $console $watch 2>/dev/null
    wait $emulator 2>/dev/null
}
