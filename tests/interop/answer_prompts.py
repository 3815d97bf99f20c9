#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: answer_prompts.py COUNT_FILE PROMPT COMMAND...

Runs COMMAND on a terminal of its own and types $FNCARD_PIN whenever it asks with PROMPT, a regular expression. Writes to COUNT_FILE
how often that was. What COMMAND says goes to standard output. Exit code: COMMAND's; 1 when it says nothing for a minute."""
import os
import pty
import re
import select
import sys

count_file, prompt, command = sys.argv[1], re.compile(sys.argv[2].encode()), sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
unread, prompts = b"", 0
while True:
    if not select.select([terminal], [], [], 60)[0]:
        os.kill(child, 9)
        sys.exit("silent: " + " ".join(command))
    try:
        data = os.read(terminal, 4096)
    except OSError:  # the terminal's other end is closed
        data = b""
    if not data:
        break
    sys.stdout.buffer.write(data)
    unread += data
    if found := prompt.search(unread):
        unread = unread[found.end():]
        prompts += 1
        os.write(terminal, os.environ["FNCARD_PIN"].encode() + b"\n")
with open(count_file, "w", encoding="ascii") as file:
    file.write(str(prompts))
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
