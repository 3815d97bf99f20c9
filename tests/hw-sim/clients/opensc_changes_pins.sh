#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pkcs15-tool dumps the card, changes the PIN, unblocks it when it is blocked, and changes the PUK.
. "$(dirname "$0")/common.sh"
need pkcs15-tool pkcs11-tool

dump=$(pkcs15-tool --dump 2>&1)
for line in "PIN [PIN]" "PIN [PIV PUK]" "[SIGN key]" "[KEY MAN key]" "[CARD AUTH key]" "Key ref        : 156 (0x9C)"; do
  grep -qF "$line" <<<"$dump" || fail "not in the dump: $line: $dump"
done

# opens PIN / refuses PIN: what the card says of it, not what the tool's exit code does
opens() { pkcs15-tool --verify-pin --auth-id 01 --pin "$1" >"$WORK/output" 2>&1 || fail "PIN refused: $(cat "$WORK/output")"; }
refuses() { ! pkcs15-tool --verify-pin --auth-id 01 --pin "$1" >"$WORK/output" 2>&1 || fail "a wrong PIN was taken"; }

pkcs15-tool --change-pin --auth-id 01 --pin "$FNCARD_PIN" --new-pin 112233 >"$WORK/output" 2>&1 || fail "$(cat "$WORK/output")"
refuses "$FNCARD_PIN"
expect "PIN: 2 of 3 tries left" fncard-sim show "$FNCARD_CARD_FILE"
opens 112233
expect "PIN: 3 of 3 tries left" fncard-sim show "$FNCARD_CARD_FILE"

for _ in 1 2 3; do refuses 998877; done
expect "PIN: 0 of 3 tries left" fncard-sim show "$FNCARD_CARD_FILE"
refuses 112233
pkcs15-tool --unblock-pin --auth-id 01 --puk "$FNCARD_PUK" --new-pin 223344 >"$WORK/output" 2>&1 || fail "$(cat "$WORK/output")"
expect "PIN: 3 of 3 tries left" fncard-sim show "$FNCARD_CARD_FILE"
opens 223344

pkcs15-tool --change-pin --auth-id 02 --pin "$FNCARD_PUK" --new-pin 11223344 >"$WORK/output" 2>&1 || fail "$(cat "$WORK/output")"
! pkcs15-tool --unblock-pin --auth-id 01 --puk "$FNCARD_PUK" --new-pin 334455 >"$WORK/output" 2>&1 || fail "the old PUK unblocks"
expect "PUK: 2 of 3 tries left" fncard-sim show "$FNCARD_CARD_FILE"
pkcs15-tool --unblock-pin --auth-id 01 --puk 11223344 --new-pin 334455 >"$WORK/output" 2>&1 || fail "$(cat "$WORK/output")"
opens 334455
