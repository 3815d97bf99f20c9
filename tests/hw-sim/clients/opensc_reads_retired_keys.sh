#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSC finds in the Key History object that there are retired encryption keys, is not confused by one whose certificate
# is elsewhere (offCardCertURL), reads the compressed certificate of the other from the card, and deciphers with its key.
. "$(dirname "$0")/common.sh"
need pkcs15-tool pkcs15-crypt openssl
cd "$WORK"

fncard-sim create card.json --state activated --compress-certificates yes --retired-keys 1 --retired-keys-off-card 1 --certificates made
expect ok fncard-sim control "$FNCARD_SIM_CONTROL" remove
fncard-sim wait --reader "$FNCARD_READER" --absent
expect ok fncard-sim control "$FNCARD_SIM_CONTROL" insert "$WORK/card.json"
fncard-sim wait --reader "$FNCARD_READER"
certificates=$(pkcs15-tool --list-certificates 2>&1)
grep -qF "[Retired Certificate for Key Management 1]" <<<"$certificates" || fail "no retired certificate: $certificates"
pkcs15-tool --read-certificate 05 -o retired.pem >output 2>&1 || fail "$(cat output)"
openssl verify -CAfile made/root.pem -untrusted made/issuing.pem retired.pem >output 2>&1 || fail "$(cat output)"
echo "an old letter" >plain
openssl pkeyutl -encrypt -pubin -inkey <(openssl x509 -in retired.pem -noout -pubkey) -in plain -out sealed
pkcs15-crypt --decipher --key 05 --pkcs1 --pin "$FNCARD_PIN" --raw --input sealed --output opened >output 2>&1 || fail "$(cat output)"
cmp plain opened || fail "not what was encrypted"
