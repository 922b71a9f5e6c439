#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/test.sh [--no-install | --quick]
#
# Builds and tests everything, from a bare Debian 12 on: installs the packages that are missing
# (--no-install forbids it), builds both widths with both compilers, checks headers, format and
# scripts, runs the unit tests and then the boot tests on every platform that works here.
# The last line is "N passed, N failed, N skipped"; exit status 0 if all that ran passed. The
# logs stay in build/log. --quick, for the loop, installs nothing and takes less than two minutes: one
# compiler, the unit tests, the model, all experiments once on each platform that is here.
set -u

cd "$(dirname "$0")/.." || exit 2
# shellcheck source=tools/lib/packages.sh
. tools/lib/packages.sh
logs=build/log
passed=0 failed=0 skipped=0

count() {
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# One check is one test. $1: its name; the rest: the command.
check() {
    local name=$1 log
    log=$logs/${name// /-}.log
    shift
    if "$@" >"$log" 2>&1; then
        count 1 0 0
        echo "ok: $name"
    else
        count 0 1 0
        tail -n 40 "$log"
        echo "FAILED: $name ($log)"
    fi
}

# The number before each match of $2 in file $1, added up.
total() {
    grep -oE "$2" "$1" | grep -oE '[0-9]+' | awk '{ sum += $1 } END { print sum + 0 }'
}

# A runner counts its own tests. $1: its name, $2: its exit status, then what it counted. One
# that fails without a failed test (or without any test) has itself failed.
count_runner() {
    local name=$1 status=$2
    count "$3" "$4" "$5"
    if { [ "$status" != 0 ] && [ "$4" = 0 ]; } || [ $(($3 + $4)) = 0 ]; then
        count 0 1 0
        echo "FAILED: $name (status $status)"
    fi
}

unit_tests() {
    local log=$logs/unit.log status
    make unit >"$log" 2>&1
    status=$?
    [ $status = 0 ] || grep -vE '^\[ +(RUN|OK) ' "$log" | tail -n 60
    count_runner "unit tests" $status "$(total "$log" '^\[  PASSED  \] [0-9]+ test')" \
        "$(total "$log" '^\[  FAILED  \] [0-9]+ test')" \
        "$(total "$log" '^\[  SKIPPED \] [0-9]+ test')"
}

# $1: a folder of pytest's. Debian's Python is the one that has Debian's pytest.
python_tests() {
    local log=$logs/$1.log status
    # At the end a line for each that failed or was skipped, with its reason, cut at COLUMNS.
    LOG=$PWD/$logs COLUMNS=300 /usr/bin/python3 -m pytest -p no:cacheprovider -q -r fEs --durations=10 \
        -n "$(nproc)" --dist loadgroup "tests/$1" 2>&1 |
        tee "$log"
    status=${PIPESTATUS[0]}
    tail -n 1 "$log" >"$log.last"
    count_runner "$1 tests" "$status" "$(total "$log.last" '[0-9]+ passed')" \
        "$(total "$log.last" '[0-9]+ (failed|error)')" "$(total "$log.last" '[0-9]+ skipped')"
}

# All experiments on platform $1, of which only news fails.
boot() {
    if DIAGNOSE=no tools/run.sh --no-install --expect "$1" exp=401 2>&1 | grep -q "not available here"; then
        count 0 0 1
        echo "skipped: $1"
    else
        check "$1" env DIAGNOSE=no tools/run.sh --no-install --expect "$1"
    fi
}

# What reads bytes of others, with any bytes; for longer: make fuzz.
fuzz_tests() {
    packages_need fuzz && make -s fuzz FUZZ_SECONDS=3
}

finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ] && [ "$passed" != 0 ]
    exit
}

quick() {
    export NO_INSTALL=1
    mkdir -p $logs
    check "packages" packages_need build unit image qemu bochs pytest
    check "build with gcc" make -s "-j$(nproc)" CC=gcc BUILD=build
    unit_tests
    check "model" make -s model
    python_tests house
    for platform in tcg-svm tcg bochs-vmx bochs-svm kvm; do
        boot $platform
    done
    finish
}

case ${1:-} in
--no-install) export NO_INSTALL=1 ;;
--quick) quick ;;
"") ;;
*) sed -n 's/^# usage/usage/p' "$0" && exit 2 ;;
esac
mkdir -p $logs
check "packages" packages_need build clang format lint unit image images media qemu bochs lab lab-vmx carrier screen report browser deb pytest
jobs=-j$(nproc)
check "build with gcc" make -s "$jobs" CC=gcc BUILD=build
check "build with clang" make -s "$jobs" CC=clang BUILD=build/clang
check "images" make -s "$jobs" images c.img
check "headers alone" make -s headers
check "format" make -s format-check
check "scripts" shellcheck -x .ci/run tools/*.sh tools/lib/*.sh tools/platforms/*.sh \
    tools/lab/*.sh tools/lab/init tools/carrier/*.sh tests/lib/*.sh tools/ci/*.sh tools/debian/*.sh tools/lhv
unit_tests
check "model" make -s model
check "fuzz" fuzz_tests
python_tests house
python_tests model
check "screen tools" make -s screen-tools
python_tests screen
python_tests diagnose
for reader in kunit lava; do tests/lib/$reader.sh; done >"$logs/readers.log" 2>&1
python_tests verdicts
# The tests install nothing. What cannot be had here is skipped by them.
tools/run.sh bochs3-vmx exp=13 >"$logs/bochs3.log" 2>&1
tools/carrier/build.sh >"$logs/carrier.log" 2>&1
tools/lab/prepare.sh ${KERNEL:+"$KERNEL"} >"$logs/lab.log" 2>&1
python_tests boot
finish
