#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: pkcs11_tool_ec.sh CURVE. OpenSC's pkcs11-tool on a card with EC keys; what it makes is checked with openssl.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
curve=$1

with_pin --test
expect '^No errors'
measure
pkcs11_tool --list-objects
[ "$(grep -c '^Certificate Object' tool.out)" = 2 ] || fail "certificates without login: $(cat tool.out)"
result pkcs11-tool 'list certificates' -
with_pin --list-objects
[ "$(grep -c '^Private Key Object; EC' tool.out)" = 2 ] || fail "private keys after login: $(cat tool.out)"
result pkcs11-tool 'list keys' given

public_key signature
echo "to be signed" >data
with_pin --sign --id 02 --mechanism ECDSA-SHA256 --input-file data --output-file signature
result pkcs11-tool signature given
for digest in 256 384 512; do
  with_pin --sign --id 02 --mechanism "ECDSA-SHA$digest" --signature-format openssl --input-file data --output-file signature
  openssl dgst "-sha$digest" -verify signature.pub -signature signature data || fail "ECDSA-SHA$digest"
done
openssl dgst -sha256 -binary data >digest
with_pin --sign --id 02 --mechanism ECDSA --signature-format openssl --input-file digest --output-file signature
openssl dgst -sha256 -verify signature.pub -signature signature data || fail "ECDSA"

public_key key-management
openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$curve" -out peer.pem
openssl pkey -in peer.pem -pubout -outform DER -out peer.der
measure
with_pin --derive --id 03 --mechanism ECDH1-DERIVE --input-file peer.der --output-file ours
openssl pkeyutl -derive -inkey peer.pem -peerkey key-management.pub -out theirs
cmp ours theirs || fail "another shared secret"
result pkcs11-tool 'decrypt or derive' given
