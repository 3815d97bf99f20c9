#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016 # what is in single quotes is for the shell inside
# scripts/with-card: exit code, input, two at once, and that nothing stays behind when it is ended or killed.
# usage: with_card_keeps_its_promises.sh SCRIPTS BUILD
set -euo pipefail
with_card="$1/with-card"
build=$2
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

fail() {
  echo "failed: $*" >&2
  exit 1
}
run=("$with_card" --build "$build" --state blank) # no function: a signal to $! must reach the script itself
# until_true COMMAND…: at most 20 seconds
until_true() {
  local i
  for ((i = 0; i < 400; i++)); do
    ! "$@" || return 0
    sleep 0.05
  done
  fail "never came true: $*"
}
nothing_left() { ! compgen -G "$TMPDIR/fncard-*" >/dev/null && ! pgrep -f "$TMPDIR" >/dev/null; }

code=0
"${run[@]}" -- sh -c 'exit 5' || code=$?
[ $code != 77 ] || { echo "skipped: no namespaces"; exit 77; }
[ $code = 5 ] || fail "exit code $code, not the command's 5"
[ "$(echo input | "${run[@]}" -- cat)" = input ] || fail "the command does not get the input"
nothing_left || fail "something is left after a plain run"

code=0
"$with_card" --state none -- true 2>/dev/null || code=$?
[ $code = 2 ] || fail "wrong usage exits with $code"

# nobody in particular may do it too, and stays who they are
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
if [ "$(id -u)" = 0 ] && "${nobody[@]}" unshare --user --map-root-user --mount test -x "$build/bin/fncard-sim" 2>/dev/null; then
  chmod 1777 "$TMPDIR"
  seen=$("${nobody[@]}" "${run[@]}" -- sh -c 'fncard-sim wait --reader "$FNCARD_READER" && id -u') || fail "without root"
  [ "$seen" = 65534 ] || fail "the command runs as $seen"
fi

# each sees its own card
"${run[@]}" --readers 2 -- sh -c 'fncard-sim wait --reader "$FNCARD_READER" && fncard-sim wait --reader "$FNCARD_READER_2"' || fail "two readers"
"${run[@]}" --empty -- sh -c 'fncard-sim wait --reader "$FNCARD_READER" --absent &&
  fncard-sim control "$FNCARD_SIM_CONTROL" insert "$FNCARD_CARD_FILE" && fncard-sim wait --reader "$FNCARD_READER"' >/dev/null || fail "an empty reader"
"${run[@]}" -- sh -c 'touch "$1"; while [ ! -e "$2" ]; do sleep 0.05; done; fncard-sim wait' sh "$TMPDIR/first" "$TMPDIR/second" &
first=$!
"${run[@]}" -- sh -c 'touch "$2"; while [ ! -e "$1" ]; do sleep 0.05; done; fncard-sim wait' sh "$TMPDIR/first" "$TMPDIR/second" || fail "the second of two"
wait $first || fail "the first of two"

# a card of an earlier run goes on in the same folder
"${run[@]}" --dir "$TMPDIR/kept" -- true
before=$("$build/bin/fncard-sim" show "$TMPDIR/kept/card-1.json" --json | grep serial)
"${run[@]}" --dir "$TMPDIR/kept" -- sh -c 'fncard-sim show "$FNCARD_CARD_FILE" --json' | grep -qF "$before" || fail "another card on the second run"

# a second card by name, faults from a file, a real card's time, and caches that no other run sees
"$build/bin/fncard-sim" create "$TMPDIR/second.json" --state blank
printf '# in the first reader only\nat select 1 status 6F00\n' >"$TMPDIR/faults"
"${run[@]}" --card-2 "$TMPDIR/second.json" --faults "$TMPDIR/faults" --timing realistic -- sh -c '
  fncard-sim control "$FNCARD_SIM_CONTROL_2" status | grep -qF " file=$1" &&
  fncard-sim control "$FNCARD_SIM_CONTROL" faults | grep -qF "1 pending: at select 1 answer 6F00" &&
  fncard-sim control "$FNCARD_SIM_CONTROL_2" faults | grep -qF "0 pending" &&
  [ -w "$XDG_CACHE_HOME" ] && [ "$XDG_CACHE_HOME" = "$FNCARD_CACHE_DIR" ] && [ -z "$(ls -A "$XDG_CACHE_HOME")" ]' sh "$TMPDIR/second.json" || fail "a second card, faults or caches"
code=0
"$build/bin/fncard-sim" run --timing "$TMPDIR/faults" 2>/dev/null || code=$?
[ $code = 2 ] || fail "a timing model that is none exits with $code"
code=0
"$with_card" --faults "$TMPDIR/none" -- true 2>/dev/null || code=$?
[ $code = 2 ] || fail "faults from no file exit with $code"

# ended and killed: the command gets the signal, and nothing stays
"${run[@]}" -- sh -c 'trap "exit 9" TERM; touch "$1"; while :; do sleep 0.05; done' sh "$TMPDIR/ended" &
child=$!
until_true test -e "$TMPDIR/ended"
kill -TERM $child
code=0
wait $child || code=$?
[ $code = 9 ] || fail "after SIGTERM exit code $code, not the command's 9"
until_true nothing_left
"${run[@]}" -- sh -c 'touch "$1"; while :; do sleep 0.05; done' sh "$TMPDIR/killed" &
child=$!
until_true test -e "$TMPDIR/killed"
kill -KILL $child
wait $child 2>/dev/null || :
until_true nothing_left
