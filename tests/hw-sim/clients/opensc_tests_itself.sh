#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pkcs11-tool --list-objects, and its own test of the card: signatures, verification, decipherment with every RSA key.
. "$(dirname "$0")/common.sh"
need pkcs11-tool openssl

pkcs11 --login --pin "$FNCARD_PIN" --list-objects >"$WORK/output" 2>&1 || fail "$(cat "$WORK/output")"
for label in "SIGN key" "KEY MAN key" "CARD AUTH key" "Certificate for Digital Signature"; do
  grep -qF "$label" "$WORK/output" || fail "$label is not listed: $(cat "$WORK/output")"
done
# the one error is OpenSC's random numbers: it asks 9B for them as a 3DES key (00), and this card's is AES
pkcs11 --login --pin "$FNCARD_PIN" --test >"$WORK/output" 2>&1 || :
! grep -F ERR "$WORK/output" | grep -vF "C_GenerateRandom failed: CKR_FUNCTION_NOT_SUPPORTED" || fail "$(cat "$WORK/output")"
grep -qxF "1 errors" "$WORK/output" || fail "$(cat "$WORK/output")"
if grep -q "Public-Key: (2048 bit)" <(openssl x509 -in "$FNCARD_CARD_DIR/signature.pem" -noout -text); then
  [ "$(grep -cE 'RSA-X-509: OK|RSA-PKCS: OK' "$WORK/output")" -ge 9 ] || fail "not everything was tried: $(cat "$WORK/output")"
fi
