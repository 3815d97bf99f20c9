#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: ssh.sh [context]. OpenSSH: the card's key is listed and logs in to a server on this PC, the PIN given by SSH_ASKPASS.
# context: with the PIN wanted for each signature, so that neither ssh nor its agent can sign.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
mode=${1:-}
[ -z "$mode" ] || context_mode
sshd=$(command -v sshd || echo /usr/sbin/sshd)

cat >askpass <<'SCRIPT'
#!/bin/sh
echo "$1" >>"$ASKED"
echo "$FNCARD_PIN"
SCRIPT
chmod +x askpass
export SSH_ASKPASS=$work/askpass SSH_ASKPASS_REQUIRE=force ASKED=$work/asked DISPLAY=${DISPLAY:-:none}
: >asked

measure
foreign ssh-keygen -D "$FNCARD_MODULE" >keys 2>tool.out || fail "ssh-keygen -D: $(cat tool.out)"
public_key signature
ssh-keygen -i -m PKCS8 -f signature.pub | cut -d' ' -f2 >expected
grep -Ff expected keys >authorized_keys || fail "the signature key is not listed: $(cat keys)"
[ -n "$mode" ] || result ssh-keygen 'list keys (-D)' "$(wc -l <asked)"

ssh-keygen -q -t ed25519 -N '' -f host_key
chmod go-w . authorized_keys
cat >sshd_config <<CONFIG
HostKey $work/host_key
PidFile none
ListenAddress 127.0.0.1
AuthorizedKeysFile $work/authorized_keys
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
ForceCommand echo "welcome by \$(cat \$SSH_USER_AUTH)"
ExposeAuthInfo yes
CONFIG
if [ "$(id -u)" = 0 ]; then # its folder for privilege separation, in this test's mount namespace alone
  mount --no-mtab -t tmpfs tmpfs /run
  mkdir -p /run/sshd
fi
start_sshd() {
  local tries
  for tries in 1 2 3 4 5; do
    port=$(free_port)
    "$sshd" -D -e -f sshd_config -p "$port" >server.log 2>&1 &
    ending $!
    if until_true "sshd on port $port (try $tries)" eval "! kill -0 $! || grep -q 'Server listening' server.log" && kill -0 $! 2>/dev/null; then
      return
    fi
  done
  fail "sshd: $(cat server.log)"
}
start_sshd
echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 host_key.pub)" >known_hosts

login() {
  foreign timeout 60 ssh -F none -o IdentityFile=none -o UserKnownHostsFile="$work/known_hosts" -o StrictHostKeyChecking=yes \
    -o PreferredAuthentications=publickey -p "$port" "$@" 127.0.0.1 </dev/null >tool.out 2>&1
}

welcomed() {
  grep '^welcome by publickey' tool.out | grep -qFf expected || fail "another key: $(cat tool.out)"
}

: >asked
measure
if [ -z "$mode" ]; then
  login -o PKCS11Provider="$FNCARD_MODULE" || fail "ssh: $(cat tool.out server.log)"
  welcomed
  result ssh login "$(wc -l <asked)"
else
  # OpenSSH takes its first C_Login for what the key asks before each use, which is a login of its own (CKU_CONTEXT_SPECIFIC)
  ! login -o PKCS11Provider="$FNCARD_MODULE" || fail "it can: say so in docs/clients.md"
  expect 'C_Sign failed: 257'
  cannot 'ssh (context)' login
fi

ssh-agent -D -a "$work/agent.sock" -P "$FNCARD_MODULE" >agent.log 2>&1 &
ending $!
export SSH_AUTH_SOCK=$work/agent.sock
until_true ssh-agent test -S agent.sock
: >asked
foreign ssh-add -s "$FNCARD_MODULE" </dev/null >tool.out 2>&1 || fail "ssh-add: $(cat tool.out agent.log)"
ssh-add -L >keys
grep -qFf expected keys || fail "the agent has not the key: $(cat keys)"
measure
if [ -z "$mode" ]; then
  login || fail "ssh with its agent: $(cat tool.out agent.log)"
  welcomed
  result ssh-agent login "$(wc -l <asked)"
else
  # the agent's helper asks nobody for the PIN that this key wants each time
  ! login || fail "it can: say so in docs/clients.md"
  expect 'agent refused operation'
  cannot 'ssh-agent (context)' login
fi
