#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# piv-tool on a blank card: generate, certificates (plain and compressed), objects. Administration is by mutual
# authentication: the external one (A:9B:03) fails in OpenSC 0.23 itself, its issue 2658.
. "$(dirname "$0")/common.sh"
need piv-tool pkcs15-tool pkcs11-tool openssl yubico-piv-tool
cd "$WORK"

echo 01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08 >admin.key
export PIV_EXT_AUTH_KEY=$WORK/admin.key
yubico-piv-tool --reader "$FNCARD_READER" --action set-chuid --action set-ccc >output 2>&1 || fail "$(cat output)"
openssl ecparam -name prime256v1 -genkey -noout -out ca.key
openssl req -x509 -new -key ca.key -subj /CN=ca -days 2 -out ca.pem

# provide SLOT ALGORITHM OPTION NAME YUBICO: a key in SLOT and a certificate for it, written with OPTION. What piv-tool's
# key is, the card tells: with OpenSSL 3 version 0.23 cannot print the public key that it gets, so that the certificate is
# for a second key, by yubico-piv-tool.
provide() {
  piv-tool --admin M:9B:03 --genkey "$1:$2" >output 2>&1 || :
  expect "key $1: $4" fncard-sim show "$FNCARD_CARD_FILE"
  yubico-piv-tool --reader "$FNCARD_READER" --action generate --slot "${1,,}" --algorithm "$5" --output "$1.pub" >output 2>&1 || fail "$(cat output)"
  openssl req -new -key ca.key -subj "/CN=holder $1" 2>/dev/null |
    openssl x509 -req -CA ca.pem -CAkey ca.key -force_pubkey "$1.pub" -days 2 -outform der -out "$1.der" 2>/dev/null
  if [ "$3" = --compresscert ]; then
    gzip -nc "$1.der" >"$1.in"
  else
    openssl x509 -inform der -in "$1.der" -out "$1.in"
  fi
  piv-tool --admin M:9B:03 "$3" "$1" --in "$1.in" >output 2>&1 || : # it exits with the number of bytes that it wrote
}
provide 9A 07 --cert RSA-2048 RSA2048
provide 9C 11 --cert P-256 ECCP256
provide 9D 07 --compresscert RSA-2048 RSA2048
provide 9E 14 --compresscert P-384 ECCP384

n=1
for slot in 9A 9C 9D 9E; do
  pkcs15-tool --read-certificate 0$n -o read.pem >output 2>&1 || fail "read $slot: $(cat output)"
  cmp <(openssl x509 -in read.pem -outform der) $slot.der || fail "the certificate in $slot is not what was written"
  n=$((n + 1))
done

echo data >data
pkcs11 --login --pin 123456 --sign --id 02 --mechanism ECDSA-SHA256 --signature-format openssl --input-file data --output-file signature \
  >output 2>&1 || fail "sign: $(cat output)"
openssl dgst -sha256 -verify 9C.pub -signature signature data >/dev/null || fail "the signature is wrong"

# container 3001 is the printed information, which is read with the PIN
printf '\x53\x07\x01\x03\x41\x42\x43\xfe\x00' >printed
piv-tool --admin M:9B:03 --object 3001 --in printed >output 2>&1 || :
expect "object 5FC109: 9 bytes" fncard-sim show "$FNCARD_CARD_FILE"
serial=$(piv-tool --serial 2>/dev/null)
grep -qE '^([0-9A-F]{2} ){16}' <<<"$serial" || fail "no serial number: $serial"

# with another key administration is closed
echo 01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:AA >admin.key
! piv-tool --admin M:9B:03 --object 3001 --in printed >output 2>&1 || fail "a wrong administration key opens the card"
grep -q "admin_mode failed" output || fail "another failure: $(cat output)"
