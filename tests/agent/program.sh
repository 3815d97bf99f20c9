#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: program.sh TEST.py ARGUMENTS…: a test of this folder with a screen and a session bus of its own
here=$(dirname "$(realpath "$0")")
test=$here/$1
shift
for program in Xvfb dbus-run-session xdotool import; do
  command -v "$program" >/dev/null || { echo "$program is missing: scripts/lib/packages"; exit 77; }
done
unset DBUS_SESSION_BUS_ADDRESS WAYLAND_DISPLAY AT_SPI_BUS_ADDRESS NO_AT_BRIDGE
export QT_LINUX_ACCESSIBILITY_ALWAYS_ON=1 QT_QPA_PLATFORM=xcb PYTHONDONTWRITEBYTECODE=1

# Xvfb takes a free number itself and says it once it listens: several start at a time here
folder=$(mktemp -d)
mkfifo "$folder/display"
# without -noreset it starts anew whenever its last client leaves, and drops who comes at that moment
Xvfb -displayfd 5 -noreset -screen 0 1280x1024x24 -nolisten tcp 5>"$folder/display" 2>"$folder/log" &
screen=$!
trap 'kill "$screen"; wait "$screen"; rm -r "$folder"' EXIT
trap 'exit 1' TERM INT
read -r number <"$folder/display" || { cat "$folder/log"; exit 1; }

# Debian's own Python is the one that has pyatspi
DISPLAY=:$number dbus-run-session -- /usr/bin/python3 "$test" "$@"
