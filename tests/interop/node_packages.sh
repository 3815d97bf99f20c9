#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: node_packages.sh FOLDER: what node/package-lock.json names, in FOLDER/node_modules. pkcs11js is compiled, with Node's own headers.
# Exit codes: 0 it is there, 77 this PC has no npm or does not reach its registry, 1 anything else.
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
folder=$1
command -v npm >/dev/null || { echo "there is no npm"; exit 77; }
mkdir -p "$folder"
if [ -d "$folder/node_modules" ] && cmp -s "$here/node/package-lock.json" "$folder/package-lock.json"; then
  exit 0
fi
rm -rf "$folder/new"
mkdir "$folder/new"
cp "$here/node/package.json" "$here/node/package-lock.json" "$folder/new"
cd "$folder/new"
[ ! -f /usr/include/node/node_api.h ] || export npm_config_nodedir=/usr # or node-gyp fetches them
if ! npm ci --no-audit --no-fund >npm.log 2>&1; then
  cat npm.log
  ! grep -qE 'code (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT)' npm.log || exit 77
  exit 1
fi
rm -rf "$folder/node_modules" "$folder/package-lock.json"
mv node_modules package-lock.json "$folder"
rm -rf "$folder/new"
