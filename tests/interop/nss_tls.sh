#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# NSS, the library of Firefox and Chromium, by its own tools: the module is added, objects are listed, TLS 1.3 with the card's certificate.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=nss_common.sh
. "$(dirname "${BASH_SOURCE[0]}")/nss_common.sh"

nss_database db
modutil -dbdir sql:db -list >tool.out
expect 'token: fncard TW[0-9]{14}'
token=$(sed -n 's/^\s*token: \(fncard TW[0-9]*\)$/\1/p' tool.out)

# Nothing is asked for to see what is public
measure
foreign certutil -d sql:db -L -h all </dev/null >tool.out 2>&1 || fail "certutil -L: $(cat tool.out)"
expect "^$token:Signature +u,u,u"
expect "^$token:Encryption +u,u,u"
! grep -qi 'password' tool.out || fail "a PIN is asked for to list certificates"
result 'NSS certutil' 'list certificates' -
foreign certutil -d sql:db -K -h "$token" -f pin >tool.out 2>&1 || fail "certutil -K: $(cat tool.out)"
[ "$(grep -cE '^< ?[01]> (rsa|ec) ' tool.out)" = 2 ] || fail "private keys: $(cat tool.out)"
result 'NSS certutil' 'list keys' given

# A server that wants a certificate of the card's authority and says whose it got
server_certificate
openssl pkcs12 -export -in server.pem -inkey server.key -name server -passout pass: -out server.p12
mkdir server
certutil -d sql:server -N --empty-password
pk12util -d sql:server -i server.p12 -W '' >/dev/null
for name in root issuing; do
  certutil -d sql:server -A -n "$name" -t CT,C, -i "$FNCARD_CARD_DIR/$name.pem"
done
certutil -d sql:db -A -n server -t P,, -i server.pem
start_selfserv

measure
# -O: without it tstclnt 3.87 chooses the certificate in a way that leaves it waiting at the end
printf 'GET / HTTP/1.0\r\n\r\n' >request
foreign timeout 60 tstclnt -O -A request -h localhost -p "$port" -d sql:db -n "$token:Signature" -W pin -V tls1.3:tls1.3 \
  </dev/null >tool.out 2>&1 || fail "tstclnt: $(cat tool.out)"
expect '^HTTP/1.0 200 OK'
until_true "the server's word" grep -q 'TLS 1.3' server.log
grep -q "Subject: serialNumber=$(holder),CN=NGUYEN THI HOA" server.log || fail "another client: $(cat server.log)"
grep -q 'Certificate Validated' server.log || fail "not validated: $(cat server.log)"
spent=$(($(apdus) - apdus_before))
[ "$spent" -le 30 ] || fail "$spent APDUs for one TLS handshake"
result 'NSS tstclnt' 'TLS 1.3 client authentication' given
