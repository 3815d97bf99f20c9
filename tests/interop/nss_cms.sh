#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# S/MIME as mail programs with NSS do it: cmsutil signs and decrypts with the card; openssl checks what it signed and makes what it decrypts.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=nss_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/nss_common.sh"

nss_database db
token=$(foreign modutil -dbdir sql:db -list | sed -n 's/^\s*token: \(fncard TW[0-9]*\)$/\1/p')
cat "$FNCARD_CARD_DIR/issuing.pem" "$FNCARD_CARD_DIR/root.pem" >authorities.pem
echo "to be signed" >letter

measure
foreign timeout 60 cmsutil -S -d sql:db -N "$token:Signature" -f pin -G -i letter -o signed.der >tool.out 2>&1 || fail "cmsutil -S: $(cat tool.out)"
openssl cms -verify -inform DER -in signed.der -CAfile authorities.pem -purpose any -out read -signer signer.pem 2>tool.out ||
  fail "the signature: $(cat tool.out)"
cmp letter read || fail "another letter"
openssl x509 -in "$FNCARD_CARD_DIR/signature.pem" -outform DER >card.der
openssl x509 -in signer.pem -outform DER | cmp - card.der || fail "another signer"
result 'NSS cmsutil' 'S/MIME signature' given

if [ "$FNCARD_KEY" = p256 ]; then
  cannot 'NSS cmsutil' 'S/MIME decryption' # NSS 3.87 reads no recipient with a key agreement
  exit 0
fi
openssl cms -encrypt -aes-256-cbc -in letter -outform DER -out encrypted.der "$FNCARD_CARD_DIR/key-management.pem"
measure
foreign timeout 60 cmsutil -D -d sql:db -f pin -i encrypted.der -o decrypted >tool.out 2>&1 || fail "cmsutil -D: $(cat tool.out)"
tr -d '\r' <decrypted | cmp letter - || fail "another text: $(cat decrypted)"
result 'NSS cmsutil' 'S/MIME decryption' given
