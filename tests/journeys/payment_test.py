# SPDX-License-Identifier: Apache-2.0
"""Payment: once, in time, believed only from the gateway, and no money lost."""

import threading

import world
from world import call, wait_for


class Payment(world.JourneyTest):
    def setUp(self):
        self.world.let_days_pass(0)
        self.permit = self.world.new_permit()
        self.registered = self.world.register(self.permit)
        self.order = self.registered["orderId"]
        self.token = self.world.sign_in(self.registered, self.permit)

    def state(self):
        return self.world.state(self.order)

    def jobs(self):
        """Production jobs of this order."""
        listed = self.world.check(self.world.server("jobs", "--json"))
        return [job for job in world.json.loads(listed.stdout) if job["orderId"] == self.order]

    def refunds(self):
        return world.json.loads(self.world.check(self.world.server("refunds", "--json")).stdout)

    def test_paid_before_the_browser_returns_and_the_return_changes_nothing(self):
        trade = self.world.open_payment(self.token)
        answer = self.world.gateway_pays(trade).json
        self.assertEqual(answer["answer"], "1|OK")
        self.assertEqual(self.state(), "paid")
        page = call(self.world.portal + "/payment/return", [("MerchantTradeNo", trade), ("RtnCode", "0")],
                    context=self.world.nobody)
        self.assertEqual(page.status, 200)
        self.assertEqual(self.state(), "paid")
        self.assertEqual(len(self.jobs()), 1)

    def test_a_doubled_notification_pays_once(self):
        trade = self.world.open_payment(self.token)
        self.assertEqual(self.world.gateway_pays(trade, "twice").json["answers"], ["1|OK", "1|OK"])
        call(self.world.gateway + "/sandbox/notify", {"merchantTradeNo": trade})
        self.assertEqual(self.state(), "paid")
        self.assertEqual(len(self.jobs()), 1)
        self.assertEqual(self.refunds(), [])

    def test_a_notification_that_is_forged_or_of_another_amount_pays_nothing(self):
        for mode in ("forged", "tampered", "simulated", "failed"):
            with self.subTest(mode):
                self.world.gateway_pays(self.world.open_payment(self.token), mode)
                self.assertEqual(self.state(), "applied")
                self.assertEqual(self.jobs(), [])

    def test_unpaid_after_fifteen_days_is_deleted_and_a_new_application_possible(self):
        self.world.let_days_pass(15)
        self.world.check(self.world.server("purge"))
        self.assertEqual(self.state(), "applied", "the fifteenth day is still in time")
        self.world.let_days_pass(16)
        self.world.check(self.world.server("purge"))
        self.assertEqual(self.state(), "purged")
        self.refused(self.world.api("/session", {"permitNumber": self.permit, "userCode": self.registered["userCode"]}), 403,
                     "session.refused")
        self.world.register(self.permit)

    def test_what_was_paid_without_a_word_is_found_before_the_purge(self):
        self.world.gateway_pays(self.world.open_payment(self.token), "withhold")
        self.assertEqual(self.state(), "applied")
        self.world.let_days_pass(16)
        self.world.check(self.world.server("purge"))
        self.assertEqual(self.state(), "paid")
        self.assertEqual(len(self.jobs()), 1)

    def test_nothing_is_purged_while_the_gateway_cannot_be_asked(self):
        self.world.open_payment(self.token)
        self.world.programs["gateway"].process.send_signal(world.signal.SIGSTOP)
        try:
            self.world.let_days_pass(16)
            self.world.server("purge")
            self.assertEqual(self.state(), "applied")
        finally:
            self.world.programs["gateway"].process.send_signal(world.signal.SIGCONT)

    def test_money_after_the_purge_becomes_a_refund_case(self):
        trade = self.world.open_payment(self.token)
        self.world.let_days_pass(16)
        self.world.check(self.world.server("purge"))
        self.world.gateway_pays(trade)
        self.assertEqual(self.state(), "purged")
        self.assertEqual(self.jobs(), [])
        self.assertEqual([refund["amount"] for refund in self.refunds() if refund["merchantTradeNo"] == trade], [278])

    def test_a_notification_that_finds_the_server_dead_counts_when_it_comes_again(self):
        trade = self.world.open_payment(self.token)
        self.world.programs["server"].kill()
        self.world.gateway_pays(trade)
        self.world.start_server()
        call(self.world.gateway + "/sandbox/notify", {"merchantTradeNo": trade})
        wait_for("the payment", lambda: self.state() == "paid")
        self.assertEqual(len(self.jobs()), 1)

    def test_a_server_killed_at_any_moment_of_a_payment_loses_nothing_and_pays_once(self):
        for delay in (0.0, 0.002, 0.005, 0.01, 0.02, 0.05):
            with self.subTest(delay=delay):
                self.setUp()
                trade = self.world.open_payment(self.token)
                paying = threading.Thread(target=self.world.gateway_pays, args=(trade,))
                paying.start()
                threading.Event().wait(delay)
                self.world.crash_server()
                paying.join()
                call(self.world.gateway + "/sandbox/notify", {"merchantTradeNo": trade})
                wait_for("the payment", lambda: self.state() == "paid")
                self.assertEqual(len(self.jobs()), 1)


class SignIn(world.JourneyTest):
    def test_wrong_codes_warn_then_lock_and_never_say_which_was_wrong(self):
        permit = self.world.new_permit()
        registered = self.world.register(permit)
        wrong = {"permitNumber": permit, "userCode": "22222222"}
        unknown = {"permitNumber": self.world.new_permit(), "userCode": "22222222"}
        for body in (wrong, unknown):
            with self.subTest(body["permitNumber"]):
                codes = [self.world.api("/session", body).code for _ in range(5)]
                self.assertEqual(codes, ["session.refused"] * 2 + ["session.refused-warning"] * 2 + ["session.locked"])
                answer = self.world.api("/session", body)
                self.refused(answer, 429, "session.locked")
                self.assertGreater(int(answer.headers["retry-after"]), 0)
        right = {"permitNumber": permit, "userCode": registered["userCode"]}
        self.refused(self.world.api("/session", right), 429, "session.locked")
        self.world.crash_server()
        self.refused(self.world.api("/session", right), 429, "session.locked")
        self.world.let_days_pass(1)
        self.assertEqual(self.world.api("/session", right).status, 200)


if __name__ == "__main__":
    world.main()
