# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# One run of one machine, whatever emulates it. Made to be sourced.
# $work is the run's directory. In it: serial (a FIFO, where the machine's COM1 goes),
# console.log (the console as text), crumbs (what the kernel wrote to port E9), stdout and
# stderr of the emulator, seconds (from its start to the last line). $machine says what it is.

# Copies the console to stdout and into the log as it comes, up to the kernel's last line. What
# the machine is comes first: the kernel cannot know it all.
machine_console() {
    local line
    echo "# machine: $machine" | tee "$work/console.log"
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line%$'\r'}
        printf '%s\n' "$line"
        printf '%s\n' "$line" >&4
        case $line in "LHV: PASS" | "LHV: FAIL" | "LHV: ERROR") return ;; esac
    done 4>>"$work/console.log"
}

# Some ways to end leave an emulator running ("halt", Bochs' ACPI power-off): end it, $1.
machine_stop() {
    local _
    for _ in {1..20}; do
        kill -0 "$1" 2>/dev/null || return
        sleep 0.1
    done
    kill "$1" 2>/dev/null
}

machine_seconds() {
    local us=$((${EPOCHREALTIME/./} - $1))
    printf '%d.%02d\n' $((us / 1000000)) $((us / 10000 % 100)) >"$work/seconds"
}

# Runs an emulator for $LIMIT seconds at most; returns its exit status, or 124 or 137 when
# it had to be stopped (timeout(1)).
machine_run() {
    local console emulator start=${EPOCHREALTIME/./}
    rm -f "$work/serial"
    mkfifo "$work/serial"
    machine_console <"$work/serial" &
    console=$!
    # With a writer of our own the console's end is ours to choose, even if the emulator
    # fails before it opens its serial port.
    exec 3>"$work/serial"
    timeout -k 5 "$LIMIT" "$@" </dev/null >"$work/stdout" 2>"$work/stderr" 3>&- &
    emulator=$!
    # shellcheck disable=SC2064 # this emulator
    trap "kill $emulator 2>/dev/null; exit 2" INT TERM
    wait -n $console $emulator
    machine_seconds "$start"
    kill -0 $console 2>/dev/null || machine_stop $emulator
    exec 3>&-
    wait $console
    wait $emulator
}
