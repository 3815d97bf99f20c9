#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Node's pkcs11js and graphene-pk11, as node_packages.sh installed them: list, sign, and decrypt or agree on a key.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
[ -z "$preload" ] || { echo "a sanitizer's runtime and Node's do not go together"; exit 77; }
export NODE_PATH=${FNCARD_NODE:?}/node_modules
[ -d "$NODE_PATH" ] || { echo "Node's packages are not installed: see the test interop.node-packages"; exit 77; }

# node_client NAME OPERATION [CERTIFICATE]: what it says is in tool.out
node_client() {
  timeout 60 node "$here/node/$1_client.js" "${@:2}" >tool.out 2>&1 || fail "$1 $2: $(cat tool.out)"
}

for client in pkcs11js graphene; do
  name=$client
  [ "$client" != graphene ] || name=graphene-pk11
  measure
  node_client $client list
  [ "$(grep -cE '^certificate (Signature|Encryption)$' tool.out)" = 2 ] || fail "$name: certificates: $(cat tool.out)"
  result "$name" 'list certificates' -
  node_client $client sign "$FNCARD_CARD_DIR/signature.pem"
  expect '^the signature is valid'
  result "$name" signature given
  node_client $client use "$FNCARD_CARD_DIR/key-management.pem"
  expect '^the same secret'
  result "$name" 'decrypt or derive' given
done
