# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# What is known of a machine, and what of a run is news: tools/news. Made to be sourced.
# $expect: "": it is shown only; list: tests/expected's decides, else the file that does.
# $write_expect: the file that a run makes of itself. $rerun: the log whose failures run again, or last.

expect="" write_expect="" rerun=""

# Whether $1 (and $2, if it is its value) is one of our options; $taken is how many words it was.
expect_option() {
    taken=1
    case $1 in
    --expect) expect=list ;;
    --expect=*) expect=${1#*=} ;;
    --write-expect=*) write_expect=${1#*=} ;;
    --write-expect) write_expect=${2:-} taken=2 ;;
    --failed=*) rerun=${1#*=} ;;
    --failed)
        rerun=last
        [ ! -f "${2:-}" ] || { rerun=$2 && taken=2; }
        ;;
    *) return 1 ;;
    esac
}

# What the options must not be. $1: the platform; the rest: the kernel's words
expect_check() {
    local chosen=$1
    shift
    case "$expect$write_expect$rerun" in "") return ;; esac
    command -v python3 >/dev/null || die "--expect, --write-expect and --failed need python3"
    case $expect in "" | list) ;; *) [ -r "$expect" ] || die "cannot read --expect=$expect" ;; esac
    if [ -n "$write_expect" ]; then
        case $chosen in "" | all) die "--write-expect needs one platform" ;; esac
        [ "$command_lines" = 1 ] || die "--write-expect is of one command line"
        : 2>/dev/null >>"$write_expect" || die "cannot write to $write_expect"
    fi
    [ -n "$rerun" ] || return 0
    case " $*" in *" exp="*) die "--failed and exp= both say what runs" ;; esac
    [ "$rerun" != last ] || rerun=$BUILD/log/last/$chosen-${widths##* }.log
    [ -r "$rerun" ] || die "--failed: there is no log $rerun"
}

# Puts exp= for what failed into the words; ends here if nothing did.
expect_rerun() {
    local word number
    [ -n "$rerun" ] || return 0
    word=$("$root/tools/news" failed "$rerun") || exit 2
    if [ -z "$word" ]; then
        say "nothing failed in $rerun"
        exit 0
    fi
    say "$word: what failed in $rerun"
    arguments=("$word" "${arguments[@]}")
    # After each "--" begins another command line.
    for ((number = 0; number < ${#arguments[@]}; number++)); do
        [ "${arguments[number]}" != -- ] || arguments[number]="-- $word"
    done
    mapfile -t arguments < <(printf '%s\n' "${arguments[@]}" | sed 's/^-- exp=/--\nexp=/')
}

# Names and globs among the words become numbers, which is all that the kernel knows.
expect_names() {
    local i
    for ((i = 0; i < ${#arguments[@]}; i++)); do
        case ${arguments[i]} in
        *" "*) ;; # several words in one: the kernel's
        exp=*[!0-9,-]* | not=*[!0-9,-]*)
            command -v python3 >/dev/null || die "${arguments[i]}: names need python3"
            arguments[i]=$("$root/tools/news" select "${arguments[i]}") || exit 2
            ;;
        esac
    done
}

# Keeps the log of the last run, for --failed; $work is the run's, $scratch the platform's.
expect_keep() {
    local last=$BUILD/log/last name=$platform-$width$log_name.log
    cp "$work/console.log" "$scratch/run$width.log"
    { mkdir -p "$last" && cp "$work/console.log" "$last/.$name.$$" && mv "$last/.$name.$$" "$last/$name"; } 2>/dev/null
    progress_keep
    return 0
}

# Sets news: what is news, a line each, and in the last one how the run compares; returns tools/news'
# status. What is not asked for may be missing.
expect_news() {
    local how=(--platform "$platform")
    news=""
    case $expect in
    "")
        [ "$DIAGNOSE" != no ] || return 0
        command -v python3 >/dev/null || return 0
        how+=(--if-any)
        ;;
    list) ;;
    *) how=(--expect "$expect") ;;
    esac
    news=$("$root/tools/news" check "${how[@]}" "$work/console.log" 2>&1)
}

# Makes the list of the platform's runs.
expect_write() {
    [ -n "$write_expect" ] || return 0
    local logs=("$scratch"/run64.log "$scratch"/run32.log) made=() log
    for log in "${logs[@]}"; do [ ! -e "$log" ] || made+=("$log"); done
    "$root/tools/news" write --platform "$platform" "$write_expect" "${made[@]}" && say "written: $write_expect"
}
