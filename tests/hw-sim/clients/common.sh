# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the tests beside it, which run under scripts/with-card. WORK is a folder of the test's own.
set -euo pipefail
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# need PROGRAM…: skips the test where a client is not installed
need() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || { echo "skipped: $program is not installed"; exit 77; }
  done
}

fail() {
  echo "failed: $*" >&2
  echo "--- the card's log:" >&2
  cut -c1-200 "$FNCARD_APDU_LOG" >&2
  exit 1
}

# expect TEXT COMMAND…: COMMAND's output must have TEXT in it; several of these clients exit with 0 whatever happens
expect() {
  local text=$1 output
  shift
  output=$("$@" 2>&1) || fail "$* exited with $?: $output"
  grep -qF -- "$text" <<<"$output" || fail "$* did not say \"$text\" but: $output"
}

# pkcs11 ARGUMENTS…: OpenSC's module on the simulated card
pkcs11() {
  pkcs11-tool --module "$(find /usr/lib /usr/local/lib -name opensc-pkcs11.so -print -quit 2>/dev/null)" "$@"
}
