#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GnuPG's S/MIME through gnupg-pkcs11-scd: gpgsm learns the card, signs with it, and decrypts what openssl encrypted. The agent, and the
# card's daemon behind it, are of this test.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

export GNUPGHOME=$work/gnupg ASKED=$work/asked
mkdir -m 700 "$GNUPGHOME"
: >asked
end_agent() {
  gpgconf --kill all || :
  clean_up
}
trap end_agent EXIT

# The person who is asked by the agent: gives the PIN to each question
cat >pinentry <<'SCRIPT'
#!/bin/sh
echo "OK here I am"
while read -r command words; do
  case $command in
    GETPIN) echo asked >>"$ASKED"; echo "D $FNCARD_PIN" ;;
    BYE) echo OK; exit ;;
  esac
  echo OK
done
SCRIPT
cat >card_daemon <<SCRIPT
#!/bin/sh
${preload:+export LD_PRELOAD=$preload ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=report_bugs=1:ignore_noninstrumented_modules=1}
exec gnupg-pkcs11-scd "\$@"
SCRIPT
chmod +x pinentry card_daemon
cat >"$GNUPGHOME/gpg-agent.conf" <<CONFIG
scdaemon-program $work/card_daemon
pinentry-program $work/pinentry
CONFIG
cat >"$GNUPGHOME/gnupg-pkcs11-scd.conf" <<CONFIG
log-file $work/scd.log
providers fncard
provider-fncard-library $FNCARD_MODULE
CONFIG
# The card's authority is trusted, and its lists of revoked certificates are not fetched
openssl x509 -in "$FNCARD_CARD_DIR/root.pem" -noout -fingerprint -sha1 | sed 's/.*=\(.*\)/\1 S relax/' >"$GNUPGHOME/trustlist.txt"

gpg_sm() {
  timeout 120 gpgsm --batch --no-tty --disable-dirmngr --disable-crl-checks "$@" >tool.out 2>&1 || fail "gpgsm $*: $(cat tool.out scd.log)"
}

for name in root issuing; do
  gpg_sm --import "$FNCARD_CARD_DIR/$name.pem"
done

measure
gpg_sm --learn-card
gpg_sm --with-colons --list-secret-keys
if [ "$FNCARD_KEY" = p256 ]; then
  # gnupg-pkcs11-scd 0.10 knows RSA alone: it passes over the card's certificates
  ! grep -q '^crs:' tool.out || fail "it can: say so in docs/clients.md"
  for operation in 'list keys' 'S/MIME signature' 'S/MIME decryption'; do
    cannot gpgsm "$operation"
  done
  exit 0
fi
[ "$(grep -c '^crs:' tool.out)" = 2 ] || fail "keys of the card: $(cat tool.out scd.log)"
result gpgsm 'list keys' "$(wc -l <asked)"

# fingerprint NAME: how gpgsm names a certificate of the card
fingerprint() {
  openssl x509 -in "$FNCARD_CARD_DIR/$1.pem" -noout -fingerprint -sha1 | sed 's/.*=//; s/://g'
}

# new_agent: the next thing is done by an agent that has not asked yet
new_agent() {
  gpgconf --kill gpg-agent
  until_true "the end of the agent" test ! -e "$(gpgconf --list-dirs agent-socket)"
  : >asked
  measure
}

echo "to be signed" >letter
new_agent
gpg_sm --local-user "$(fingerprint signature)" --output signed.der --sign letter
result gpgsm 'S/MIME signature' "$(wc -l <asked)"
# Checked by gpgsm: where the signature's first bit is set, in half of them, gpg-agent puts a zero before it that openssl does not want
gpg_sm --status-fd 1 --output read --verify signed.der
expect "^\[GNUPG:\] VALIDSIG $(fingerprint signature) "
cmp letter read || fail "another letter"

openssl cms -encrypt -binary -aes-256-cbc -in letter -outform DER -out encrypted.der "$FNCARD_CARD_DIR/key-management.pem"
new_agent
gpg_sm --output decrypted --decrypt encrypted.der
cmp letter decrypted || fail "another text: $(cat decrypted)"
result gpgsm 'S/MIME decryption' "$(wc -l <asked)"
