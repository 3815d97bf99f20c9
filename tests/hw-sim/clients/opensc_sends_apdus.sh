#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Raw commands by opensc-tool and piv-tool.
. "$(dirname "$0")/common.sh"
need opensc-tool piv-tool

piv=00:A4:04:00:09:A0:00:00:03:08:00:00:10:00
expect "3b:8c:01:80:73:c0:01:c0:56:66:6e:63:61:72:64:35" opensc-tool --atr
expect "61 16 4F 0B A0 00 00 03 08 00 00 10 00 01 00 79" opensc-tool --send-apdu $piv
expect "(SW1=0x63, SW2=0xC3)" opensc-tool --send-apdu $piv --send-apdu 00:20:00:80
expect "05 02 04" piv-tool --send-apdu 00:FD:00:00:00
