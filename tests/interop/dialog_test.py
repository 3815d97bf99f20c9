#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: dialog_test.py, inside scripts/with-card and xvfb-run: with always-authenticate = "dialog" a program that gives no PIN signs, and
fncard-agent asks in its own window: once for the login and once for the signature; a wrong PIN is asked for again; a cancelled window and
an agent that does not run are errors that change nothing on the card."""
import os
import pathlib
import subprocess
import tempfile
import time

from browser_world import CARD, PATIENCE, PIN, Screen, run, until

WRONG = "97531086"


class World:
    def __init__(self, folder):
        self.folder = folder
        self.screen = Screen(folder)
        settings = folder / "config" / "fncard"
        settings.mkdir(parents=True)
        (settings / "fncard.toml").write_text('[pkcs11]\nalways-authenticate = "dialog"\n', encoding="ascii")
        self.environment = dict(os.environ, XDG_CONFIG_HOME=str(folder / "config"), FNCARD_LANGUAGE="en",
                                FNCARD_AGENT_SOCKET=str(folder / "run" / "agent.sock"))
        self.agent = None
        (folder / "data").write_bytes(b"to be signed")
        (folder / "key.pem").write_text(run("openssl", "x509", "-in", str(CARD / "signature.pem"), "-noout", "-pubkey"), encoding="ascii")

    def start_agent(self):
        self.agent = subprocess.Popen(["fncard-agent"], env=self.environment)
        until("the agent's socket", (self.folder / "run" / "agent.sock").exists)

    def close(self):
        if self.agent:
            self.agent.terminate()
            assert self.agent.wait(PATIENCE) == 0
        self.screen.close()

    def signer(self):
        (self.folder / "signature").unlink(missing_ok=True)
        return subprocess.Popen(["pkcs11-tool", "--module", os.environ["FNCARD_MODULE"], "--login", "--sign", "--id", "02",
                                 "--mechanism", "SHA256-RSA-PKCS", "--input-file", str(self.folder / "data"),
                                 "--output-file", str(self.folder / "signature")],
                                env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def until_gone(self, window, text=None, keys=()):
        """Keys that come before a window is ready are lost: they are pressed again until it is gone."""

        def gone():
            return window not in [number for number, _ in self.screen.windows()]

        def pressed():
            self.screen.type(window, text, keys)
            end = time.monotonic() + 3
            while time.monotonic() < end and not gone():
                time.sleep(0.1)
            return gone()

        until("the end of the window", pressed)

    def window(self):
        return until("the agent's window", lambda: self.screen.window("^Card PIN$"))

    def answer(self, digits):
        """The focus is on Cancel, one step behind the field. Too few digits are refused in the window, which keeps the focus."""
        window = self.window()
        self.screen.type(window, keys=["shift+Tab"])
        self.until_gone(window, digits, ["Return"])

    def cancel(self):
        window = self.window()
        self.until_gone(window, keys=["Escape"])

    def signs(self, *answers):
        signer = self.signer()
        for digits in answers:
            self.answer(digits)
        output = signer.communicate(timeout=PATIENCE)[0]
        assert signer.returncode == 0, output
        run("openssl", "dgst", "-sha256", "-verify", str(self.folder / "key.pem"), "-signature", str(self.folder / "signature"),
            str(self.folder / "data"))

    def fails(self, signer, code):
        output = signer.communicate(timeout=PATIENCE)[0]
        assert code in output, output
        assert not (self.folder / "signature").exists() or not (self.folder / "signature").stat().st_size, "a signature"


def main():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        world = World(pathlib.Path(name))
        try:
            world.fails(world.signer(), "CKR_FUNCTION_FAILED")  # no agent

            world.start_agent()
            world.signs(PIN, PIN)
            world.signs(WRONG, PIN, PIN)

            signer = world.signer()
            world.cancel()
            world.fails(signer, "CKR_FUNCTION_CANCELED")

            signer = world.signer()
            world.answer(PIN)
            world.cancel()
            world.cancel()  # pkcs11-tool tries again, in parts
            world.fails(signer, "CKR_FUNCTION_CANCELED")
            world.signs(PIN, PIN)
        finally:
            world.close()


main()
