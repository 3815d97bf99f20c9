# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A smart-card service of one's own: pcscd, vpcd's reader and fncard-sim, unseen by the rest of the PC and needing no root
# where user namespaces are allowed. Sourced, not run; needs common.sh. In this order:
#
#   private_pcscd_enter "$0" "$@"   first thing a script does: runs the script again in a mount namespace (the same
#                                   process, so the exit code and the parent stay). Exits 77 when the PC allows none.
#   private_pcscd_prepare           makes PRIVATE_PCSCD_DIR, a short-lived folder, and takes care that it and everything
#                                   started below go away with this script, even when it is killed (-9).
#   private_pcscd_start SIM READERS CARD…
#                                   starts pcscd and one simulator (program SIM) for each of READERS readers (1 or 2). CARD is
#                                   a card file each; "-" leaves that reader empty. Returns when pcscd sees what it should.
#                                   Logs: $PRIVATE_PCSCD_DIR/pcscd.log, sim-1.log, apdu-1.log; control sockets: sim-1.sock.
#                                   Set PRIVATE_PCSCD_LOGS to another folder before to keep the logs; PRIVATE_PCSCD_TIMING to
#                                   what fncard-sim run --timing takes; PRIVATE_PCSCD_FAULTS to a file for the first reader.
#                                   pcscd alone is stopped and started again by the lines "stop" and "start" into the pipe
#                                   $PRIVATE_PCSCD_DIR/pcscd-control; it has stopped when its socket is gone.
#   private_pcscd_run COMMAND…      runs COMMAND in this script's folder, with its terminal and its network, as the person who
#                                   called; passes signals on; returns its exit code. The caller exits with it.
#   private_pcscd_stop              stops everything; called by itself when the script ends.
#
# Programs find this pcscd at its usual place, because the script's mount namespace has its own /run/pcscd. A program
# outside (the terminal next to `scripts/demo --stay`) finds it by PCSCLITE_CSOCK_NAME=$PRIVATE_PCSCD_DIR/pcscd/pcscd.comm,
# which libpcsclite reads and which is exported here.
#
# pcscd and the simulators live in a network and process namespace of their own. So vpcd's port 35963 listens nowhere else and
# any number of these run side by side, and when the process that holds the namespace dies all of it dies.

PRIVATE_PCSCD_VPCD_PORT=35963

private_pcscd_enter() {
  [ "${PRIVATE_PCSCD_ENTERED:-}" != "$$" ] || return 0
  local namespaces=(--mount --propagation private)
  if [ "$(id -u)" != 0 ] || ! unshare "${namespaces[@]}" true 2>/dev/null; then
    namespaces+=(--user --map-root-user)
    if ! unshare "${namespaces[@]}" true 2>/dev/null; then
      say "$(basename "$1"): this PC allows no private namespaces: run as root, or allow user namespaces"
      exit 77
    fi
  fi
  PRIVATE_PCSCD_USER=$(id -u):$(id -g)
  export PRIVATE_PCSCD_USER PRIVATE_PCSCD_ENTERED=$$
  exec unshare "${namespaces[@]}" "$(realpath -- "$1")" "${@:2}"
}

private_pcscd_prepare() {
  local temporary=${TMPDIR:-/tmp}
  [ ${#temporary} -le 60 ] || temporary=/tmp # a socket's path has at most 107 bytes
  PRIVATE_PCSCD_DIR=$(mktemp -d "$temporary/fncard-XXXXXXXX")
  PRIVATE_PCSCD_LOGS=${PRIVATE_PCSCD_LOGS:-$PRIVATE_PCSCD_DIR}
  # The undertaker's input ends when this process does, in whatever way
  # shellcheck disable=SC2016
  exec {PRIVATE_PCSCD_LIFE}> >(exec setsid bash -c '
    trap "" HUP INT TERM
    cat
    [ ! -f "$1/backend.pid" ] || kill -KILL "$(cat "$1/backend.pid")"
    rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }' undertaker "$PRIVATE_PCSCD_DIR" >/dev/null 2>&1)
  trap private_pcscd_stop EXIT
  private_pcscd_end_on_signals
  mkdir "$PRIVATE_PCSCD_DIR/pcscd" "$PRIVATE_PCSCD_DIR/reader.conf.d"
  mkfifo "$PRIVATE_PCSCD_DIR/pcscd-control"
  [ -d /run/pcscd ] || private_pcscd_cover_run
  mount --no-mtab --bind "$PRIVATE_PCSCD_DIR/pcscd" /run/pcscd
  export PCSCLITE_CSOCK_NAME=$PRIVATE_PCSCD_DIR/pcscd/pcscd.comm
}

private_pcscd_end_on_signals() {
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

# Where pcscd never ran there is no /run/pcscd to mount on, and the real /run is not ours to write to: a /run that shows the
# same things and has that folder too.
private_pcscd_cover_run() {
  local cover=$PRIVATE_PCSCD_DIR/run entry name
  mkdir "$cover"
  mount --no-mtab -t tmpfs -o mode=755 tmpfs "$cover"
  mkdir "$cover/pcscd"
  for entry in /run/* /run/.[!.]*; do
    name=$cover/${entry##*/}
    if [ -L "$entry" ]; then
      cp -P "$entry" "$name"
    elif [ -d "$entry" ]; then
      mkdir "$name" && mount --no-mtab --rbind "$entry" "$name"
    elif [ -e "$entry" ]; then
      : >"$name" && mount --no-mtab --bind "$entry" "$name"
    fi
  done
  mount --no-mtab --move "$cover" /run
}

private_pcscd_start() {
  local simulator=$1 readers=$2 number
  shift 2
  printf 'FRIENDLYNAME "Virtual PCD"\nDEVICENAME /dev/null:0x%X\nLIBPATH %s\nCHANNELID 0x%X\n' \
    $PRIVATE_PCSCD_VPCD_PORT "$PRIVATE_PCSCD_DIR/fncard-sim-reader.so" $PRIVATE_PCSCD_VPCD_PORT \
    >"$PRIVATE_PCSCD_DIR/reader.conf.d/vpcd"
  # vpcd's driver behind ours, which can be unplugged (hw-sim/reader_driver); both from a place that pcscd may always read
  cp "$(dirname "$simulator")/../lib/fncard-sim-reader.so" "$PRIVATE_PCSCD_DIR/fncard-sim-reader.so" ||
    die "the reader's driver is not built beside $simulator"
  cp /usr/lib/pcsc/drivers/serial/libifdvpcd.so "$PRIVATE_PCSCD_DIR/libifdvpcd.so" ||
    die "vpcd is missing: install vsmartcard-vpcd"
  # --kill-child: when the holder of the namespace dies, its first process is killed and with it all others
  setpriv --pdeathsig KILL setsid \
    unshare --mount --net --pid --fork --kill-child bash -c "$(declare -f private_pcscd_backend); private_pcscd_backend \"\$@\"" \
    backend "$simulator" "$PRIVATE_PCSCD_DIR" "$PRIVATE_PCSCD_LOGS" $PRIVATE_PCSCD_VPCD_PORT \
    "${PRIVATE_PCSCD_TIMING:-none}" "${PRIVATE_PCSCD_FAULTS:-}" "$@" \
    </dev/null >"$PRIVATE_PCSCD_LOGS/pcscd.log" 2>&1 {PRIVATE_PCSCD_LIFE}>&- &
  PRIVATE_PCSCD_BACKEND=$!
  echo $PRIVATE_PCSCD_BACKEND >"$PRIVATE_PCSCD_DIR/backend.pid"
  for ((number = 1; number <= readers; number++)); do
    local absent=()
    [ "${!number:--}" != - ] || absent=(--absent)
    "$simulator" wait --reader "Virtual PCD 00 0$((number - 1))" --timeout 20 "${absent[@]}" || {
      tail -n 20 "$PRIVATE_PCSCD_LOGS"/pcscd.log "$PRIVATE_PCSCD_LOGS"/sim-*.log >&2
      die "the private pcscd did not come up"
    }
  done
}

# Runs as the first process of the namespace. A card file each after the sixth argument.
private_pcscd_backend() {
  local simulator=$1 folder=$2 logs=$3 port=$4 timing=$5 faults=$6 number=1 card
  shift 6
  ip link set lo up
  # no driver for real readers: those belong to the PC's own pcscd
  mount --no-mtab -t tmpfs -o ro tmpfs /usr/lib/pcsc/drivers
  for card in "$@"; do
    [ "$card" != - ] || card=
    "$simulator" run ${card:+"$card"} --port $((port + number - 1)) --control "$folder/sim-$number.sock" \
      --apdu-log "$logs/apdu-$number.log" --timing "$timing" ${faults:+--faults "$faults"} \
      --reader-mark "$folder/unplugged" >"$logs/sim-$number.log" 2>&1 &
    number=$((number + 1)) faults=
  done
  pcscd --foreground --config "$folder/reader.conf.d" &
  local pcscd=$! word
  while read -r word; do
    case $word in
      stop) kill "$pcscd" && wait "$pcscd" ;;
      start)
        pcscd --foreground --config "$folder/reader.conf.d" </dev/null &
        pcscd=$!
        ;;
    esac
  done <>"$folder/pcscd-control"
}

private_pcscd_run() {
  local own=() child='' signal='' code
  # in a user namespace we look like root: the command shall not
  [ "$(id -u):$(id -g)" = "$PRIVATE_PCSCD_USER" ] ||
    own=(unshare --user "--map-user=${PRIVATE_PCSCD_USER%:*}" "--map-group=${PRIVATE_PCSCD_USER#*:}" --)
  trap 'private_pcscd_pass_on HUP' HUP
  trap 'private_pcscd_pass_on TERM' TERM
  trap 'private_pcscd_pass_on INT' INT
  # a background command of a script would ignore SIGINT; pdeathsig is for the case that we are killed
  env --default-signal=INT,QUIT -u PRIVATE_PCSCD_ENTERED -u PRIVATE_PCSCD_USER \
    "${own[@]}" setpriv --pdeathsig TERM -- "$@" <&0 {PRIVATE_PCSCD_LIFE}>&- &
  child=$!
  [ -z "$signal" ] || private_pcscd_pass_on "$signal" # it came while the command was being started
  while :; do
    signal='' code=0
    wait "$child" || code=$?
    # A signal ends wait: the command is then waited for again; but not when it is gone already (a signal to the whole
    # process group), for bash would wait for ever.
    [ -n "$signal" ] && kill -0 "$child" 2>/dev/null || break
  done
  private_pcscd_end_on_signals
  return $code
}

# Uses private_pcscd_run's variables. On a terminal the command has had SIGINT already.
private_pcscd_pass_on() {
  signal=$1
  if [ -n "$child" ] && { [ "$signal" != INT ] || [ ! -t 0 ]; }; then
    kill "-$signal" "$child" 2>/dev/null || :
  fi
}

private_pcscd_stop() {
  trap '' HUP INT TERM
  if [ -n "${PRIVATE_PCSCD_BACKEND:-}" ]; then
    rm -f "$PRIVATE_PCSCD_DIR/backend.pid"
    # the first process of the namespace, so that its holder ends only when all others have
    pkill -KILL -P "$PRIVATE_PCSCD_BACKEND" || kill -KILL "$PRIVATE_PCSCD_BACKEND" 2>/dev/null || :
    wait "$PRIVATE_PCSCD_BACKEND" 2>/dev/null || :
    PRIVATE_PCSCD_BACKEND=
  fi
  umount --lazy /run/pcscd 2>/dev/null || :
  rm -rf -- "$PRIVATE_PCSCD_DIR"
}
