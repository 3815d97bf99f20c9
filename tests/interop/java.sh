#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: java.sh [context]. Java's SunPKCS11: keytool lists the card, a program of one file decrypts or agrees on a key,
# signs, and fetches a page by TLS with the card's certificate.
# context: with the PIN wanted for each signature, so that SunPKCS11 cannot sign.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
mode=${1:-}
[ -z "$preload" ] || { echo "a sanitizer's runtime and Java's do not go together"; exit 77; }

printf 'name = fncard\nlibrary = %s\nslotListIndex = 0\n' "$FNCARD_MODULE" >java.cfg
printf '%s' "$FNCARD_PIN" >pin
echo "to be signed" >data
if [ "$mode" = context ]; then
  # SunPKCS11 knows no login for each use (CKU_CONTEXT_SPECIFIC)
  context_mode
  ! java "$here/CardClient.java" java.cfg sign data signature >tool.out 2>&1 || fail "it can: say so in docs/clients.md"
  expect CKR_USER_NOT_LOGGED_IN
  cannot 'Java SunPKCS11 (context)' signature
  exit 0
fi

measure
keytool -list -storetype PKCS11 -addprovider SunPKCS11 -providerarg java.cfg -storepass:file pin >tool.out 2>&1 || fail "keytool: $(cat tool.out)"
[ "$(grep -cE '^(Signature|Encryption), PrivateKeyEntry' tool.out)" = 2 ] || fail "keytool: $(cat tool.out)"
result keytool 'list keys' given

java "$here/CardClient.java" java.cfg use "$FNCARD_CARD_DIR/key-management.pem" >tool.out 2>&1 || fail "Java: $(cat tool.out)"
expect '^the same secret'
result 'Java SunPKCS11' 'decrypt or derive' "$(sed -n 's/^asked //p' tool.out)"

measure
java "$here/CardClient.java" java.cfg sign data signature >tool.out 2>&1 || fail "Java: $(cat tool.out)"
public_key signature
openssl dgst -sha256 -verify signature.pub -signature signature data || fail "the signature"
result 'Java SunPKCS11' signature "$(sed -n 's/^asked //p' tool.out)"

start_s_server
for version in 1.3 1.2; do
  measure
  timeout 120 java "$here/CardClient.java" java.cfg tls "$port" server.pem "TLSv$version" >page 2>tool.out || fail "Java: $(cat page tool.out)"
  grep -q "^protocol TLSv$version" page || fail "another protocol: $(cat page)"
  is_holders_page
  result 'Java SunPKCS11' "TLS $version client authentication" "$(sed -n 's/^asked //p' page)"
done
