#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSC's PKCS#11 module agrees on a secret with the EC encryption key; OpenSSL comes to the same.
. "$(dirname "$0")/common.sh"
need pkcs11-tool openssl
cd "$WORK"

openssl x509 -in "$FNCARD_CARD_DIR/key-management.pem" -noout -pubkey >card.pem
openssl genpkey -paramfile <(openssl pkey -pubin -in card.pem -text -noout | grep -q P-384 && openssl ecparam -name secp384r1 || openssl ecparam -name prime256v1) -out peer.key
openssl pkey -in peer.key -pubout -outform der -out peer.der
openssl pkeyutl -derive -inkey peer.key -peerkey card.pem -out expected
pkcs11 --login --pin "$FNCARD_PIN" --derive --id 03 --mechanism ECDH1-DERIVE --input-file peer.der --output-file derived >output 2>&1 || fail "$(cat output)"
cmp expected derived || fail "another secret: $(cat output)"
