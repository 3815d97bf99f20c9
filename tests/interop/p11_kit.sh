#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# p11-kit: the registered module is found by programs that name none, and `p11-kit server` gives the card to programs that cannot load it.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

p11_kit_only_ours
foreign p11-kit list-modules >tool.out 2>&1 || fail "p11-kit list-modules: $(cat tool.out)"
expect '^ *(path|fncard):? .*fncard-pkcs11.so'
expect 'token: fncard TW[0-9]{14}'
expect 'serial-number: TW[0-9]{14}'
result p11-kit 'list modules' -
foreign p11tool --list-all-certs 'pkcs11:manufacturer=fncard' >tool.out 2>&1 || fail "p11tool: $(cat tool.out)"
[ "$(grep -c 'type=cert' tool.out)" = 2 ] || fail "p11tool without a provider: $(cat tool.out)"
result 'p11tool (registered)' 'list certificates' -

foreign p11-kit server --foreground --sh -n "$work/p11-kit.sock" --provider "$FNCARD_MODULE" 'pkcs11:manufacturer=fncard' >server.log 2>&1 &
ending $!
until_true 'p11-kit server' test -S p11-kit.sock
export P11_KIT_SERVER_ADDRESS=unix:path=$work/p11-kit.sock
client=$(ls /usr/lib/*/pkcs11/p11-kit-client.so)
echo "to be signed" >data
# its protocol carries the mechanisms that p11-kit knows: in 0.24 those with ECDSA and a digest are not among them
mechanism=SHA256-RSA-PKCS input=data
if [ "$FNCARD_KEY" = p256 ]; then
  mechanism=ECDSA input=digest
  openssl dgst -sha256 -binary data >digest
fi
measure
pkcs11-tool --module "$client" --login --pin "$FNCARD_PIN" --sign --id 02 --mechanism "$mechanism" --signature-format openssl \
  --input-file "$input" --output-file signature >tool.out 2>&1 || fail "through the server: $(cat tool.out server.log)"
public_key signature
openssl dgst -sha256 -verify signature.pub -signature signature data || fail "the signature: $(cat tool.out)"
result 'p11-kit server' signature given
