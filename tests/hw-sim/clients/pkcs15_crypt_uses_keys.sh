#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# pkcs15-crypt signs a digest with the signing key and deciphers with the encryption key; OpenSSL checks.
. "$(dirname "$0")/common.sh"
need pkcs15-crypt openssl
cd "$WORK"

public_of() { openssl x509 -in "$FNCARD_CARD_DIR/$1.pem" -noout -pubkey; }
echo "to be signed" >data
openssl dgst -sha256 -binary data >digest
rsa=no
! openssl pkey -pubin -in <(public_of signature) -noout -text | grep -q Modulus || rsa=yes
form=(--signature-format openssl)
[ $rsa = no ] || form=(--pkcs1 --sha-256)
pkcs15-crypt --sign --key 02 "${form[@]}" --pin "$FNCARD_PIN" --raw --input digest --output signature >output 2>&1 || fail "$(cat output)"
openssl dgst -sha256 -verify <(public_of signature) -signature signature data >/dev/null || fail "the signature is wrong"
# card authentication asks for no PIN
pkcs15-crypt --sign --key 04 "${form[@]}" --raw --input digest --output signature </dev/null >output 2>&1 || fail "$(cat output)"
openssl dgst -sha256 -verify <(public_of card-authentication) -signature signature data >/dev/null || fail "the card's signature is wrong"
[ $rsa = yes ] || exit 0
openssl pkeyutl -encrypt -pubin -inkey <(public_of key-management) -in data -out sealed
pkcs15-crypt --decipher --key 03 --pkcs1 --pin "$FNCARD_PIN" --raw --input sealed --output opened >output 2>&1 || fail "$(cat output)"
cmp data opened || fail "not what was encrypted"
