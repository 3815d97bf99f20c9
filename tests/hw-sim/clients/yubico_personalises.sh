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

# a signature by each key and algorithm that OpenSSL verifies. Requests and certificates signed by the card are not to be
# had: version 2.2.0 fails with OpenSSL 3 before it asks the card (its issue 388).
echo data >data
for slot in 9a 9c 9d 9e; do
  for algorithm in RSA2048 ECCP256 ECCP384; do
    expect "Successfully generated" tool --action generate --slot $slot --algorithm $algorithm --output public.pem
    expect "Signature successful" tool --action verify-pin --pin 123456 --sign --slot $slot --algorithm $algorithm --input data --output signature
    openssl dgst -sha256 -verify public.pem -signature signature data >/dev/null || fail "the signature of $slot $algorithm is wrong"
  done
done

# import_into SLOT FILE ALGORITHM: the card then has the private key of FILE
import_into() {
  openssl pkey -in "$2" -pubout -out public.pem
  expect "Successfully imported a new private key" tool --action import-key --slot "$1" --input "$2"
  certify "$1"
  expect "Successful" tool --action verify-pin --pin 123456 --action test-signature --slot "$1" --input "$1.pem"
  expect "Signature successful" tool --action verify-pin --pin 123456 --sign --slot "$1" --algorithm "$3" --input data --output signature
  openssl dgst -sha256 -verify public.pem -signature signature data >/dev/null || fail "the signature of $2 is wrong"
}
openssl genrsa -out rsa.pem 2048 2>/dev/null
openssl ecparam -name prime256v1 -genkey -noout -out p256.pem
openssl ecparam -name secp384r1 -genkey -noout -out p384.pem
import_into 9a rsa.pem RSA2048
import_into 9a p256.pem ECCP256
import_into 9a p384.pem ECCP384
# an old encryption key, as a retired one
openssl pkey -in rsa.pem -pubout -out public.pem
expect "Successfully imported a new private key" tool --action import-key --slot 82 --input rsa.pem
certify 82
expect "Successfully performed" tool --action verify-pin --pin 123456 --action test-decipher --slot 82 --input 82.pem

expect "Successfully set new CHUID" tool --action set-chuid
expect "Successfully changed the pin code" tool --action change-pin --pin 123456 --new-pin 654321
expect "Successfully changed the puk code" tool --action change-puk --pin 12345678 --new-pin 87654321
for _ in 1 2 3; do ! tool --action verify-pin --pin 999999 >output 2>&1 || fail "a wrong PIN was taken"; done
expect "PIN: 0 of 3 tries left" fncard-sim show "$FNCARD_CARD_FILE"
expect "Successfully unblocked the pin code" tool --action unblock-pin --pin 87654321 --new-pin 111222
expect "Successfully verified PIN" tool --action verify-pin --pin 111222
expect "Successfully set new management key" tool --action set-mgm-key --new-key 0102030405060708010203040506070801020304050607AA
tool --action set-ccc >output 2>&1 && fail "the old administration key still opens the card"
expect "Successfully set new CCC" tool --key=0102030405060708010203040506070801020304050607AA --action set-ccc
status=$(tool --action status 2>&1)
for line in "CHUID:	3019d4e739da739ced39ce739d836858210842108421c84210c3eb3410" "PIN tries left:	3" "Slot 9a:" "Slot 9c:" "Slot 9d:" "Subject DN:	CN=holder"; do
  grep -qF "$line" <<<"$status" || fail "not in the status: $line: $status"
done
