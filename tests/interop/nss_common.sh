# SPDX-License-Identifier: Apache-2.0
# Sourced after common.sh by the tests of NSS and of what stands on it.

# nss_database FOLDER: a database with the module in it, and the card's authorities trusted
nss_database() {
  local name
  mkdir "$1"
  certutil -d "sql:$1" -N --empty-password
  foreign modutil -force -dbdir "sql:$1" -add fncard -libfile "$FNCARD_MODULE" -mechanisms FRIENDLY >tool.out 2>&1 ||
    fail "modutil: $(cat tool.out)"
  for name in root issuing; do
    foreign certutil -d "sql:$1" -A -n "$name" -t CT,C, -i "$FNCARD_CARD_DIR/$name.pem"
  done
  printf '%s' "$FNCARD_PIN" >pin # NSS's tools take a PIN from a file
}

# start_selfserv: a server on $port with the database "server" that wants a client certificate; its words are in server.log.
# selfserv takes no port 0, so that a port found free may be taken when it starts: then another.
start_selfserv() {
  local tries
  for tries in 1 2 3 4 5; do
    port=$(free_port)
    selfserv -d sql:server -n server -p "$port" -rr -V tls1.3:tls1.3 -v >server.log 2>&1 &
    ending $!
    if until_true "selfserv on port $port (try $tries)" eval "! kill -0 $! || grep -q 'About to call accept' server.log" &&
      kill -0 $! 2>/dev/null; then
      return
    fi
  done
  fail "selfserv: $(cat server.log)"
}
