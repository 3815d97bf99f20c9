#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A blank card is nobody's yet: the slot is there, the token is not recognised, and a list of slots asks it no more than once.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

foreign pkcs11-tool --module "$FNCARD_MODULE" --list-slots >tool.out 2>&1 || fail "pkcs11-tool: $(cat tool.out)"
expect 'token not recognized'
apdus=$(grep -c '^> ' "$FNCARD_APDU_LOG")
[ "$apdus" -le 2 ] || fail "$apdus APDUs to a blank card"
