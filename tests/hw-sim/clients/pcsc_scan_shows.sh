#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pcsc_scan shows the reader and the card's ATR, and reads chaining and lengths out of its historical bytes.
. "$(dirname "$0")/common.sh"
need pcsc_scan

pcsc_scan -c -n >"$WORK/output" 2>&1 || fail "pcsc_scan: $(cat "$WORK/output")"
grep -qF "Reader 0: $FNCARD_READER" "$WORK/output" || fail "no reader: $(cat "$WORK/output")"
grep -qF "ATR: 3B 8C 01 80 73 C0 01 C0 56 66 6E 63 61 72 64 35" "$WORK/output" || fail "not this card's ATR: $(cat "$WORK/output")"
# with analysis it runs for ever unless told otherwise, and its list of cards may not be installed: the exit code says nothing
pcsc_scan -t 1 >"$WORK/output" 2>&1 || :
for line in "DF selection by partial DF name" "Command chaining" "Extended Lc and Le fields" "Protocol T = 1"; do
  grep -qF "$line" "$WORK/output" || fail "not in the analysis: $line: $(cat "$WORK/output")"
done
