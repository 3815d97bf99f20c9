#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: program.sh BIN: program_test.py with a screen and a session bus of its own
here=$(dirname "$(realpath "$0")")
for program in xvfb-run dbus-run-session xdotool import; do
  command -v "$program" >/dev/null || { echo "$program is missing: scripts/lib/packages"; exit 77; }
done
unset DBUS_SESSION_BUS_ADDRESS WAYLAND_DISPLAY AT_SPI_BUS_ADDRESS NO_AT_BRIDGE
export QT_LINUX_ACCESSIBILITY_ALWAYS_ON=1 QT_QPA_PLATFORM=xcb PYTHONDONTWRITEBYTECODE=1
# Debian's own Python is the one that has pyatspi
exec xvfb-run --auto-servernum --server-args='-screen 0 1280x1024x24 -nolisten tcp' \
  dbus-run-session -- /usr/bin/python3 "$here/program_test.py" "$@"
