# SPDX-License-Identifier: Apache-2.0
# Sourced by the tests of this folder, which run inside scripts/with-card.
set -euo pipefail

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

work=$(mktemp -d)
processes=()
clean_up() {
  if [ ${#processes[@]} != 0 ]; then
    # "foreign … &" is a shell with the program as its child
    pkill -P "$(IFS=, && echo "${processes[*]}")" || :
    kill "${processes[@]}" 2>/dev/null || :
  fi
  wait
  rm -rf "$work"
}
trap clean_up EXIT
cd "$work"

# The results go into the table of docs/clients.md (clients_table.py), one file a test.
export FNCARD_RESULTS=${FNCARD_RESULTS:-$work}/${FNCARD_TEST:-results}
mkdir -p "${FNCARD_RESULTS%/*}"
: >"$FNCARD_RESULTS"
apdus_before=0

apdus() {
  grep -c '^> ' "$FNCARD_APDU_LOG" || :
}

# measure: the APDUs of the next result are counted from here, with an empty certificate cache
measure() {
  rm -f "${FNCARD_CACHE_DIR:?}"/*.certificates
  apdus_before=$(apdus)
}

# result CLIENT OPERATION PROMPTS: the client did it. PROMPTS: how often it asked for the PIN, "given" when it takes it from an option
# or file and "-" when it needs none.
result() {
  printf '%s|%s|%s|%s|%s\n' "$1" "$2" "${FNCARD_KEY:?}" "$3" $(($(apdus) - apdus_before)) | tee -a "$FNCARD_RESULTS"
  measure
}

# cannot CLIENT OPERATION: the client itself is not able to; docs/clients.md says why and what helps
cannot() {
  printf '%s|%s|%s|-|no\n' "$1" "$2" "${FNCARD_KEY:?}" | tee -a "$FNCARD_RESULTS"
}

# until_true WHAT COMMAND…: asks again until COMMAND succeeds; for what tells nobody when it is ready. Fails after a minute.
until_true() {
  local what=$1 tries=600
  shift
  until "$@" >/dev/null 2>&1; do
    ((tries-- > 0)) || fail "$what does not come"
    sleep 0.1
  done
}

# ending PID: a process in the background that ends with the test
ending() {
  processes+=("$1")
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# context_mode: the PIN is wanted for each signature, also by programs for which the module knows better
context_mode() {
  mkdir -p config/fncard
  printf '[pkcs11]\nalways-authenticate = "context"\n' >config/fncard/fncard.toml
  export XDG_CONFIG_HOME=$work/config
}

# p11_kit_only_ours: p11-kit, and what stands on it, knows this module alone. It reads nobody's own configuration for root, whose
# scripts/with-card is in a mount namespace that ends with it.
p11_kit_only_ours() {
  mkdir -p config/pkcs11/modules
  echo "module: $FNCARD_MODULE" >config/pkcs11/modules/fncard.module
  echo "user-config: only" >config/pkcs11/pkcs11.conf
  export XDG_CONFIG_HOME=$work/config
  [ "$(id -u)" != 0 ] || mount --no-mtab --bind config/pkcs11/modules /usr/share/p11-kit/modules
}

# server_certificate: server.pem and server.key, of localhost
server_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.pem -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null
}

# start_s_server OPTIONS…: openssl s_server on $port, which wants a certificate of the card's authority and gives a page that says whose it got
start_s_server() {
  server_certificate
  cat "$FNCARD_CARD_DIR/issuing.pem" "$FNCARD_CARD_DIR/root.pem" >authorities.pem
  openssl s_server -accept 127.0.0.1:0 -cert server.pem -key server.key -CAfile authorities.pem -Verify 3 -verify_return_error \
    -www "$@" >server.log 2>&1 &
  ending $!
  until_true 'openssl s_server' grep -q '^ACCEPT' server.log
  port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' server.log)
}

# is_holders_page: the file page is what start_s_server's server gave to the card's holder
is_holders_page() {
  grep -A60 'Client certificate' page | grep -q "serialNumber *= *$(holder)" || fail "another client: $(cat page)"
}

# holder: the serialNumber in the subject of the card's certificates, new for each card
holder() {
  openssl x509 -in "$FNCARD_CARD_DIR/signature.pem" -noout -subject -nameopt multiline | sed -n 's/ *serialNumber *= //p'
}

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
