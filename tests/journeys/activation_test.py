# SPDX-License-Identifier: Apache-2.0
"""Activation at home: refused when anything does not fit, finished by the same command after any interruption."""

import json
import os

import world
from cutting_proxy import CuttingProxy
from world import BIN, run, run_at_terminal


class Activation(world.JourneyTest):
    def mailed_card(self):
        """A card in its holder's reader, not yet active."""
        self.world.insert_blank_card("card-" + os.urandom(4).hex())
        permit = self.world.new_permit()
        return permit, self.world.mailed(permit)

    def assert_active(self, done, registered, pin=world.World.PIN):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.world.state(registered["orderId"]), "activated")
        self.assertTrue(self.pin_is(pin))
        self.assertEqual(self.world.certificate_status(), "good")

    def pin_is(self, pin):
        """Whether the card takes this PIN, asked by a program that is not ours."""
        shown = run_at_terminal("pkcs11-tool", "--module", world.OPENSC, "--login", "--list-objects", "--type", "privkey", typed=[pin])
        return "Private Key Object" in shown.stdout

    def test_a_mailed_card_is_on_hold_until_it_is_activated_and_then_good(self):
        permit, registered = self.mailed_card()
        self.assertEqual(self.world.certificate_status(), "on-hold")
        self.assert_active(self.world.activate(registered, permit), registered)

    def test_twice_says_that_there_is_nothing_more_to_do(self):
        permit, registered = self.mailed_card()
        self.world.activate(registered, permit)
        again = self.world.activate(registered, permit, pin="91827364")
        self.assertEqual(again.returncode, 0)
        self.assertTrue(json.loads(again.stdout)["wasAlreadyActive"])
        self.assertTrue(self.pin_is(world.World.PIN), "the PIN stays")

    def test_a_wrong_user_code_touches_nothing_and_five_lock(self):
        permit, registered = self.mailed_card()
        codes = []
        for _ in range(5):
            done = self.world.activate(registered, permit, user_code="22222222")
            self.assertEqual(done.returncode, 1)
            codes.append(json.loads(done.stdout)["error"]["code"])
        self.assertEqual(codes[-1], "session.locked")
        self.assertNotIn("session.locked", codes[:4])
        self.fails(self.world.activate(registered, permit), "session.locked")
        self.world.let_days_pass(1)
        try:
            self.assertEqual(self.world.activate(registered, permit).returncode, 0)
        finally:
            self.world.let_days_pass(0)

    def test_the_card_of_another_application_is_refused(self):
        self.mailed_card()
        permit = self.world.new_permit()
        registered = self.world.register(permit)
        self.world.pay(registered, permit)
        done = self.world.activate(registered, permit)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(json.loads(done.stdout)["error"]["code"], ("activation.not-mailed", "activation.card-of-another-order"))
        self.assertEqual(self.world.certificate_status(), "on-hold")
        self.world.insert_blank_card("for-the-waiting-job")
        self.world.personalise()  # no job is left for the card of another test

    def test_two_mailed_cards_are_not_mixed_up(self):
        _, _ = self.mailed_card()
        other_card = self.world.card_file
        permit, registered = self.mailed_card()
        own_card = self.world.card_file
        self.world.put_in(other_card)
        self.fails(self.world.activate(registered, permit), "activation.card-of-another-order")
        self.world.put_in(own_card)
        self.assert_active(self.world.activate(registered, permit), registered)

    def test_before_the_payment_there_is_nothing_to_activate(self):
        self.mailed_card()
        permit = self.world.new_permit()
        registered = self.world.register(permit)
        done = self.world.activate(registered, permit)
        self.assertIn(json.loads(done.stdout)["error"]["code"], ("activation.not-mailed", "activation.card-of-another-order"))

    def test_a_spent_transport_pin_stops_the_activation_and_is_reported(self):
        permit, registered = self.mailed_card()
        self.world.change_pin(registered["secrets"]["transport PIN"], "55443322")
        self.fails(self.world.activate(registered, permit), "activation.tampered")
        self.assertEqual(self.world.certificate_status(), "on-hold")
        self.assertNotEqual(self.world.activate(registered, permit).returncode, 0)
        self.assertEqual(self.world.state(registered["orderId"]), "mailed")

    def test_a_card_pulled_at_any_apdu_is_activated_by_the_same_command(self):
        for when in ("before", "after"):
            number = 0
            finished = False
            while not finished:
                number += 1
                self.assertLess(number, 60, "an activation has fewer APDUs than this")
                permit, registered = self.mailed_card()
                self.world.simulator("fault", when, str(number), "remove")
                first = self.world.activate(registered, permit)
                finished = first.returncode == 0
                with self.subTest(f"{when} APDU {number}"):
                    self.world.put_in(self.world.card_file)
                    self.assert_active(self.world.activate(registered, permit), registered)

    def test_a_server_killed_at_any_step_is_taken_up_again(self):
        for moment in ("before", "after"):
            number = 0
            reached = True
            while reached:
                number += 1
                reached = False
                permit, registered = self.mailed_card()

                def cut(count, number=number):
                    nonlocal reached
                    if count != number:
                        return False
                    reached = True
                    self.world.programs["server"].kill()
                    return True

                proxy = CuttingProxy(self.world, **{"before_request" if moment == "before" else "after_answer": cut})
                try:
                    first = self.world.activate(registered, permit, portal=proxy.url)
                finally:
                    proxy.close()
                with self.subTest(f"{moment} exchange {number}"):
                    if reached:
                        self.world.start_server()
                    else:
                        self.assertEqual(first.returncode, 0, first.stdout)
                    self.assert_active(self.world.activate(registered, permit), registered)
            self.assertGreater(number, 3, "begin, proof and receipt at least")

    def test_a_weak_pin_is_refused_before_the_card_is_touched(self):
        permit, registered = self.mailed_card()
        for pin in ("111111", "123456", "19900517", "12345"):
            with self.subTest(pin):
                self.assertEqual(self.world.activate(registered, permit, pin=pin).returncode, 1)
        self.assert_active(self.world.activate(registered, permit), registered)

    def test_the_pin_is_changed_and_a_wrong_one_counted(self):
        permit, registered = self.mailed_card()
        self.world.activate(registered, permit)
        change = lambda *typed: run(BIN / "fncard", "change-pin", "--json", text_input="\n".join(typed) + "\n")
        self.fails(change("00112233", "24680135", "24680135"), "card.pin-incorrect")
        self.assertEqual(change(world.World.PIN, "24680135", "24680135").returncode, 0)
        self.assertTrue(self.pin_is("24680135"))

    # --- what the holder does with the card

    def test_a_letter_signed_with_a_card_on_hold_is_good_once_it_is_active(self):
        permit, registered = self.mailed_card()
        letter = self.world.folder / "letter.txt"
        letter.write_text("a letter")
        trusted = self.world.folder / "trusted.pem"
        trusted.write_bytes(b"".join((self.world.authority / name).read_bytes() for name in ("root.pem", "issuing.pem")))
        verify = lambda: run(BIN / "fncard", "verify", letter, "--authorities", trusted, "--json")
        signed = run(BIN / "fncard", "sign", letter, "--force", text_input=registered["secrets"]["transport PIN"] + "\n")
        self.assertEqual(signed.returncode, 0, signed.stderr)
        self.assertEqual(verify().returncode, 1)
        self.assertEqual(json.loads(verify().stdout)["signers"][0]["status"]["code"], "trust.on-hold")
        self.world.activate(registered, permit)
        good = verify()
        self.assertEqual(good.returncode, 0, good.stdout)
        self.assertTrue(json.loads(good.stdout)["signers"][0]["good"])

    # --- a PIN that was forgotten or is blocked

    def unblock(self, registered, permit, pin, **more):
        return self.world.activate(registered, permit, pin=pin, command="unblock", **more)

    def assert_unblocked(self, done, pin):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(self.pin_is(pin))
        self.assertEqual(self.world.certificate_status(), "good")

    def test_a_blocked_card_gets_a_new_pin_as_often_as_that_happens(self):
        permit, registered = self.mailed_card()
        self.fails(self.unblock(registered, permit, "24680135"), "unblocking.not-active")
        self.world.activate(registered, permit)
        for pin in ("24680135", "35791246"):
            for _ in range(3):
                run(BIN / "fncard", "change-pin", "--use-last-try", text_input="00112233\n86420975\n86420975\n")
            self.assertEqual(self.world.status()["readers"][0]["card"]["pin"]["blocked"], True)
            self.assert_unblocked(self.unblock(registered, permit, pin), pin)
        self.fails(self.unblock(registered, permit, "86420975", user_code="22222222"), "unblocking.refused")
        self.assertTrue(self.pin_is("35791246"), "the PIN stays")

    def test_a_card_pulled_at_any_apdu_is_unblocked_by_the_same_command(self):
        permit, registered = self.mailed_card()
        self.world.activate(registered, permit)
        for when in ("before", "after"):
            number = 0
            finished = False
            while not finished:
                number += 1
                self.assertLess(number, 60, "an unblocking has fewer APDUs than this")
                self.world.simulator("fault", when, str(number), "remove")
                finished = self.unblock(registered, permit, "35791246").returncode == 0
                with self.subTest(f"{when} APDU {number}"):
                    self.world.put_in(self.world.card_file)
                    self.assert_unblocked(self.unblock(registered, permit, "24680135"), "24680135")


if __name__ == "__main__":
    world.main()
