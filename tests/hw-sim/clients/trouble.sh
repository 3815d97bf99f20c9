#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the smart-card service and its clients see of removal, exchange, mute and unknown cards, faults and an unplugged reader.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
need opensc-tool

control() { fncard-sim control "$FNCARD_SIM_CONTROL" "$@" >/dev/null || fail "control $*"; }
# sees FLAG…: the first reader comes to be in that state; the second keeps its card, unless both are unplugged
sees() { fncard-sim wait --reader "$FNCARD_READER" --timeout 20 "$@" || fail "the service never saw: ${*:-a card}"; }
second() { fncard-sim wait --reader "$FNCARD_READER_2" --timeout 20 "$@" || fail "the second reader: ${*:-a card}"; }
send() { opensc-tool --reader "$FNCARD_READER" --card-driver default --send-apdu "$1" 2>&1 || :; }
answers() { # STATUS APDU
  send "$2" | grep -qF "$1" || fail "no $1 to $2: $(send "$2")"
}
# recovers STATUS APDU: the same, when the service may still have to find out that its connection to the card is another one
recovers() {
  local try
  for try in {1..20}; do
    ! send "$2" | grep -qF "$1" || return 0
  done
  fail "no $1 to $2 in $try tries: $(send "$2")"
}
select_piv=00A4040009A0000003080000100000
selected='SW1=0x90, SW2=0x00'

control remove
sees --absent
second
control insert-unknown
sees
answers 'SW1=0x6A, SW2=0x82' $select_piv
control remove
sees --absent
control insert-mute
sees --mute
control remove
sees --absent
control insert "$FNCARD_CARD_FILE"
sees
answers "$selected" $select_piv

# another card, with an event; and one without, as the card's own answers tell
fncard-sim create "$WORK/other.json" --state personalised
control swap "$WORK/other.json"
sees
answers "$selected" $select_piv
fncard-sim control "$FNCARD_SIM_CONTROL" status | grep -qF "file=$WORK/other.json" || fail "the card was not swapped"
control swap-silently "$FNCARD_CARD_FILE"
sees
answers "$selected" $select_piv

# faults reach the client, and the card is usable afterwards
control fault at select 1 status 6F00
answers 'SW1=0x6F, SW2=0x00' $select_piv
answers "$selected" $select_piv
control fault before select 1 power-cut
if send $select_piv | grep -qF "$selected"; then fail "a command without power was answered"; fi
sees
recovers "$selected" $select_piv
control fault after select 1 remove
if send $select_piv | grep -qF "$selected"; then fail "an answer came from a card that was taken out"; fi
sees --absent
control insert
sees
control fault at select 1 oversize
send $select_piv >/dev/null # whatever the client makes of it
answers "$selected" $select_piv
control fault at select 1 mute
send $select_piv >/dev/null &
until fncard-sim control "$FNCARD_SIM_CONTROL" faults | grep -qF '0 pending'; do sleep 0.02; done
control remove # a reader would give up by itself
wait
sees --absent
control insert
sees

# the reader: both of its slots go and come together
control unplug
sees --no-reader
second --no-reader
control plug
sees
second
answers "$selected" $select_piv

# the service itself: what it had of a card is over, and a client that comes afterwards finds everything as it was
echo stop >"$FNCARD_PCSCD_CONTROL"
until [ ! -e "$PCSCLITE_CSOCK_NAME" ]; do sleep 0.02; done
if send $select_piv | grep -qF "$selected"; then fail "an answer came without the service"; fi
echo start >"$FNCARD_PCSCD_CONTROL"
sees
second
answers "$selected" $select_piv

# with-card's own promises to a card library
[ "$XDG_CACHE_HOME" = "$FNCARD_CACHE_DIR" ] && [ -d "$FNCARD_CACHE_DIR" ] && [ -w "$FNCARD_CACHE_DIR" ] || fail "no cache of its own"
[ -z "$(ls -A "$FNCARD_CACHE_DIR" | grep -v '^opensc$')" ] || fail "the cache is of another run"
