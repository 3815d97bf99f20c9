#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: exports_test.sh MODULE: its dynamic symbols are the 104 functions of Cryptoki 3.2, and it needs no C++ runtime of the host
set -euo pipefail
module=$1
symbols=$(nm -D --defined-only "$module" | awk '{print $3}')
others=$(grep -v '^C_' <<<"$symbols" || true)
[ -z "$others" ] || { echo "exported besides C_*: $others"; exit 1; }
count=$(grep -c '^C_' <<<"$symbols")
[ "$count" -eq 104 ] || { echo "$count functions instead of 104"; exit 1; }
# a sanitizer brings the shared runtime with it
if ! readelf -d "$module" | grep -q 'lib[at]san'; then
  ! readelf -d "$module" | grep -q 'libstdc++' || { echo "needs libstdc++"; exit 1; }
fi
