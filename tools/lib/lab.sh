# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# The KVM lab: an emulator boots Debian's Linux, whose KVM runs LHV. Made to be sourced, after
# lib/machine.sh, lab/kernel.sh and lab/initramfs.sh.
#
# Linux takes most of the time, so it boots once for all runs of a platform: the first launch
# starts the emulator, each launch follows the console from "LAB run" to "LAB end" (lab/init),
# and lab_finish stops the emulator.
#
# A platform's file says how: lab_module (KVM's part for the vendor), lab_carrier (the emulator,
# in words), lab_words (for Linux), lab_kernel (if 6.1 is too old), lab_guest_cpu (for the QEMU in
# there) and lab_emulator, which sets the array "emulator" to what
# boots Linux with $scratch/initrd and the serial ports $scratch/serial and $scratch/life. To the
# second one lab/init writes whenever LHV, in there, gives a sign of life, and
# how far it is.

KERNEL=${KERNEL:-} KVM_ARGS=${KVM_ARGS:-}
LAB_SAYS=${LAB_SAYS:-} # for a test: what Linux is made to complain of in each run
LAB_BOOT_LIMIT=${LAB_BOOT_LIMIT:-400} # seconds until LHV starts; Linux needs 10 to 90
lab_runs=0 lab_running="" lab_last="" lab_complained="" lab_linux="" lab_life="" lab_gone="" lab_silent=0 lab_looks=0
lab_lived=0

# "quiet loglevel=1": Linux's messages would come in the middle of LHV's lines. The rest is for
# speed, but for the timer's check: on a busy host it panics.
lab_linux_words() {
    echo "console=ttyS0,115200 quiet loglevel=1 panic=-1 mitigations=off audit=0" \
        "cryptomgr.notests no_timer_check ${lab_words:-}"
}

lab_available() {
    reason="what the lab boots is missing"
    KERNEL=${KERNEL:-${lab_kernel:-6.1}}
    mkdir -p "$LAB" || return
    {
        flock 9 && initramfs_busybox && kernel_get && initramfs_make "$lab_module"
    } 9>"$LAB/lock" && lab_arguments && (for_each_run lab_modules modules_make) # it sets variables that are in use
}

# Does "$@" for the modules of the run: its word patch=FILE takes the place of PATCH.
lab_modules() {
    local word PATCH=$PATCH
    for word in "${words[@]}"; do
        case $word in patch=*) PATCH=${word#patch=} ;; esac
    done
    "$@" || exit
}

# The module of KVM_ARGS' parameter $1: kvm's or the vendor's.
lab_parameter_of() {
    local module
    for module in kvm "$lab_module"; do
        initramfs_module_parameters "$(kernel_module "$module")" | grep -qx "$1" && echo "$module" && return
    done
}

# Sets kvm_args and vendor_args, of KVM_ARGS; fails, having said why.
lab_arguments() {
    local argument
    kvm_args="" vendor_args=""
    for argument in $KVM_ARGS; do
        case $argument=$(lab_parameter_of "${argument%%=*}") in
        *=*=kvm) kvm_args="$kvm_args $argument" ;;
        *=*="$lab_module") vendor_args="$vendor_args $argument" ;;
        *) reason="KVM_ARGS: $argument is no PARAMETER=VALUE of kvm or $lab_module" && return 1 ;;
        esac
    done
}

lab_progress() {
    echo "$platform: $((SECONDS - lab_start)) s: $*" >&2
}

# A line of /lab/jobs, and the modules that it wants, as /lab/modules/SET; -: Linux's own.
lab_job() {
    local word set=- plain=() made
    for word in "${words[@]}"; do
        case $word in patch=*) ;; *) plain+=("$word") ;; esac
    done
    modules_make || return
    if [ -n "$modules_directory" ]; then
        set=${modules_directory##*-} made=$scratch/jobs/lab/modules/${modules_directory##*-}
        mkdir -p "$made" && cp "$modules_directory"/{kvm,"$lab_module"}.ko "$made/" &&
            strip --strip-debug "$made"/*.ko && modules_name >"$made/name" || return
    fi
    echo "run lhv$width.elf $(printf '%q' "${plain[*]}") $set"
}

# What differs from boot to boot, as an archive of its own. It comes first and uncompressed:
# Linux's unpacker of lz4 takes whatever follows for more of the same.
lab_initrd() {
    mkdir -p "$scratch/jobs/lab"
    cp "$BUILD/lhv32.elf" "$BUILD/lhv64.elf" "$scratch/jobs/lab/"
    (for_each_run lab_modules lab_job) >"$scratch/jobs/lab/jobs" || return # it sets variables that are in use
    echo "cpus=$CPUS memory=$MEMORY limit=$LIMIT longest=$LONGEST extra=$(printf '%q' "$EXTRA")" \
        "cpu=${lab_guest_cpu:-host} says=$(printf '%q' "$LAB_SAYS")" \
        "kvm_args='${kvm_args# }' vendor_args='${vendor_args# }'" >"$scratch/jobs/lab/settings"
    initramfs_pack "$scratch/jobs" | cat - "$(initramfs_file "$lab_module")" >"$scratch/initrd"
}

# Starts the emulator, with its serial port as our file 5: open for writing too, so that nobody
# waits for the other side to open it. File 6 is the Xen lab's.
lab_power_on() {
    exec 5<>"$scratch/serial" 8<>"$scratch/clock"
    "${emulator[@]}" </dev/null >"$scratch/stdout" 2>"$scratch/stderr" 5>&- 6>&- 8>&- &
    lab_pid=$!
    echo $lab_pid >"$TMPDIR/pids"
}

lab_boot() {
    mkfifo "$scratch/serial" "$scratch/clock" && lab_initrd && lab_emulator || return
    lab_progress "Linux $KERNEL boots on $lab_carrier"
    lab_power_on
}

lab_still_booting() {
    [ -z "$lab_linux" ] && [ $(((SECONDS - lab_start) % 10)) = 0 ] && lab_progress "still booting"
}

# After a second without a line. LHV is given its time thrice, since the emulator's clock is not
# ours, and lab/init minds it too.
lab_waited() {
    local life patience=$LAB_BOOT_LIMIT
    [ -z "$lab_running" ] || patience=$((3 * LIMIT + 30))
    life=$(stat -c %s "$scratch/life" 2>/dev/null)
    [ "$life" = "$lab_life" ] || lab_life=$life lab_silent=0
    lab_silent=$((lab_silent + $(machine_share))) lab_looks=$((lab_looks + 1))
    if [ $lab_silent -ge $((100 * patience)) ]; then
        echo silent >"$work/stopped"
    elif [ $lab_looks -ge $((LAB_BOOT_LIMIT + 3 * LONGEST)) ]; then
        echo slow >"$work/stopped"
    fi
    [ ! -e "$work/stopped" ]
}

# The next line of the console, as $line. Fails when it has to be waited for too long, and when
# the emulator has ended and all it wrote is read.
lab_line() {
    local part quiet=0
    line=""
    while ! IFS= read -r -t 1 -u 5 part; do
        line=$line$part
        lab_waited || return
        kill -0 "$lab_pid" 2>/dev/null || read -r -t 0 -u 5 || return
        lab_still_booting
        quiet=$((quiet + 1))
        [ -z "$lab_running" ] || [ $((quiet % PROGRESS_SECONDS)) != 0 ] || progress_show "$scratch/life" "$lab_lived"
    done
    lab_silent=0
    line=$line$part
    line=${line%%$'\r'*} # LHV writes one, and Linux's terminal adds one
}

lab_console() {
    machine_put "$1" 4>>"$work/console.log"
}

# LHV's last line waits for what Linux had to complain of: that makes a FAIL of it.
lab_put() {
    case $1 in
    "LHV: "*) lab_last=$1 ;;
    *) lab_console "$1" ;;
    esac
}

# Whether Linux says by line $1 that it is broken: not that the host is slow, or that a guest is odd.
lab_is_broken() {
    case $1 in
    *lockup* | *stall* | *"blocked for more"*) return 1 ;;
    *WARNING:* | *BUG:* | *"kernel BUG"* | *Oops* | *SAN:* | *"protection fault"*) ;;
    *INFO:*lock* | *vmread* | *vmwrite*) ;;
    *) return 1 ;;
    esac
}

# Linux said $2 while LHV was at $1, an experiment's number or prog=PROGRAM (-: before the first).
lab_complaint() {
    if [ -z "$lab_running" ] || ! lab_is_broken "$2"; then
        case $2 in
        *kvm*unhandled* | *kvm*fail* | *kvm*error* | *WARNING:* | *BUG:* | *Oops*) lab_progress "Linux says: $2" ;;
        esac
        return 0
    fi
    lab_progress "Linux complains in $1: $2"
    lab_complained=yes
    lab_console "# $1: Linux complains: $2"
}

# LHV's end, with the exit status $1 of its QEMU.
lab_run_ends() {
    lab_running="" lab_status=$1
    if [ -n "$lab_complained" ]; then
        case $lab_last in "LHV: PASS" | "LHV: SKIP") lab_last="LHV: FAIL" lab_status=35 ;; esac
    fi
    [ -z "$lab_last" ] || lab_console "$lab_last"
    lab_last="" lab_complained=""
}

# LHV's start.
lab_run_begins() {
    lab_running=yes lab_last="" lab_complained=""
    lab_lived=$(stat -c %s "$scratch/life" 2>/dev/null) || lab_lived=0
    lab_began=${EPOCHREALTIME/./}
    lab_console "# machine: $lab_linux, on $lab_carrier"
}

# A line of lab/init's, without LAB and the time. $1: what it is
lab_event() {
    local what=$1
    shift
    case $what in
    up) lab_linux=$* && lab_progress "$lab_linux" ;;
    run) lab_run_begins ;;
    crumb) printf '%s\n' "$*" >>"$work/crumbs" ;;
    stderr) printf '%s\n' "$*" >>"$work/stderr" ;;
    problem) lab_progress "Linux says: $*" ;;
    complaint) lab_complaint "$1" "${*:2}" ;;
    stopped) printf '%s\n' "$*" >"$work/stopped" ;;
    end) lab_run_ends "$2" ;;
    esac
}

# Linux is silent, or its emulator has ended, or nobody reads on: this was the last run.
lab_lost() {
    lab_gone=yes
    machine_stop "$lab_pid"
    wait "$lab_pid" 2>/dev/null
    lab_status=$?
    [ -z "$lab_last" ] || lab_console "$lab_last"
    lab_last=""
    cat "$scratch/stderr" >>"$work/stderr"
}

# Follows the console to the end of the run.
lab_follow() {
    local line event
    while lab_line; do
        case $line in
        "LAB "*)
            read -ra event <<<"$line"
            lab_event "${event[@]:2}" || break
            [ "${event[2]}" != end ] || return 0
            ;;
        "") ;;
        *) if [ -z "$lab_running" ]; then lab_progress "$line"; else lab_put "$line" || break; fi ;;
        esac
    done
    lab_lost
}

# Before a run: nothing has been said or waited for.
lab_begin() {
    lab_began=${EPOCHREALTIME/./} lab_start=${lab_start:-$SECONDS} lab_silent=0 lab_looks=0
    trap '' PIPE
    : >"$work/crumbs" && : >"$work/stderr" && : >"$work/console.log"
}

# Runs LHV; returns its QEMU's exit status.
lab_launch() {
    lab_runs=$((lab_runs + 1))
    lab_begin
    [ $lab_runs != 1 ] || lab_boot || return
    [ -z "$lab_gone" ] || { echo lost >"$work/stopped" && return 1; }
    lab_follow
    machine_seconds "$lab_began"
    return "$lab_status"
}

# Bochs does not end when Linux powers off.
lab_finish() {
    [ -n "${lab_pid:-}" ] || return 0
    kill "$lab_pid" 2>/dev/null
    wait "$lab_pid" 2>/dev/null
}
