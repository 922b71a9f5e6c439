# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# The Xen lab: an emulator boots Xen with Linux as dom0, and LHV is a PVH guest with nested virtualization.
# Made to be sourced, after lib/lab.sh and lab/xen.sh.
#
# Xen boots once for all runs. dom0 (lab/xen-init) takes orders from COM2. On COM1 is Xen's console: lines
# "(dN) " are what the guest writes to port E9, "(XEN) " is Xen, "LAB " dom0. When the guest or Xen
# ends in an experiment, or is stuck, that experiment has failed, with Xen's last words, and the run goes
# on behind it, in a new guest: results are counted on, and the totals are those of all guests.

XEN_PIECE=199 # Xen breaks a guest's line after so many characters
XEN_LAST=12   # words of Xen's that a failure quotes
XEN_WORDS="console=com1 com1=115200,8n1 loglvl=warning guest_loglvl=all noreboot dom0_max_vcpus=1
    dom0_mem=400M,max:400M spec-ctrl=no xpti=no watchdog=0"

lab_xen_available() {
    # shellcheck disable=SC2034 # run.sh's
    reason="what the Xen lab boots is missing"
    mkdir -p "$LAB" || return
    { flock 9 && initramfs_busybox && xen_get && xen_make; } 9>"$LAB/lock" || return
    reason="XEN=${XEN:-} is no hypervisor to boot"
    [ -z "${XEN:-}" ] || [ -f "$XEN" ]
}

# Starts Xen; its console is our file 5, and dom0's orders are written to file 6.
lab_xen_boot() {
    local tree=$scratch/jobs
    rm -f "$scratch"/{serial,orders}.* "$scratch/serial"
    mkdir -p "$tree/lab" && mkfifo "$scratch/serial" "$scratch/orders.in" || return
    [ -p "$scratch/clock" ] || mkfifo "$scratch/clock"
    : >"$scratch/orders.out"
    cp "$BUILD/lhv32.elf" "$BUILD/lhv64.elf" "$tree/lab/"
    printf 'cpus=%q memory=%q extra=%q\n' "$CPUS" "$MEMORY" "$EXTRA" >"$tree/lab/settings"
    xen_hypervisor "$scratch/xen" || return
    initramfs_pack "$tree" | cat - "$(xen_file)" >"$scratch/initrd" && lab_emulator || return
    lab_progress "Xen boots on $lab_carrier"
    exec 6<>"$scratch/orders.in"
    lab_power_on
    lab_linux="" lab_gone="" xen_name=""
}

# --- what LHV says, guest after guest --------------------------------------------------------------

# Of the run: results so far, planned ones, how they ended, the last breadcrumb's experiment.
lab_xen_forget() {
    xen_guests=0 xen_count=0 xen_plan=0 xen_number="" xen_verdict=""
    xen_passed=0 xen_failed=0 xen_skipped=0 xen_recorded=0 xen_us=0
    xen_rest=${words[*]} xen_piece="" xen_said=()
}

lab_xen_result() {
    local before=${1%%ok *}ok rest=${1#*ok }
    xen_count=$((xen_count + 1))
    rest=${rest#* }
    xen_number=${rest%% *}
    case "$before $rest" in
    not*) xen_failed=$((xen_failed + 1)) ;;
    *"# SKIP"*) xen_skipped=$((xen_skipped + 1)) ;;
    *"# RECORD"*) xen_recorded=$((xen_recorded + 1)) ;;
    *) xen_passed=$((xen_passed + 1)) ;;
    esac
    lab_console "$before $xen_count $rest"
}

# The totals of all guests, once nothing is left.
lab_xen_totals() {
    lab_console "# passed $xen_passed, failed $xen_failed, skipped $xen_skipped, recorded $xen_recorded, $xen_us us" || return
    xen_verdict=PASS
    [ $((xen_passed + xen_recorded)) != 0 ] || xen_verdict=SKIP
    [ "$xen_failed" = 0 ] || xen_verdict=FAIL
    lab_console "LHV: $xen_verdict"
}

# A line of the console. A later guest's head is the first one's.
lab_xen_console() {
    local line=$1 us
    case $line in
    "1.."*)
        [ "$xen_guests" = 1 ] || return 0
        xen_plan=${line#1..}
        ;;
    "ok "* | "not ok "*) lab_xen_result "$line" && return ;;
    "# passed "*" us")
        us=${line##*, }
        xen_us=$((xen_us + ${us% us}))
        [ "$xen_guests" = 1 ] || return 0
        ;;
    "LHV: "*)
        xen_verdict=${line#LHV: }
        [ "$xen_guests" = 1 ] || [ "$xen_verdict" = ERROR ] || { lab_xen_totals && return; }
        ;;
    *) [ "$xen_guests" = 1 ] || [[ $line =~ ^"# "[0-9]+": " ]] || return 0 ;;
    esac
    lab_console "$line"
}

# A piece of what the guest wrote to port E9: its console, and breadcrumbs, which tell where it is.
lab_xen_guest() {
    xen_piece=$xen_piece$1
    [ ${#1} != $XEN_PIECE ] || return 0
    local line=$xen_piece
    xen_piece=""
    printf '%s\n' "$line" >>"$work/crumbs"
    case $line in
    "" | " "* | "@"*) [[ ! $line =~ ^@[0-9]+ ]] || xen_at=${BASH_REMATCH[0]#@} ;;
    *) lab_xen_console "$line" ;;
    esac
}

# --- ends ------------------------------------------------------------------------------------------

# What is left of exp= behind experiment $1, in the order of numbers; nothing: that was the last one.
lab_xen_behind() {
    local word list=1-899 range first last left="" rest=""
    for word in $xen_rest; do
        case $word in exp=*) list=${word#exp=} ;; *) rest="$rest $word" ;; esac
    done
    for range in ${list//,/ }; do
        first=${range%-*} last=${range#*-}
        [ "$first" -gt "$1" ] || first=$(($1 + 1))
        [ "$first" -gt "$last" ] || left=$left,$first-$last
    done
    xen_rest="exp=${left#,}$rest"
    [ -n "$left" ]
}

lab_xen_name() {
    sed -n "s/^| *$1 *| *\`\([a-z0-9_]*\)\`.*/\1/p" "$root/docs/experiments.md" 2>/dev/null | grep . || echo "experiment_$1"
}

# The guest is gone without a verdict, in experiment $xen_at. $1: how. Fails when nobody can say
# where, or when the rest is not what comes behind it.
lab_xen_culprit() {
    local said
    [ ${#xen_said[@]} -le $XEN_LAST ] || xen_said=("${xen_said[@]: -$XEN_LAST}")
    printf '%s\n' "${xen_said[@]}" >>"$work/stderr"
    case " ${words[*]}" in *" order=random"* | *" repeat=forever"* | *" prog="*) return 1 ;; esac
    [ -n "$xen_at" ] && [ "$xen_at" != "$xen_number" ] && [ "$xen_plan" != 0 ] || return
    lab_xen_result "not ok 0 $xen_at $(lab_xen_name "$xen_at")"
    lab_console "# $xen_at: expected: the guest goes on; got: $1"
    for said in "${xen_said[@]}"; do lab_console "# $xen_at: Xen: $said"; done
    lab_progress "experiment $xen_at: $1"
    rm -f "$work/stopped"
    if [ $xen_count -lt "$xen_plan" ] && lab_xen_behind "$xen_at"; then return 0; fi
    lab_xen_totals
    return 1
}

# --- the run ---------------------------------------------------------------------------------------

# What Xen says of its own start is for nobody, and some of each guest's.
lab_xen_words() {
    case $1 in
    "Xen version "*) xen_name=${1#Xen version } && xen_name=${xen_name%% (pkg*} ;;
    "HVM"*save:* | "HVM"*restore:* | "") ;;
    [a-z]*": 00"*) ;; # what crashed shows its registers
    *) [ -z "$lab_running" ] || xen_said+=("$1") ;;
    esac
}

lab_xen_up() {
    lab_linux="Xen $xen_name, PVH guest, nestedhvm=1"
    lab_progress "$lab_linux"
}

# A line that is not the guest's. Fails at the guest's end.
lab_xen_event() {
    local event
    read -ra event <<<"$1"
    case "${event[2]:-}" in
    up) lab_xen_up ;;
    run) ;;
    stderr) printf '%s\n' "${event[*]:3}" >>"$work/stderr" ;;
    problem) lab_progress "dom0 says: ${event[*]:3}" ;;
    end) lab_status=${event[3]} && return 1 ;;
    esac
}

# Follows the console until dom0 is up, or the guest has ended. Fails if Xen is gone, or is silent
# for too long.
lab_xen_follow() {
    local line=""
    while lab_line; do
        case $line in
        "(d"[0-9]*") "*) lab_xen_guest "${line#(d*) }" || return ;;
        "(XEN) "*) lab_xen_words "${line#(XEN) }" ;;
        "LAB "*) lab_xen_event "$line" || return 0 ;;
        esac
        [ -n "$lab_running" ] || [ -z "$lab_linux" ] || return 0
    done
    return 1
}

# dom0's answer to "destroy" is the guest's end; without one Xen is stuck too.
lab_xen_destroy() {
    local patience=30
    [ -z "$lab_gone" ] && kill -0 "$lab_pid" 2>/dev/null || return
    echo destroy >&6
    while [ $patience -gt 0 ]; do
        patience=$((patience - 1))
        IFS= read -r -t 1 -u 5 line || continue
        case $line in "LAB "*" end "*) return 0 ;; esac
    done
    return 1
}

# One guest, from its start to its end; sets how it ended, or nothing if by its own verdict.
lab_xen_one() {
    how="" xen_at="" xen_said=() lab_silent=0
    [ -z "$lab_gone" ] || { lab_xen_boot && lab_xen_follow && [ -n "$lab_linux" ]; } || return
    lab_running=yes
    [ "$xen_guests" != 0 ] || lab_console "# machine: $lab_linux, on $lab_carrier"
    xen_guests=$((xen_guests + 1))
    echo "run lhv$width.elf $xen_rest com=none exit=reboot" >&6
    if lab_xen_follow; then
        [ -n "$xen_verdict" ] || how="the guest's end"
    else
        how="Xen's end"
        [ ! -e "$work/stopped" ] || how="silence"
        # shellcheck disable=SC2154 # of lab_xen_follow
        lab_xen_destroy || { lab_lost && lab_gone=again; }
    fi
    lab_running=""
}

# Runs LHV, in as many guests as it takes.
lab_xen_launch() {
    local how
    lab_begin
    [ -n "${lab_pid:-}" ] || lab_gone=first
    lab_xen_forget
    while lab_xen_one && [ -n "$how" ] && lab_xen_culprit "$how"; do :; done
    machine_seconds "$lab_began"
}
