# SPDX-License-Identifier: Apache-2.0
"""fncard-activate itself, as a screen reader and a keyboard have it: from an unactivated card to a first signature, and what goes
wrong on the way."""

import os
import pathlib
import signal
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import desktop  # noqa: E402  (after the path to it)
import world  # noqa: E402
from world import BIN  # noqa: E402

NEW_PIN = "59127346"


class Window:
    """A running wizard. Parts are known by what assistive technology is told of them."""

    def __init__(self, *arguments, language="en"):
        self.process = subprocess.Popen([str(BIN / "fncard-activate"), "--config", "/nonexistent/fncard.toml", "--language", language, *map(str, arguments)],
                                        stdin=subprocess.DEVNULL)

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def parts(self):
        if self.process.poll() is not None:
            raise SystemExit(f"the wizard ended: {self.process.returncode}")
        for window in desktop.windows(self.process):
            for part in desktop.walk(window):
                if part.getState().contains(desktop.pyatspi.STATE_SHOWING):
                    yield part

    def find(self, role, name):
        return desktop.until(f"{role} {name}", lambda: next(
            (part for part in self.parts() if part.getRoleName() == role and name in part.name), None))

    def says(self, text):
        desktop.until(f"the sentence: {text}", lambda: any(
            text in part.name for part in self.parts() if part.getRoleName() == "label"))

    def shows(self, role, name):
        return any(part.getRoleName() == role and part.name == name for part in self.parts())

    def press(self, name):
        button = self.find("push button", name)
        desktop.until(f"{name} can be pressed", lambda: button.getState().contains(desktop.pyatspi.STATE_SENSITIVE))
        desktop.press(button)

    def type(self, role, name, text):
        desktop.focus(self.find(role, name))
        if role == "text":
            subprocess.run(["xdotool", "key", "ctrl+a"], check=True)  # what is there gives way
        # by standard input: a command line can be read by others
        subprocess.run(["xdotool", "type", "--file", "-"], input=text, text=True, check=True)

    def type_pin(self, pin, again=None):
        self.type("password text", "New PIN", pin)
        self.type("password text", "The new PIN again", again or pin)
        self.press("Next")

    def fill_in_the_form(self, permit, registered, user_code=None):
        self.press("Activate my card")
        self.type("text", "Number of your residence permit", permit)
        self.type("text", "User code", user_code or registered["userCode"])
        self.press("Next")

    def end(self):
        self.press("Close")
        return self.process.wait(desktop.PATIENCE)


class Wizard(world.JourneyTest):
    def mailed_card(self):
        self.world.insert_blank_card("card-" + os.urandom(4).hex())
        permit = self.world.new_permit()
        return permit, self.world.mailed(permit)

    def open(self, *arguments):
        window = Window("--server", self.world.portal, "--trust", self.world.trust, *arguments)
        self.addCleanup(window.close)
        return window

    def test_from_the_envelope_to_the_first_signature(self):
        permit, registered = self.mailed_card()
        self.world.take_out()
        window = self.open()
        window.says("insert your card")
        self.assertFalse(any(part.getState().contains(desktop.pyatspi.STATE_SENSITIVE) for part in window.parts()
                             if part.name == "Activate my card"), "nothing can be done without a card")
        self.world.put_in(self.world.card_file)
        window.says("is in the reader")

        window.press("Activate my card")
        window.type("text", "Number of your residence permit", permit[:-1] + str((int(permit[-1]) + 1) % 10))
        window.says("has a typing error")
        window.press("Back")
        window.fill_in_the_form(permit, registered, user_code="33334444")
        window.says("This did not work")
        self.assertEqual(self.world.state(registered["orderId"]), "mailed")

        window.press("Back")
        window.press("Activate my card")
        window.type("text", "User code", registered["userCode"])
        window.press("Next")
        window.find("password text", "New PIN")
        window.type_pin("11111111")
        window.says("one digit repeated")
        window.type_pin(NEW_PIN, "59127345")
        window.says("not the same")
        window.type_pin(NEW_PIN)
        window.says("Done")
        self.assertEqual(self.world.state(registered["orderId"]), "activated")
        self.assertEqual(self.world.certificate_status(), "good")

        window.press("Try it: make a signature")
        window.type("password text", "The PIN that your card has now", NEW_PIN)
        window.press("Next")
        window.says("Your card made a signature as CÔNG THỊ MẪU 範例")
        self.assertEqual(window.end(), 0)

    def test_a_card_that_is_pulled_loses_nothing(self):
        permit, registered = self.mailed_card()
        window = self.open()
        window.says("is in the reader")
        window.fill_in_the_form(permit, registered)
        window.find("password text", "New PIN")
        self.world.take_out()
        window.type_pin(NEW_PIN)
        window.says("Nothing is lost")
        window.press("Back")
        self.world.put_in(self.world.card_file)
        window.says("is in the reader")
        window.press("Activate my card")
        window.type("text", "User code", registered["userCode"])
        window.press("Next")
        window.find("password text", "New PIN")
        window.type_pin(NEW_PIN)
        window.says("Done")
        self.assertEqual(self.world.state(registered["orderId"]), "activated")
        self.assertEqual(window.end(), 0)

    def test_a_window_that_is_closed_while_it_asks_for_the_pin_leaves_the_card_as_it_was(self):
        permit, registered = self.mailed_card()
        window = self.open()
        window.says("is in the reader")
        window.fill_in_the_form(permit, registered)
        window.find("password text", "New PIN")
        self.assertEqual(window.end(), 1)
        self.assertEqual(self.world.activate(registered, permit).returncode, 0, "the command line goes on")

    def test_without_a_card_it_ends_with_3_and_an_unknown_server_gets_nothing(self):
        self.world.take_out()
        window = self.open()
        window.says("insert your card")
        self.assertEqual(window.end(), 3)
        permit, registered = self.mailed_card()
        window = Window("--server", self.world.portal)  # not of an authority that this PC trusts
        self.addCleanup(window.close)
        window.says("is in the reader")
        window.fill_in_the_form(permit, registered)
        window.says("This did not work")
        self.assertEqual(window.end(), 1)
        self.assertEqual(self.world.state(registered["orderId"]), "mailed")


if __name__ == "__main__":
    world.main()
