#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GnuTLS: lists the token by its RFC 7512 URI and signs with the key that wants the PIN each time.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
export GNUTLS_PIN=$FNCARD_PIN # how these programs take a PIN without a terminal; it is a throwaway one

p11_tool() {
  foreign p11tool --provider "$FNCARD_MODULE" "$@" >tool.out 2>&1 || fail "p11tool $*: $(cat tool.out)"
}

p11_tool --list-tokens
expect 'URL: pkcs11:model=PIV;manufacturer=fncard;serial=TW[0-9]{14};token=fncard%20TW[0-9]{14}'
expect 'Requires login'
p11_tool --list-all
[ "$(grep -c 'type=cert' tool.out)" = 2 ] || fail "certificates without login: $(cat tool.out)"
result p11tool 'list certificates' -
p11_tool --login --list-all
[ "$(grep -c 'type=private' tool.out)" = 2 ] || fail "private keys after login: $(cat tool.out)"
expect 'CKA_ALWAYS_AUTH'
result p11tool 'list keys' given
p11_tool --login --test-sign 'pkcs11:manufacturer=fncard;object=Signature;type=private'
expect 'Verifying against public key in the token... ok'
result p11tool signature given

# A certificate request signed on the card. Not in a sanitized build: with a sanitizer's runtime before it, certtool 3.7.9 never
# ends after --generate-request (freelocale waits for setlocale's lock in its exit handlers), also without any module.
[ -z "$preload" ] || exit 0
printf 'cn = "test"\n' >template
foreign certtool --provider "$FNCARD_MODULE" --generate-request --template template --outfile request.pem \
  --load-privkey 'pkcs11:manufacturer=fncard;object=Signature;type=private' \
  --load-pubkey 'pkcs11:manufacturer=fncard;object=Signature;type=public' >tool.out 2>&1 || fail "certtool: $(cat tool.out)"
openssl req -in request.pem -noout -verify 2>&1 | grep -q 'verify OK' || fail "the request's signature"
result certtool 'certificate request' given
