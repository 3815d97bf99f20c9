#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Another program (scriptor sends raw commands) selects the application beside PIV: it counts PIN tries of its own, and ends
# the PIV application's security status. OpenSC's tools cannot play this: they select PIV again between any two commands.
. "$(dirname "$0")/common.sh"
need scriptor
cd "$WORK"

pin=$(printf %s "$FNCARD_PIN" | od -An -tx1 | xargs)
cat >foreign <<END
00 A4 04 00 07 F0 66 6E 63 61 72 64
00 20 00 80 08 $pin FF FF
00 20 00 80
00 CB 3F FF 05 5C 03 5F C1 02 00
END
scriptor -r "$FNCARD_READER" foreign >output 2>&1 || fail "scriptor: $(cat output)"
[ "$(grep '^<' output | cut -c3-7 | tr '\n' ,)" = "90 00,63 C2,63 C2,6D 00," ] || fail "$(cat output)"
expect "PIN of the other application: 2 of 3 tries left" fncard-sim show "$FNCARD_CARD_FILE"
expect "PIN: 3 of 3 tries left" fncard-sim show "$FNCARD_CARD_FILE"

cat >both <<END
00 A4 04 00 09 A0 00 00 03 08 00 00 10 00
00 20 00 80 08 $pin FF FF
00 20 00 80
00 A4 04 00 07 F0 66 6E 63 61 72 64
00 A4 04 00 09 A0 00 00 03 08 00 00 10 00
00 20 00 80
END
scriptor -r "$FNCARD_READER" both >output 2>&1 || fail "scriptor: $(cat output)"
grep '^<' output | tail -1 | grep -q '63 C3' || fail "still verified after another application: $(cat output)"
