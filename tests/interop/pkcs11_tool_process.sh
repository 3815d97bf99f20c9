#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSC's pkcs11-tool as a process with threads and with a child, at the same time as it works with the card.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

with_pin --test-fork --test
expect 'Calling C_Initialize in forked child process'
expect '^No errors'
result pkcs11-tool 'test after fork' given

# IL initialise, GI C_GetInfo, SL C_GetSlotList, T0 C_GetTokenInfo: three threads beside the tests with the keys
threads=()
for thread in 0 1 2; do
  threads+=(--test-threads ILGISLT0GISLT0)
done
mechanism=SHA256-RSA-PKCS
[ "$FNCARD_KEY" != p256 ] || mechanism=ECDSA-SHA256
echo "to be signed" >data
foreign pkcs11-tool --module "$FNCARD_MODULE" --use-locking "${threads[@]}" --login --pin "$FNCARD_PIN" --sign --id 02 \
  --mechanism "$mechanism" --signature-format openssl --input-file data --output-file signature >tool.out 2>&1 ||
  fail "pkcs11-tool: $(cat tool.out)"
! grep -v 'rv:CKR_CRYPTOKI_ALREADY\|returned CKR_CRYPTOKI_ALREADY' tool.out |
  grep -E 'error:|Sanitizer|CKR_[A-NP-Z]|some errors' || fail "threads: $(cat tool.out)"
for thread in 0 1 2; do
  expect "Test thread $thread returning rv = 0"
done
public_key signature
openssl dgst -sha256 -verify signature.pub -signature signature data || fail "the signature"
result pkcs11-tool 'signature beside threads' given
