#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: browser.sh TEST.py ARGUMENTS…: a test with a browser, on a display of its own, without the desktop's messages.
# shellcheck source=common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
[ -z "$preload" ] || { echo "a sanitizer's runtime and a browser's own allocator do not go together"; exit 77; }
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
test=$1
shift
unset DBUS_SESSION_BUS_ADDRESS WAYLAND_DISPLAY
export NO_AT_BRIDGE=1
xvfb-run --auto-servernum --server-args='-screen 0 1280x1024x24 -nolisten tcp' python3 "$here/$test" "$@"
