#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSC's pkcs11-tool on a card with RSA keys; what it makes is checked with openssl.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

pkcs11_tool --list-slots
expect 'token label +: fncard TW[0-9]{14}'
expect 'login required, rng, token initialized, PIN initialized'

measure
pkcs11_tool --list-objects
[ "$(grep -c '^Certificate Object' tool.out)" = 2 ] || fail "certificates without login: $(cat tool.out)"
! grep -q '^Private Key' tool.out || fail "private keys without login"
result pkcs11-tool 'list certificates' -
with_pin --list-objects
[ "$(grep -c '^Private Key Object; RSA' tool.out)" = 2 ] || fail "private keys after login: $(cat tool.out)"
expect 'always authenticate'
result pkcs11-tool 'list keys' given

pkcs11_tool --read-object --type cert --id 02 --output-file certificate.der
openssl x509 -in "$FNCARD_CARD_DIR/signature.pem" -outform DER | cmp - certificate.der || fail "another certificate"

with_pin --test
expect '^No errors'
measure

public_key signature
echo "to be signed" >data
with_pin --sign --id 02 --mechanism SHA256-RSA-PKCS --input-file data --output-file signature
result pkcs11-tool signature given
for digest in 224 256 384 512; do
  with_pin --sign --id 02 --mechanism "SHA$digest-RSA-PKCS" --input-file data --output-file signature
  openssl dgst "-sha$digest" -verify signature.pub -signature signature data || fail "SHA$digest-RSA-PKCS"
  with_pin --sign --id 02 --mechanism "SHA$digest-RSA-PKCS-PSS" --input-file data --output-file signature
  openssl dgst "-sha$digest" -verify signature.pub -sigopt rsa_padding_mode:pss -signature signature data ||
    fail "SHA$digest-RSA-PKCS-PSS"
done
openssl dgst -sha256 -binary data >digest
with_pin --sign --id 02 --mechanism RSA-PKCS-PSS --hash-algorithm SHA256 --salt-len 20 --input-file digest --output-file signature
openssl dgst -sha256 -verify signature.pub -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20 -signature signature data ||
  fail "RSA-PKCS-PSS"

public_key key-management
openssl pkeyutl -encrypt -pubin -inkey key-management.pub -in data -out encrypted
measure
with_pin --decrypt --id 03 --mechanism RSA-PKCS --input-file encrypted --output-file decrypted
cmp data decrypted || fail "RSA-PKCS decryption"
result pkcs11-tool 'decrypt or derive' given
for digest in 1 256 384 512; do
  openssl pkeyutl -encrypt -pubin -inkey key-management.pub -pkeyopt rsa_padding_mode:oaep \
    -pkeyopt "rsa_oaep_md:sha$digest" -pkeyopt "rsa_mgf1_md:sha$digest" -in data -out encrypted
  name=SHA$digest
  [ "$digest" != 1 ] || name=SHA-1
  with_pin --decrypt --id 03 --mechanism RSA-PKCS-OAEP --hash-algorithm "$name" --mgf "MGF1-SHA$digest" \
    --input-file encrypted --output-file decrypted
  cmp data decrypted || fail "OAEP SHA$digest decryption"
done

with_pin --change-pin --new-pin 86420975
expect 'PIN successfully changed'
FNCARD_PIN=86420975
with_pin --list-objects
expect '^Private Key Object'
