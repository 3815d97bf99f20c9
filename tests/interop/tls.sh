#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# TLS 1.3 with the card's certificate by GnuTLS, curl on GnuTLS, and curl and openssl with libp11's engine, to a server that wants a
# certificate of the card's authority and tells each client whose it got.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
certificate='pkcs11:manufacturer=fncard;object=Signature;type=cert'
key='pkcs11:manufacturer=fncard;object=Signature;type=private'
printf '%s' "$FNCARD_PIN" >pin

start_s_server -tls1_3

# authenticated CLIENT PROMPTS: the page in the file page was given to the card's holder
authenticated() {
  grep -q 'TLSv1.3' page || fail "$1: not TLS 1.3: $(cat page tool.out)"
  is_holders_page
  result "$1" 'TLS 1.3 client authentication' "$2"
}

measure
mkfifo typed
exec 9<>typed # an input that does not end, for at its end gnutls-cli hangs up
printf 'GET / HTTP/1.0\r\n\r\n' >&9
GNUTLS_PIN=$FNCARD_PIN foreign timeout 60 gnutls-cli --provider="$FNCARD_MODULE" --x509cafile=server.pem --port="$port" \
  --x509certfile="$certificate" --x509keyfile="$key" localhost <typed >page 2>tool.out || fail "gnutls-cli: $(cat page tool.out)"
authenticated gnutls-cli given

p11_kit_only_ours
foreign python3 "$here/curl_gnutls.py" "https://localhost:$port/" server.pem "$certificate" "$key?pin-source=$work/pin" >page 2>tool.out ||
  fail "libcurl with GnuTLS: $(cat tool.out)"
authenticated 'libcurl (GnuTLS)' given

cat >openssl.cnf <<CONF
openssl_conf = start
[start]
engines = engines
[engines]
pkcs11 = pkcs11
[pkcs11]
engine_id = pkcs11
MODULE_PATH = $FNCARD_MODULE
init = 0
CONF
export OPENSSL_CONF=$work/openssl.cnf
foreign python3 "$here/answer_prompts.py" prompts 'PIN.*: *' \
  curl --silent --show-error --max-time 60 --tlsv1.3 --cacert server.pem --output page --engine pkcs11 --cert-type ENG --cert "$certificate" \
  --key-type ENG --key "$key" "https://localhost:$port/" >tool.out 2>&1 || fail "curl with the engine: $(cat tool.out)"
authenticated 'curl (OpenSSL engine)' "$(cat prompts)"

echo "to be signed" >data
public_key signature
measure
foreign python3 "$here/answer_prompts.py" prompts 'PIN.*: *' \
  openssl dgst -engine pkcs11 -keyform engine -sign "$key" -sha256 -out signature data >tool.out 2>&1 || fail "openssl dgst: $(cat tool.out)"
openssl dgst -sha256 -verify signature.pub -signature signature data || fail "the engine's signature"
result 'openssl (engine)' signature "$(cat prompts)"
