#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# usage: native_host_test.py BIN [Host.test_…]
# fncard-native-host by its pipes, as a browser holds them, and as no browser does.
import json
import os
import pathlib
import re
import select
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

BIN = pathlib.Path(sys.argv.pop(1))
CHROMIUM = re.search(r'"(chrome-extension://[a-p]{32}/)"',
                     (pathlib.Path(__file__).parents[2] / "agent/native/callers.h").read_text()).group(1)
PATIENCE = 60
BAD, GONE, BUSY = "ERR_WEBEID_NATIVE_INVALID_ARGUMENT", "ERR_WEBEID_NATIVE_FATAL", "ERR_WEBEID_ACTION_PENDING"


def framed(payload):
    return struct.pack("=I", len(payload)) + payload


def sign_in(**changes):
    arguments = {"challengeNonce": "n" * 44, "origin": "https://portal.example", **changes}
    return json.dumps({"command": "authenticate", "arguments": arguments}).encode()


def read_frame(pipe):
    header = pipe.read(4)
    return pipe.read(struct.unpack("=I", header)[0]) if len(header) == 4 else None


class Host(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="fncard-host-")
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "run" / "agent.sock"
        # no reader service of this PC is looked at
        self.environment = dict(os.environ, FNCARD_AGENT_SOCKET=str(self.path), FNCARD_LANGUAGE="en", QT_QPA_PLATFORM="offscreen",
                                PCSCLITE_CSOCK_NAME=str(pathlib.Path(folder.name) / "no-pcscd"), DBUS_SESSION_BUS_ADDRESS="disabled:")

    def host(self, *arguments, **environment):
        process = subprocess.Popen([BIN / "fncard-native-host", *(arguments or [CHROMIUM])], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**self.environment, **environment})
        self.addCleanup(self.end, process)
        return process

    def greeted(self):
        process = self.host()
        self.assertIn("version", json.loads(read_frame(process.stdout)))
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        for pipe in (process.stdin, process.stdout, process.stderr):
            try:
                pipe.close()
            except BrokenPipeError:
                pass

    def send(self, process, data):
        process.stdin.write(data)
        process.stdin.flush()

    def answer(self, process):
        return json.loads(read_frame(process.stdout))

    def code(self, process):
        return self.answer(process)["error"]["code"]

    def fake_agent(self):
        self.path.parent.mkdir(mode=0o700)
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.settimeout(PATIENCE)
        listener.bind(str(self.path))
        listener.listen()
        return listener

    def real_agent(self):
        agent = subprocess.Popen([BIN / "fncard-agent"], env=self.environment, stderr=subprocess.DEVNULL)
        self.addCleanup(agent.wait, PATIENCE)
        self.addCleanup(agent.terminate)
        end = time.monotonic() + PATIENCE
        with socket.socket(socket.AF_UNIX) as client:
            while client.connect_ex(str(self.path)) != 0:
                self.assertTrue(agent.poll() is None and time.monotonic() < end, "the agent at its socket")
                time.sleep(0.02)

    def visit(self, listener):
        connection, _ = listener.accept()
        self.addCleanup(connection.close)
        connection.settimeout(PATIENCE)
        with connection.makefile("rb") as stream:
            return connection, read_frame(stream)

    def test_passes_a_message_and_its_answer_as_they_are(self):
        listener = self.fake_agent()
        for arguments in ([CHROMIUM], ["/some/manifest.json", "fncard@fncard.example"]):
            process = self.host(*arguments)
            read_frame(process.stdout)
            message = sign_in()
            for byte in framed(message):  # a pipe may give any piece
                self.send(process, bytes([byte]))
            connection, passed = self.visit(listener)
            self.assertEqual(passed, message)
            connection.sendall(framed(b'{"answer":1}'))
            self.assertEqual(self.answer(process), {"answer": 1})
            self.assertEqual(process.wait(PATIENCE), 0)

    def test_is_nobody_elses(self):
        for arguments in (["chrome-extension://" + "a" * 32 + "/"], [CHROMIUM.rstrip("/")], [CHROMIUM, "x"],
                          ["/m.json", "another@example"], ["/m.json", "fncard@fncard.example", "x"], ["x"]):
            process = self.host(*arguments)
            self.assertEqual(process.wait(PATIENCE), 2, arguments)
            self.assertEqual(process.stdout.read(), b"")
        self.assertIn("Example", subprocess.run([BIN / "fncard-native-host", "--help"], capture_output=True, text=True).stdout)

    def test_ends_when_the_browser_says_nothing(self):
        process = self.greeted()
        process.stdin.close()
        self.assertEqual(process.wait(PATIENCE), 0)
        self.assertEqual(process.stdout.read(), b"")

    def test_refuses_what_is_no_frame_and_asks_no_agent(self):
        for data in (b"\x05", framed(b"{}")[:5], struct.pack("=I", 0), struct.pack("=I", 8193), b"\xff" * 4, framed(b"{}") + b"x"):
            process = self.greeted()
            self.send(process, data)
            process.stdin.close()
            self.assertEqual(self.code(process), BAD, data)
        self.assertFalse(self.path.parent.exists(), "none was started")

    def test_closes_the_agents_connection_when_the_browser_goes_away_or_says_more(self):
        listener = self.fake_agent()
        for leave in (lambda process: process.stdin.close(), lambda process: self.send(process, b"x"), lambda process: process.kill()):
            process = self.greeted()
            self.send(process, framed(sign_in()))
            connection, _ = self.visit(listener)
            leave(process)
            self.assertEqual(connection.recv(1), b"")

    def test_says_that_the_agent_went_away_in_the_middle(self):
        listener = self.fake_agent()
        for part in (b"", struct.pack("=I", 100) + b"{", struct.pack("=I", 0), struct.pack("=I", 1 << 20)):
            process = self.greeted()
            self.send(process, framed(sign_in()))
            connection, _ = self.visit(listener)
            connection.sendall(part)
            connection.close()
            self.assertEqual(self.code(process), GONE, part)

    def test_starts_the_agent_where_none_runs(self):
        self.path.parent.mkdir(mode=0o700)
        process = self.greeted()
        self.send(process, framed(sign_in(origin="null")))
        self.assertEqual(self.code(process), BAD)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.path))
            credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        agent = struct.unpack("3i", credentials)[0]
        self.assertEqual(os.getsid(agent), agent, "it stays when the browser ends")
        handle = os.pidfd_open(agent)
        self.addCleanup(os.close, handle)
        signal.pidfd_send_signal(handle, signal.SIGTERM)
        self.assertTrue(select.select([handle], [], [], PATIENCE)[0])

    def test_gets_a_refusal_for_what_the_agent_does_not_take(self):
        self.real_agent()
        for message in (b"{", b"[]", b'{"command":"quit","arguments":{}}', sign_in(origin="null"), sign_in(origin="https://portal.example/"),
                        sign_in(pin="123456"), sign_in(challengeNonce="n"), sign_in(lang=1), b"\xff" * 100, b"[" * 8000):
            process = self.greeted()
            self.send(process, framed(message))
            self.assertEqual(self.code(process), BAD, message[:80])

    def test_turns_away_a_flood(self):
        self.real_agent()
        asked = [self.greeted() for _ in range(7)]
        for process in asked:
            self.send(process, framed(sign_in()))
        turned_away = 0
        with selectors.DefaultSelector() as selector:
            for process in asked:
                selector.register(process.stdout, selectors.EVENT_READ, process)
            while turned_away < 3:
                ready = selector.select(PATIENCE)
                self.assertTrue(ready)
                for key, _ in ready:
                    self.assertEqual(self.code(key.data), BUSY)
                    selector.unregister(key.fileobj)
                    turned_away += 1
            self.assertEqual(selector.select(0), [], "one is asked about and three wait")


unittest.main()
