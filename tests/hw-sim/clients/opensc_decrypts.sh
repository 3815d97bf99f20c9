#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSC's PKCS#11 module deciphers with the RSA encryption key what OpenSSL encrypted to its certificate.
. "$(dirname "$0")/common.sh"
need pkcs11-tool openssl

echo "a secret" >"$WORK/plain"
openssl x509 -in "$FNCARD_CARD_DIR/key-management.pem" -noout -pubkey >"$WORK/public.pem"
openssl pkeyutl -encrypt -pubin -inkey "$WORK/public.pem" -in "$WORK/plain" -out "$WORK/sealed"
pkcs11 --login --pin "$FNCARD_PIN" --decrypt --id 03 --mechanism RSA-PKCS --input-file "$WORK/sealed" --output-file "$WORK/opened" \
  >"$WORK/output" 2>&1 || :
cmp "$WORK/plain" "$WORK/opened" || fail "not what was encrypted: $(cat "$WORK/output")"
