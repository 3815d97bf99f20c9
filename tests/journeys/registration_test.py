# SPDX-License-Identifier: Apache-2.0
"""At the window: who may apply, and what an officer is told about the others."""

import world
from world import World, wait_for


class Registration(world.JourneyTest):
    def apply(self, permit, **changes):
        return self.world.api("/registrations", self.world.registration(permit, **changes), self.world.officer)

    def test_an_adult_with_a_valid_permit_is_registered(self):
        answer = self.apply(self.world.new_permit())
        self.assertEqual(answer.status, 201, answer.body)
        self.assertEqual((answer.json["state"], answer.json["fee"]), ("applied", 278))
        self.assertRegex(answer.json["userCode"], "^[2-9A-HJ-NP-Z]{6,10}$")

    def test_the_same_request_again_makes_no_second_application_and_does_not_repeat_the_user_code(self):
        body = self.world.registration(self.world.new_permit())
        first = self.world.api("/registrations", body, self.world.officer)
        again = self.world.api("/registrations", body, self.world.officer)
        self.assertEqual((first.status, again.status), (201, 200))
        self.assertEqual(again.json["orderId"], first.json["orderId"])
        self.assertIsNone(again.json["userCode"])

    def test_who_is_not_18_is_refused_and_who_turns_18_today_is_not(self):
        today = world.taipei_date()
        self.refused(self.apply(self.world.new_permit(birth_date=world.years_before(today, 18, one_day_later=True))), 422,
                     "registration.under-age")
        self.assertEqual(self.apply(self.world.new_permit(birth_date=world.years_before(today, 18))).status, 201)

    def test_permits_that_are_not_valid_are_refused_with_the_reason(self):
        for state in ("expired", "revoked"):
            with self.subTest(state):
                self.refused(self.apply(self.world.new_permit(state=state)), 422, f"registration.permit-{state}")
        self.refused(self.apply("C800000043"), 422, "registration.permit-unknown")

    def test_a_typing_error_is_found_by_the_check_digit(self):
        self.refused(self.apply("A800000015"), 422, "registration.permit-check-digit")
        self.refused(self.apply("A80000001"), 422, "registration.permit-format")
        self.refused(self.apply("A8\N{FULLWIDTH DIGIT ZERO}0000014"), 422, "registration.permit-format")

    def test_nobody_applies_with_the_permit_of_somebody_else(self):
        self.refused(self.apply(self.world.new_permit(bearerIsHolder=False)), 422, "registration.not-holder")
        self.refused(self.apply(self.world.new_permit(), bearerConfirmed=False), 422, "registration.bearer-not-confirmed")

    def test_there_is_one_application_at_a_time(self):
        permit = self.world.new_permit()
        self.assertEqual(self.apply(permit).status, 201)
        self.refused(self.apply(permit), 409, "registration.order-exists")

    def test_an_unreachable_registry_keeps_the_application_and_is_asked_again(self):
        permit = self.world.new_permit()
        self.world.set_permit(permit, {"unreachable": True})
        answer = self.apply(permit)
        self.assertEqual((answer.status, answer.json["state"]), (202, "awaiting-registry"), answer.body)
        order = answer.json["orderId"]
        self.world.crash_server()
        self.assertEqual(self.world.state(order), "awaiting-registry")
        self.world.set_permit(permit, {"state": "valid", "name": "SITI RAHAYU", "birthDate": "1988-02-29"})
        wait_for("the registry's answer", lambda: self.world.state(order) == "applied")

    def test_only_officers_register(self):
        body = self.world.registration(self.world.new_permit())
        for who in (self.world.nobody, self.world.station):
            self.refused(self.world.api("/registrations", body, who), 403, "operator.not-allowed")
        plain = world.call(self.world.public + "/api/v1/registrations", body)
        self.refused(plain, 403, "request.tls-required")

    def test_no_secret_travels_without_tls(self):
        permit = self.world.new_permit()
        registered = self.world.register(permit)
        body = {"permitNumber": permit, "userCode": registered["userCode"]}
        self.refused(world.call(self.world.public + "/api/v1/session", body), 403, "request.tls-required")
        self.assertEqual(world.call(self.world.public + "/api/v1/certificates/00AA/status").json["status"], "unknown")

    def test_a_new_user_code_makes_the_old_one_void(self):
        permit = self.world.new_permit()
        registered = self.world.register(permit)
        body = {"idempotencyKey": "user-code-" + registered["orderId"], "identified": True}
        answer = self.world.api(f"/registrations/{registered['orderId']}/user-code", body, self.world.officer)
        self.assertEqual(answer.status, 200, answer.body)
        old = self.world.api("/session", {"permitNumber": permit, "userCode": registered["userCode"]})
        self.refused(old, 403, "session.refused")
        self.world.sign_in(answer.json, permit)


if __name__ == "__main__":
    world.main()
