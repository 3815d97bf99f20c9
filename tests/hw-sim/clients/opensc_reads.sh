#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSC finds the reader, takes the card for a PIV card, and lists its three certificates as they were made.
. "$(dirname "$0")/common.sh"
need opensc-tool piv-tool pkcs15-tool openssl

expect "$FNCARD_READER" opensc-tool --list-readers
expect "Personal Identity Verification Card" opensc-tool --name
expect "Personal Identity Verification Card" piv-tool --name
certificates=$(pkcs15-tool --list-certificates 2>&1)
for use in "Digital Signature" "Key Management" "Card Authentication"; do
  grep -qF "[Certificate for $use]" <<<"$certificates" || fail "no certificate for $use: $certificates"
done
pkcs15-tool --read-certificate 02 -o "$WORK/read.pem" 2>/dev/null
cmp <(openssl x509 -in "$WORK/read.pem" -outform der) <(openssl x509 -in "$FNCARD_CARD_DIR/signature.pem" -outform der) ||
  fail "the certificate read is not the one on the card"
openssl verify -CAfile "$FNCARD_CARD_DIR/root.pem" -untrusted "$FNCARD_CARD_DIR/issuing.pem" "$WORK/read.pem" >/dev/null ||
  fail "the certificate read does not chain to the root"
