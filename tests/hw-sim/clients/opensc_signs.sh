#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSC's PKCS#11 module signs with the signing key (PIN before every use); OpenSSL verifies with the certificate.
. "$(dirname "$0")/common.sh"
need pkcs11-tool openssl

echo "to be signed" >"$WORK/data"
if grep -q "Public-Key: (2048 bit)" <(openssl x509 -in "$FNCARD_CARD_DIR/signature.pem" -noout -text); then
  mechanism=(--mechanism SHA256-RSA-PKCS)
else
  mechanism=(--mechanism ECDSA-SHA256 --signature-format openssl)
fi
# two signatures in one session: the second asks for the PIN again
for round in 1 2; do
  pkcs11 --login --pin "$FNCARD_PIN" --sign --id 02 "${mechanism[@]}" --input-file "$WORK/data" --output-file "$WORK/signature.$round" \
    >"$WORK/output" 2>&1 || :
  [ -s "$WORK/signature.$round" ] || fail "no signature: $(cat "$WORK/output")"
  openssl dgst -sha256 -verify <(openssl x509 -in "$FNCARD_CARD_DIR/signature.pem" -noout -pubkey) \
    -signature "$WORK/signature.$round" "$WORK/data" >/dev/null || fail "the signature is wrong"
done
if grep -q "$(printf %s "$FNCARD_PIN" | od -An -tx1 | tr -d ' \n')" "$FNCARD_APDU_LOG"; then
  fail "the PIN is in the log"
fi
