# SPDX-License-Identifier: Apache-2.0
# Sourced by the tests of this folder, which run inside scripts/with-card.
set -euo pipefail

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# A sanitized module in a program that is not wants the sanitizer's runtime first.
preload=
case ${FNCARD_SANITIZE:-} in
  *address*) preload=$(gcc -print-file-name=libasan.so) ;;
  *thread*) preload=$(gcc -print-file-name=libtsan.so) ;;
esac

# foreign COMMAND…: a program that is not ours, with the module's sanitizer but without its leaks
foreign() {
  if [ -n "$preload" ]; then
    LD_PRELOAD=$preload ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=report_bugs=1:ignore_noninstrumented_modules=1 "$@"
  else
    "$@"
  fi
}

# pkcs11_tool ARGUMENTS…: its exit code is 0 also when something failed, so its output is read; kept in tool.out
pkcs11_tool() {
  foreign pkcs11-tool --module "$FNCARD_MODULE" "$@" >tool.out 2>&1 || fail "pkcs11-tool $1: $(cat tool.out)"
  if grep -qiE 'error:|failed|CKR_|ERR:|AddressSanitizer|runtime error|ThreadSanitizer' tool.out; then
    fail "pkcs11-tool $*: $(cat tool.out)"
  fi
}

# with_pin ARGUMENTS…: pkcs11-tool logged in; it takes the (throwaway) PIN on its command line only
with_pin() {
  pkcs11_tool --login --pin "$FNCARD_PIN" "$@"
}

expect() {
  grep -qE -- "$1" tool.out || fail "no '$1' in: $(cat tool.out)"
}

# public_key NAME: of a certificate on the card, into NAME.pub
public_key() {
  openssl x509 -in "$FNCARD_CARD_DIR/$1.pem" -noout -pubkey >"$1.pub"
}
