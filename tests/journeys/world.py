# SPDX-License-Identifier: Apache-2.0
"""The whole system on one machine, for a test: sandbox registry and gateway, server, an officer, a station, and the
simulated card of the `scripts/with-card --state blank` that the test runs under. Only programs of the build and their
documented interfaces (docs/api.md) are used; nothing reaches into the server's store but where a test says why."""

import base64
import contextlib
import datetime
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import postgres  # noqa: E402  (after the path to it)
from exchange import WAIT_LIMIT, call  # noqa: E402

BIN = pathlib.Path(os.environ.get("FNCARD_BIN", ""))
SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
OPENSC = "opensc-pkcs11.so"  # a module that is not ours


def wait_for(what, condition):
    """Polls until condition() is true; the limit only ends a test that would hang."""
    end = time.monotonic() + WAIT_LIMIT
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"waited {WAIT_LIMIT} s for {what}")
        time.sleep(0.02)


def free_port():
    """Not one of those that outgoing connections get: such a one might be taken while its server is down for a moment."""
    first_outgoing = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(max(1024, first_outgoing - 16_000), first_outgoing)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def taipei_date():
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=8)).date()


def years_before(day, years, one_day_later=False):
    """A birth date: that many years before a day, or one day after that."""
    if (day.month, day.day) == (2, 29):
        day -= datetime.timedelta(days=1)
    return (day.replace(year=day.year - years) + datetime.timedelta(days=1 if one_day_later else 0)).isoformat()


class Program:
    """A running program of ours, its output in a file."""

    def __init__(self, log, *arguments):
        self.log = open(log, "ab")
        self.process = subprocess.Popen([str(a) for a in arguments], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def kill(self):
        """As a power cut does it: no chance to tidy up."""
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(WAIT_LIMIT)
        self.log.close()


def run_at_terminal(*arguments, typed, environment=None):
    """A program that asks for PINs at a terminal only, and what a person types there."""
    return run(SCRIPTS / "lib" / "on-terminal", *arguments, text_input="".join(line + "\n" for line in typed),
               environment=environment)


def with_our_module():
    """The environment of a program that is not ours and loads our module: a sanitized module wants its runtime first."""
    if "address" not in os.environ.get("FNCARD_SANITIZE", ""):
        return {}
    runtime = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True).stdout.strip()
    return {"LD_PRELOAD": runtime, "ASAN_OPTIONS": "detect_leaks=0"}


def run(*arguments, text_input="", environment=None):
    """A program of ours to its end; text_input is what a person would type."""
    return subprocess.run([str(a) for a in arguments], input=text_input, capture_output=True, text=True,
                          env={**os.environ, **(environment or {})}, timeout=WAIT_LIMIT * 2, check=False)


class World:
    """One deployment: everything a journey needs, in one folder, gone with close()."""

    PERMIT = "A800000014"  # valid in the sandbox registry, an adult's
    PIN = "73190482"

    def __init__(self, algorithm="rsa2048"):
        self.postgres = postgres.Postgres() if os.environ.get("FNCARD_TEST_STORE") == "postgresql" else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fncard-journey-"))
        self.algorithm = algorithm
        self.clock = self.folder / "clock"
        self.http_port, self.tls_port = free_port(), free_port()
        self.portal = f"https://localhost:{self.tls_port}"
        self.public = f"http://localhost:{self.http_port}"
        self.authority = self.folder / "authority"
        self.trust = self.authority / "operators-ca.pem"
        self.programs = {}
        self.permits = 0
        self.registry = self.start_sandbox("registry")
        self.gateway = self.start_sandbox("gateway", "--clock-file", self.clock)
        store = ["--store", self.postgres.create("fncard")] if self.postgres else []
        self.check(self.server("init", "--sandbox", "--base-url", self.public, *store))
        self.start_server()
        for name, role in (("window", "officer"), ("station", "station")):
            self.check(self.server("operator", "add", name, "--role", role, "--output", self.folder / "operators"))
        self.officer, self.station = self.tls_context("window"), self.tls_context("station")
        self.nobody = self.tls_context(None)

    def close(self):
        for program in self.programs.values():
            program.stop()
        if self.postgres:
            self.postgres.stop()
        shutil.rmtree(self.folder)

    # --- programs

    def log(self, name):
        return self.folder / f"{name}.log"

    def start_sandbox(self, name, *options):
        port_file = self.folder / f"{name}.port"
        port_file.unlink(missing_ok=True)
        self.programs[name] = Program(self.log(name), BIN / f"fncard-sandbox-{name}", "--port", 0, "--port-file",
                                      port_file, *options)
        wait_for(f"the {name}'s port", lambda: port_file.exists() and port_file.read_text().strip())
        return f"http://127.0.0.1:{port_file.read_text().strip()}"

    def new_permit(self, birth_date="1990-05-17", **changes):
        """A permit number that nobody had before, known to the registry."""
        self.permits += 1
        number = f"A8{self.permits:07d}"
        weights = (9, 8, 7, 6, 5, 4, 3, 2, 1)
        digit = -(1 + sum(int(d) * w for d, w in zip("0" + number[1:], weights))) % 10  # A is 10
        record = {"state": "valid", "name": "CÔNG THỊ MẪU 範例", "birthDate": birth_date} | changes
        self.set_permit(f"{number}{digit}", record)
        return f"{number}{digit}"

    def set_permit(self, permit, record):
        answer = call(f"{self.registry}/permits/{permit}", record, "PUT")
        if answer.status >= 300:
            raise AssertionError(f"registry: {answer.status} {answer.body}")

    def server(self, *arguments):
        """fncard-server's command line, on this deployment."""
        words = list(arguments)
        at = 2 if words[0] in ("operator", "audit") else 1
        if words[0] == "purge":
            words += ["--gateway", self.gateway, "--clock-file", self.clock]
        return run(BIN / "fncard-server", *words[:at], "--directory", self.authority, *words[at:])

    def start_server(self):
        self.programs["server"] = Program(
            self.log("server"), BIN / "fncard-server", "serve", "--directory", self.authority, "--port", self.http_port,
            "--tls-port", self.tls_port, "--registry", self.registry, "--gateway", self.gateway, "--clock-file", self.clock)
        wait_for("the server", self.is_healthy)

    def is_healthy(self):
        if self.programs["server"].process.poll() is not None:
            raise AssertionError("the server ended: " + self.log("server").read_text()[-2000:])
        try:
            return call(self.public + "/health").status == 200
        except OSError:
            return False

    def crash_server(self):
        """kill -9 and a new start, as after a power cut."""
        self.programs["server"].kill()
        self.start_server()

    def let_days_pass(self, days):
        self.clock.write_text(str(days * 86_400))

    @staticmethod
    def check(done):
        if done.returncode != 0:
            raise AssertionError(f"{done.args}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    # --- callers

    def tls_context(self, operator):
        context = ssl.create_default_context(cafile=str(self.trust))
        if operator:
            folder = self.folder / "operators"
            context.load_cert_chain(folder / f"{operator}.pem", folder / f"{operator}.key")
        return context

    def api(self, path, body=None, who=None, token=None, method=None):
        headers = {"Accept-Language": "en"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return call(self.portal + "/api/v1" + path, body, method, who or self.nobody, headers)

    # --- steps of a card's life

    def registration(self, permit=PERMIT, **changes):
        """The body of a registration, with changes."""
        return {"idempotencyKey": "registration-" + os.urandom(8).hex(), "permitNumber": permit, "bearerConfirmed": True,
                "phone": "0912345678", "email": "applicant@example.tw", "language": "en", "profile": self.algorithm} | changes

    def register(self, permit=PERMIT, **changes):
        answer = self.api("/registrations", self.registration(permit, **changes), self.officer)
        if answer.status != 201:
            raise AssertionError(f"registration: {answer.status} {answer.body}")
        return answer.json

    def sign_in(self, registered, permit=PERMIT):
        answer = self.api("/session", {"permitNumber": permit, "userCode": registered["userCode"]})
        if answer.status != 200:
            raise AssertionError(f"sign-in: {answer.status} {answer.body}")
        return answer.json["token"]

    def open_payment(self, token, key=None):
        answer = self.api("/order/payment", {
            "idempotencyKey": key or "payment-" + os.urandom(8).hex(), "deliveryAddress": "1 Example Road, Taipei",
            "invoice": {"kind": "mobile", "value": "/ABC1234"}}, token=token)
        if answer.status != 200:
            raise AssertionError(f"payment: {answer.status} {answer.body}")
        page = call(answer.json["gatewayUrl"], list(answer.json["fields"].items()))
        if page.status != 200:
            raise AssertionError(f"gateway: {page.status} {page.body}")
        return answer.json["fields"]["MerchantTradeNo"]

    def gateway_pays(self, trade, mode="normal"):
        return call(self.gateway + "/sandbox/pay", {"merchantTradeNo": trade, "mode": mode}, headers={"Accept": "application/json"})

    def pay(self, registered, permit=PERMIT):
        token = self.sign_in(registered, permit)
        self.gateway_pays(self.open_payment(token))
        return token

    def state(self, order_id):
        return self.api(f"/registrations/{order_id}", who=self.officer).json["state"]

    def station_program(self, command, *arguments):
        operators = self.folder / "operators"
        return self.check(run(
            BIN / "fncard-perso", command, "--server", self.portal, "--certificate", operators / "station.pem", "--key",
            operators / "station.key", "--trust", self.trust, "--json", *arguments))

    def personalise(self):
        """Makes the card in the reader for the oldest job; returns that job."""
        printed = self.station_program("run", "--once", "--work-dir", self.folder / "station").stdout
        return next(line for line in map(json.loads, printed.splitlines()) if "jobId" in line)

    def mailed(self, permit=PERMIT):
        """A card on the way to its holder: registered, paid, made. Returns what the registration answered."""
        registered = self.register(permit)
        self.pay(registered, permit)
        made = self.personalise()
        registered["secrets"] = self.card_secrets(made)
        self.station_program("mail", "--job", made["jobId"], "--mail-number", "01234567890123456789")
        return registered

    def activate(self, registered, permit=PERMIT, pin=PIN, user_code=None, portal=None, command="activate"):
        """fncard activate (or unblock) with what the person types: user code, PIN, PIN; the same after every interruption."""
        typed = [user_code or registered["userCode"], pin, pin]
        return run(BIN / "fncard", command, "--server", portal or self.portal, "--trust", self.trust, "--permit-number", permit,
                   "--json", text_input="".join(line + "\n" for line in typed))

    def status(self):
        """fncard status, as a program reads it."""
        return json.loads(run(BIN / "fncard", "status", "--server", self.portal, "--trust", self.trust, "--json").stdout)

    # --- the card in the reader

    @staticmethod
    def simulator(*words):
        done = run(BIN / "fncard-sim", "control", os.environ["FNCARD_SIM_CONTROL"], *words)
        return World.check(done).stdout

    def insert_blank_card(self, name):
        """Another blank card takes the place of the one in the reader."""
        card = self.folder / f"{name}.card"
        self.check(run(BIN / "fncard-sim", "create", card))
        self.put_in(card)

    def put_in(self, card):
        """This card is the one in the reader from now on; no removal is due any more."""
        self.take_out()
        self.simulator("faults", "clear")
        self.simulator("insert", str(card))
        self.check(run(BIN / "fncard-sim", "wait", "--reader", os.environ["FNCARD_READER"], "--timeout", "20"))
        self.card_file = card

    @staticmethod
    def take_out():
        """The reader is empty, whether it was or not."""
        done = run(BIN / "fncard-sim", "control", os.environ["FNCARD_SIM_CONTROL"], "remove")
        if "no card" not in done.stdout + done.stderr:
            World.check(done)

    def change_pin(self, current, new):
        """By a program that is not ours."""
        self.check(run_at_terminal("pkcs11-tool", "--module", OPENSC, "--change-pin", typed=[current, new, new]))

    def hsm_pin(self):
        return next(self.authority.rglob("*pin*")).read_text().strip()

    def card_secrets(self, job):
        """What only the station and the card know, for the tests that must know it too: told until the card is mailed."""
        told = self.api(f"/production/jobs/{job['jobId']}/secrets", {}, self.station).json
        return {"transport PIN": told["transportPin"], "PUK": base64.b64decode(told["puk"]),
                "management key": base64.b64decode(told["managementKey"])}

    def certificate_status(self):
        """Of the card in the reader, by OCSP and openssl."""
        der = self.folder / "certificate.der"
        self.check(run("pkcs11-tool", "--module", OPENSC, "--read-object", "--type", "cert", "--id", "02", "-o", der))
        pem = self.folder / "certificate.pem"
        self.check(run("openssl", "x509", "-inform", "DER", "-in", der, "-out", pem))
        shown = self.check(run("openssl", "ocsp", "-issuer", self.authority / "issuing.pem", "-CAfile", self.authority / "root.pem",
                               "-cert", pem, "-url", self.public + "/ocsp"))
        if "Response verify OK" not in shown.stderr:
            raise AssertionError(shown.stderr)
        if "certificateHold" in shown.stdout:
            return "on-hold"
        return "good" if ": good" in shown.stdout else shown.stdout

    def tls_files(self):
        """Certificate chain and key of the sandbox server's TLS."""
        return self.authority / "tls.pem", self.authority / "tls.key"


class JourneyTest(unittest.TestCase):
    """One world for the tests of a class; each test makes a permit of its own. Keys on P-256, which are made at once."""

    @classmethod
    def setUpClass(cls):
        cls.world = World("p256")
        cls.addClassCleanup(cls.world.close)

    def refused(self, answer, status, code):
        """The answer is that refusal, with a sentence for a person and nothing else."""
        self.assertEqual((answer.status, answer.code), (status, code), answer.body)
        sentence = answer.json["error"]["message"]
        self.assertRegex(sentence, r"^[A-Z].{15,}", "a sentence, not a code")
        self.assertNotIn("{", sentence)

    def fails(self, done, code, exit_code=1):
        """The program ended with that error, told as a sentence and in its JSON."""
        self.assertEqual(done.returncode, exit_code, done.stdout + done.stderr)
        self.assertEqual(json.loads(done.stdout)["error"]["code"], code, done.stdout)


def main():
    if not BIN.is_dir() or "FNCARD_SIM_CONTROL" not in os.environ:
        raise SystemExit("run this by CTest: it needs FNCARD_BIN and scripts/with-card --state blank")
    unittest.main(verbosity=2)
