#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A wrong PIN given by OpenSC costs a try, and the card remembers it when it was taken out in between.
. "$(dirname "$0")/common.sh"
need pkcs11-tool

pkcs11 --login --pin 000111 --list-objects >"$WORK/output" 2>&1 || :
grep -q CKR_PIN_INCORRECT "$WORK/output" || fail "the wrong PIN was not refused: $(cat "$WORK/output")"
expect "PIN: 2 of 3 tries left" fncard-sim show "$FNCARD_CARD_FILE"
expect ok fncard-sim control "$FNCARD_SIM_CONTROL" remove
fncard-sim wait --reader "$FNCARD_READER" --absent
expect ok fncard-sim control "$FNCARD_SIM_CONTROL" insert
fncard-sim wait --reader "$FNCARD_READER"
expect "PIN: 2 of 3 tries left" fncard-sim show "$FNCARD_CARD_FILE"
pkcs11 --login --pin "$FNCARD_PIN" --list-objects >"$WORK/output" 2>&1 || fail "the right PIN was refused: $(cat "$WORK/output")"
expect "PIN: 3 of 3 tries left" fncard-sim show "$FNCARD_CARD_FILE"
