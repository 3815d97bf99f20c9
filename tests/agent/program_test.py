#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# usage: program_test.py BIN PICTURES [Agent.test_…]
# fncard-agent itself, driven as a screen reader and a keyboard drive it (AT-SPI, XTest).
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

import pyatspi

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import desktop  # noqa: E402

BIN = pathlib.Path(sys.argv.pop(1))
PICTURES = pathlib.Path(sys.argv.pop(1))
PIN = "73019264"


class Agent(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="fncard-agent-")
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name) / "run" / "agent.sock"
        self.environment = dict(os.environ, FNCARD_AGENT_SOCKET=str(self.path))
        self.log = open(pathlib.Path(self.folder.name) / "agent.log", "wb+")
        self.addCleanup(self.log.close)

    def start(self, language="en", somebody=None, **environment):
        agent = subprocess.Popen([BIN / "fncard-agent"], stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,
                                 env=dict(self.environment, FNCARD_LANGUAGE=language, **environment), **(somebody or {}))
        self.addCleanup(self.end, agent)
        desktop.until("the agent at its socket", self.listens)
        return agent

    def listens(self):
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.path)) == 0

    def end(self, agent):
        if agent.poll() is None:
            agent.send_signal(signal.SIGTERM)
        self.assertEqual(agent.wait(desktop.PATIENCE), 0)

    def ask(self, purpose="signature", tries=3):
        asker = subprocess.Popen([BIN / "ask_pin", purpose, str(tries)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 text=True, env=self.environment)
        asker.stdin.write(PIN + "\n")
        asker.stdin.close()
        self.addCleanup(asker.stdout.close)
        self.addCleanup(asker.wait)
        return asker

    def answer_of(self, asker):
        answer = asker.stdout.readline().strip()
        self.assertEqual(asker.wait(desktop.PATIENCE), 0)
        return answer

    def picture(self, name):
        desktop.picture(PICTURES, name)

    def test_answers_with_the_pin_and_tells_it_to_nobody_else(self):
        agent = self.start()
        asker = self.ask()
        window = desktop.window(agent)
        self.assertEqual(window.getRoleName(), "dialog")
        cancel = desktop.button(window, "Cancel")
        desktop.until("the focus on Cancel", lambda: cancel.getState().contains(pyatspi.STATE_FOCUSED))
        desktop.focus(desktop.part(window, "password text"))
        before = desktop.everything_said(window)
        field = desktop.type_pin(window, PIN)
        self.assertNotIn("Text", pyatspi.listInterfaces(field))
        self.assertEqual(desktop.everything_said(window), before, "the same whether digits are typed or not")
        self.assertNotIn(PIN, "\n".join(before))
        self.picture("program")
        environment = pathlib.Path(f"/proc/{agent.pid}/environ").read_bytes()
        command = pathlib.Path(f"/proc/{agent.pid}/cmdline").read_bytes()
        desktop.press(desktop.button(window, "Sign"))
        self.assertEqual(self.answer_of(asker), "expected")
        desktop.no_window(agent)
        self.end(agent)
        self.log.seek(0)
        for place in (environment, command, self.log.read()):
            self.assertNotIn(PIN.encode(), place)

    def test_asks_in_every_language(self):
        for language in ("en", "zh-TW", "id", "vi", "th"):
            with self.subTest(language):
                agent = self.start(language)
                asker = self.ask("login", 1)
                window = desktop.window(agent)
                words = json.loads((pathlib.Path(__file__).parents[2] / "messages" / "catalogues" / language /
                                    "agent.json").read_text())
                self.assertEqual(window.name, words["agent.window-title"])
                desktop.type_pin(window, PIN)
                self.picture(f"program-{language}")
                desktop.press(desktop.button(window, words["agent.button-login"]))
                desktop.until("the demand for a tick", lambda: words["agent.last-try-needed"] in
                      [part.name for part in desktop.walk(window)])
                desktop.press(desktop.part(window, "check box"))
                desktop.press(desktop.button(window, words["agent.button-login"]))
                self.assertEqual(self.answer_of(asker), "expected")
                self.end(agent)

    def test_grows_with_the_screens_resolution(self):
        agent = self.start(QT_SCALE_FACTOR="2")
        asker = self.ask("decryption")
        window = desktop.window(agent)
        desktop.type_pin(window, PIN)
        self.picture("program-twice-as-large")
        shown = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", window.name, "getwindowgeometry", "--shell"],
                               capture_output=True, text=True, check=True).stdout
        pixels = int(dict(line.split("=") for line in shown.split())["WIDTH"])
        logical = window.queryComponent().getExtents(pyatspi.DESKTOP_COORDS).width
        self.assertEqual(pixels, 2 * logical)
        desktop.press(desktop.button(window, "Cancel"))
        self.assertEqual(self.answer_of(asker), "cancelled")

    def test_closes_its_window_when_the_asker_is_killed(self):
        agent = self.start()
        asker = self.ask()
        desktop.window(agent)
        asker.kill()
        desktop.no_window(agent)
        self.assertIsNone(agent.poll())

    def test_answers_a_client_that_is_not_ours(self):
        agent = self.start()
        question = json.dumps({"ask": "pin", "purpose": "login", "program": "python", "cardNumber": "", "holder": "",
                               "wrongPinBefore": False}).encode()
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(desktop.PATIENCE)
            client.connect(str(self.path))
            client.sendall(struct.pack("=I", len(question)) + question)
            window = desktop.window(agent)
            desktop.press(desktop.button(window, "Cancel"))
            self.assertEqual(client.recv(64), struct.pack("=IB", 1, 1))

    def test_is_the_only_one_and_leaves_nothing(self):
        agent = self.start()
        second = subprocess.run([BIN / "fncard-agent"], env=self.environment, capture_output=True, text=True)
        self.assertEqual(second.returncode, 1)
        self.assertIn("runs already", second.stderr)
        asker = self.ask()
        desktop.window(agent)
        self.end(agent)
        self.assertEqual(self.answer_of(asker), "no-agent")
        self.assertFalse(self.path.exists())

    def test_cannot_be_traced_or_dumped_by_other_processes_of_its_user(self):
        # root may trace everything, so the agent runs as somebody else where the test is root's
        somebody = {}
        if os.geteuid() == 0:
            somebody = {"user": 65534}
            os.chown(self.folder.name, 65534, -1)
        agent = self.start(somebody=somebody, QT_QPA_PLATFORM="offscreen", DBUS_SESSION_BUS_ADDRESS="disabled:")
        # PR_SET_DUMPABLE (prctl(2)): the files of such a process belong to root
        self.assertEqual(os.stat(f"/proc/{agent.pid}/mem").st_uid, 0)
        self.assertNotEqual(os.stat(self.path).st_uid, 0)

    def test_says_why_it_cannot_start(self):
        def run(arguments=(), **environment):
            return subprocess.run([BIN / "fncard-agent", *arguments], capture_output=True, text=True,
                                  env={**self.environment, "FNCARD_LANGUAGE": "en", **environment})
        no_screen = run(DISPLAY="", WAYLAND_DISPLAY="")
        self.assertEqual((no_screen.returncode, "no screen" in no_screen.stderr), (1, True), no_screen.stderr)
        no_place = run(FNCARD_AGENT_SOCKET="", XDG_RUNTIME_DIR="")
        self.assertEqual((no_place.returncode, "XDG_RUNTIME_DIR" in no_place.stderr), (1, True), no_place.stderr)
        self.path.parent.mkdir(exist_ok=True)
        self.path.parent.chmod(0o755)
        folder = run()
        self.assertEqual((folder.returncode, "chmod 700" in folder.stderr), (1, True), folder.stderr)
        self.assertEqual(run(["--nonsense"]).returncode, 2)
        self.assertEqual(run(["--version"], DISPLAY="").stdout.split()[0], "fncard-agent")
        self.assertIn("Examples:", run(["--help"], DISPLAY="").stdout)


unittest.main()
