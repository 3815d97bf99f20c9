#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# yubico-piv-tool personalises a blank card: keys, certificates, CHUID, PIN, PUK, administration key; then uses the keys.
. "$(dirname "$0")/common.sh"
need yubico-piv-tool openssl
cd "$WORK"

tool() { yubico-piv-tool --reader "$FNCARD_READER" "$@"; }

expect "PIN tries left:	3" tool --action status
openssl ecparam -name prime256v1 -genkey -noout -out ca.key
openssl req -x509 -new -key ca.key -subj /CN=ca -days 2 -out ca.pem

# certify SLOT: a certificate of the key in SLOT, written to the card and read back
certify() {
  openssl req -new -key ca.key -subj /CN=holder 2>/dev/null |
    openssl x509 -req -CA ca.pem -CAkey ca.key -force_pubkey public.pem -days 2 -out "$1.pem" 2>/dev/null
  expect "Successfully imported a new certificate" tool --action import-certificate --slot "$1" --input "$1.pem"
  tool --action read-certificate --slot "$1" --output read.pem
  cmp "$1.pem" read.pem || fail "the certificate in $1 is not what was written"
}

for algorithm in RSA2048 ECCP256 ECCP384; do
  expect "Successfully generated" tool --action generate --slot 9c --algorithm $algorithm --output public.pem
  certify 9c
  expect "Successful" tool --action verify-pin --pin 123456 --action test-signature --slot 9c --input 9c.pem
  expect "Successfully generated" tool --action generate --slot 9d --algorithm $algorithm --output public.pem
  certify 9d
  expect "Successfully performed" tool --action verify-pin --pin 123456 --action test-decipher --slot 9d --input 9d.pem
done

openssl genrsa -out key.pem 2048 2>/dev/null
openssl pkey -in key.pem -pubout -out public.pem
expect "Successfully imported a new private key" tool --action import-key --slot 9a --input key.pem
certify 9a
expect "Successful RSA verification" tool --action verify-pin --pin 123456 --action test-signature --slot 9a --input 9a.pem

expect "Successfully set new CHUID" tool --action set-chuid
expect "Successfully changed the pin code" tool --action change-pin --pin 123456 --new-pin 654321
expect "Successfully changed the puk code" tool --action change-puk --pin 12345678 --new-pin 87654321
expect "Successfully unblocked the pin code" tool --action unblock-pin --pin 87654321 --new-pin 111222
expect "Successfully verified PIN" tool --action verify-pin --pin 111222
expect "Successfully set new management key" tool --action set-mgm-key --new-key 0102030405060708010203040506070801020304050607AA
tool --action set-ccc >output 2>&1 && fail "the old administration key still opens the card"
expect "Successfully set new CCC" tool --key=0102030405060708010203040506070801020304050607AA --action set-ccc
