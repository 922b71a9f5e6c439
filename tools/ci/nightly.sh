#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# usage: tools/ci/nightly.sh FOLDER PLATFORM [kernel words...]
#
# One job of a CI: runs LHV, holds it against what is known ($EXPECT: a machine's own list), and leaves in
# FOLDER the logs, lhv.xml (JUnit), lhv.json and lhv.html. Exit status: tools/run.sh's; 77, not
# available here, is 0 with SKIP_IS_OK=1.
set -u

root=$(cd "$(dirname "$0")/../.." && pwd) || exit 2
# shellcheck source=/dev/null
. "$root/tools/lib/packages.sh"
if [ $# -lt 2 ]; then
    sed -n '/^# usage/,/^set/s/^# \{0,1\}//p' "$0"
    exit 2
fi
folder=$1
shift
mkdir -p "$folder" || exit 2
known=()
[ -z "${EXPECT:-}" ] || known=(--expect "$EXPECT")
LOG=$folder/logs "$root/tools/run.sh" "--expect${EXPECT:+=$EXPECT}" "$@"
status=$?
packages_need report
for form in junit:xml json:json html:html; do
    [ -d "$folder/logs" ] || break
    "$root/tools/report" --format "${form%:*}" --output "$folder/lhv.${form#*:}" "${known[@]}" "$folder/logs"
    [ $? != 2 ] || echo "nightly.sh: no lhv.${form#*:}" >&2
done
[ "$status" != 77 ] || [ -z "${SKIP_IS_OK:-}" ] || exit 0
exit "$status"
