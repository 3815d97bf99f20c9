#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# usage: browser_test.py BIN PICTURES chromium|firefox, inside scripts/with-card, with a screen (tests/support/on-screen)
# A page in a real browser asks through the extension; a person answers in the agent's own window (AT-SPI); what the page
# gets is checked by code that is not ours.
import base64
import hashlib
import http.server
import json
import os
import pathlib
import queue
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import desktop  # noqa: E402

BIN, PICTURES, NAME = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
EXTENSION = pathlib.Path(__file__).parents[2] / "agent/extension"
PIN = os.environ["FNCARD_PIN"]
NONCE = base64.b64encode(bytes(range(33))).decode()
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384()}

# what the test tells the page to do comes by /next, what it got goes to /result
PAGE = b"""<!doctype html><meta charset=utf-8><title>test page</title><script>
const say = (name, value) => fetch("/result", {method: "POST", body: JSON.stringify([name, value])});
const settle = promise => promise.then(value => ({value}), error => ({error: error.code ?? String(error)}));
async function webEid(message) {
  const heard = [];
  return new Promise(resolve => {
    const hear = event => {
      if (!event.data?.action?.match(/-(ack|success|failure)$/)) return;
      heard.push(event.data.action);
      if (!event.data.action.endsWith("-ack")) { window.removeEventListener("message", hear); resolve({heard, ...event.data}); }
    };
    window.addEventListener("message", hear);
    window.postMessage(message, window.origin);
  });
}
(async () => {
  // a browser that starts may show the page before its extensions
  if (!window.fncard) return setTimeout(() => location.reload(), 200);
  while (true) {
    const [name, code] = await (await fetch("/next")).json();
    say(name, await settle(Promise.resolve().then(() => eval(code))));
  }
})();
</script>"""


class Site(http.server.ThreadingHTTPServer):
    """A site on this PC; each host name of it is an origin of its own."""
    daemon_threads = True

    def __init__(self):
        self.steps, self.results, self.seen = queue.Queue(), queue.Queue(), []
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def origin(self, host="localhost"):
        return f"http://{host}:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, body, content_type="application/json"):
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/next":
            self.answer(json.dumps(self.server.steps.get()).encode())
        elif self.path == "/":
            self.answer(PAGE, "text/html")
        else:
            self.send_error(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append(body)
        self.server.results.put(json.loads(body))
        self.answer(b"{}")


class Marionette:
    """Firefox's own remote control: a message is its length, a colon and JSON."""

    def __init__(self, port):
        desktop.until("Marionette", lambda: self.connect(port))
        self.number = 0

    def connect(self, port):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            self.stream = connection.makefile("rwb")
        return self.receive()

    def receive(self):
        size = b""
        while (byte := self.stream.read(1)) != b":":
            size += byte
        return json.loads(self.stream.read(int(size)))

    def call(self, command, **parameters):
        self.number += 1
        message = json.dumps([0, self.number, command, parameters]).encode()
        self.stream.write(str(len(message)).encode() + b":" + message)
        self.stream.flush()
        _, _, error, result = self.receive()
        assert error is None, error
        return result


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Browser:
    def __init__(self, folder, environment):
        self.control, self.log = None, open(folder / "browser.log", "wb")
        home = folder / "home"
        home.mkdir()
        self.environment = dict(environment, HOME=str(home), XDG_CONFIG_HOME=str(home / ".config"))
        # the browser's own accessibility would fill the registry that the test looks into
        self.environment.update(QT_LINUX_ACCESSIBILITY_ALWAYS_ON="1", NO_AT_BRIDGE="1", GTK_A11Y="none")
        callers = (pathlib.Path(__file__).parents[2] / "agent/native/callers.h").read_text()
        chromium_origin = "chrome-extension://" + callers.split("chrome-extension://")[1].split('"')[0]
        manifest = {"name": "tw.fncard.agent", "description": "fncard", "path": str(BIN / "fncard-native-host"), "type": "stdio"}
        self.profile = folder / "profile"
        if NAME == "chromium":
            place, manifest["allowed_origins"] = self.profile / "NativeMessagingHosts", [chromium_origin]
        else:
            self.profile.mkdir()
            place, manifest["allowed_extensions"] = home / ".mozilla/native-messaging-hosts", ["fncard@fncard.example"]
        place.mkdir(parents=True)
        (place / "tw.fncard.agent.json").write_text(json.dumps(manifest))

    def start(self, address):
        if NAME == "chromium":
            command = ["chromium", f"--user-data-dir={self.profile}", f"--load-extension={EXTENSION}",
                       f"--disable-extensions-except={EXTENSION}", "--no-first-run", "--disable-gpu", "--password-store=basic",
                       "--disable-background-networking", address]
            if os.getuid() == 0:  # its sandbox is not for root
                command.insert(1, "--no-sandbox")
        else:
            port = free_port()
            preferences = {"marionette.port": port, "browser.shell.checkDefaultBrowser": False,
                           "datareporting.policy.dataSubmissionEnabled": False, "browser.aboutwelcome.enabled": False,
                           "accessibility.force_disabled": 1}
            (self.profile / "user.js").write_text("".join(f"user_pref({json.dumps(key)}, {json.dumps(value)});\n"
                                                          for key, value in preferences.items()))
            command = ["firefox-esr", "--no-remote", "--marionette", "--profile", str(self.profile)]
        self.process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        start_new_session=True)
        if NAME == "firefox":
            self.control = Marionette(port)
            self.control.call("WebDriver:NewSession")
            self.control.call("Addon:Install", path=str(EXTENSION), temporary=True)
            self.control.call("WebDriver:Navigate", url=address)

    def end(self):
        if self.control:
            self.control.stream.close()
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.log.close()


def grouped(digest):
    """As the window shows a fingerprint."""
    return digest.hex(" ", 4)


def verifies(certificate, algorithm, signature, message):
    key = x509.load_der_x509_certificate(certificate).public_key()
    kind, hash_ = algorithm[:2], HASHES[algorithm[2:]]
    try:
        if kind == "ES":
            half = len(signature) // 2
            der = utils.encode_dss_signature(int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
            key.verify(der, message, ec.ECDSA(hash_))
        else:
            key.verify(signature, message, padding.PKCS1v15(), hash_)
    except InvalidSignature:
        return False
    return True


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="fncard-browser-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        environment = dict(os.environ, FNCARD_AGENT_SOCKET=str(cls.folder / "run/agent.sock"), FNCARD_LANGUAGE="en")
        cls.agent_log = open(cls.folder / "agent.log", "wb")
        cls.addClassCleanup(cls.agent_log.close)
        cls.agent = subprocess.Popen([BIN / "fncard-agent"], env=environment, stdin=subprocess.DEVNULL, stdout=cls.agent_log,
                                     stderr=cls.agent_log)
        cls.addClassCleanup(cls.agent.wait, 60)
        cls.addClassCleanup(cls.agent.terminate)
        cls.site = Site()
        cls.addClassCleanup(cls.site.server_close)
        cls.addClassCleanup(cls.site.shutdown)
        cls.browser = Browser(cls.folder, environment)
        cls.browser.start(cls.site.origin() + "/")
        cls.addClassCleanup(cls.browser.end)

    def begin(self, code):
        """The page starts to do this."""
        self.site.steps.put(["it", code])

    def result(self):
        return self.site.results.get(timeout=desktop.PATIENCE)[1]

    def window(self):
        return desktop.window(self.agent)

    def confirm(self, button, pin=PIN):
        window = self.window()
        origins = [part.name for part in desktop.walk(window) if part.name == self.site.origin()]
        self.assertTrue(origins, "the window names the site")
        if pin:
            desktop.type_pin(window, pin)
        desktop.press(desktop.button(window, button))
        desktop.no_window(self.agent)

    @staticmethod
    def pins_sent():
        """VERIFY with something in it, as the card saw it: without, it asks how many tries are left."""
        lines = pathlib.Path(os.environ["FNCARD_APDU_LOG"]).read_text(encoding="utf-8").splitlines()
        return sum(line.startswith("> 00200080") and line.split()[1] != "00200080" for line in lines)

    def test_1_signs_in_with_a_token_that_others_verify(self):
        self.begin("typeof fncard.authenticate")
        self.assertEqual(self.result(), {"value": "function"})
        self.begin(f"fncard.authenticate({json.dumps(NONCE)}, {{lang: 'vi'}})")
        self.window()
        desktop.picture(PICTURES, f"browser-{NAME}")
        self.confirm("Sign in")
        token = self.result()["value"]
        self.assertEqual(set(token), {"unverifiedCertificate", "algorithm", "signature", "format", "appVersion"})
        self.assertEqual(token["format"], "web-eid:1.0")
        certificate = base64.b64decode(token["unverifiedCertificate"], validate=True)
        pem = (pathlib.Path(os.environ["FNCARD_CARD_DIR"]) / "signature.pem").read_bytes()
        self.assertEqual(x509.load_pem_x509_certificate(pem), x509.load_der_x509_certificate(certificate))
        digest = {"256": hashlib.sha256, "384": hashlib.sha384}[token["algorithm"][2:]]
        signature = base64.b64decode(token["signature"], validate=True)

        def signed(origin, nonce):
            return verifies(certificate, token["algorithm"], signature, digest(origin.encode()).digest() + digest(nonce.encode()).digest())
        self.assertTrue(signed(self.site.origin(), NONCE))
        self.assertFalse(signed(self.site.origin() + "/", NONCE))
        self.assertFalse(signed(self.site.origin("127.0.0.1"), NONCE))
        self.assertFalse(signed(self.site.origin(), NONCE[::-1]))

    def test_2_answers_a_page_written_for_web_eid(self):
        self.begin("webEid({action: 'web-eid:status', libraryVersion: '2.0.2'})")
        status = self.result()["value"]
        self.assertEqual(status["heard"], ["web-eid:status-ack", "web-eid:status-success"])
        self.assertTrue(status["nativeApp"] and status["extension"])
        self.begin("webEid({action: 'web-eid:get-signing-certificate', libraryVersion: '2.0.2', options: {lang: 'en'}})")
        self.confirm("Show my certificate", pin=None)
        shared = self.result()["value"]
        document = hashlib.sha256(b"a document").digest()
        arguments = {"action": "web-eid:sign", "certificate": shared["certificate"], "hash": base64.b64encode(document).decode(),
                     "hashFunction": "SHA-256"}
        self.begin(f"webEid({json.dumps(arguments)})")
        self.assertIn(grouped(document), [part.name for part in desktop.walk(self.window())])
        self.confirm("Sign")
        signed = self.result()["value"]
        algorithm = {"RSA": "RS256", "ECC": "ES256"}[signed["signatureAlgorithm"]["cryptoAlgorithm"]]
        self.assertTrue(verifies(base64.b64decode(shared["certificate"]), algorithm, base64.b64decode(signed["signature"]), b"a document"))

    def test_3_has_a_document_signed(self):
        document = self.folder / "lease.txt"
        document.write_bytes(b"a lease\n")
        digest = hashlib.sha256(document.read_bytes()).digest()
        self.begin(f"fncard.signDocument('lease.txt', {json.dumps(base64.b64encode(digest).decode())})")
        said = [part.name for part in desktop.walk(self.window())]
        self.assertIn("lease.txt", said)
        self.assertIn(grouped(digest), said)
        self.confirm("Sign")
        message = self.folder / "lease.p7s"
        message.write_bytes(base64.b64decode(self.result()["value"]["cms"], validate=True))
        authorities = self.folder / "authorities.pem"
        authorities.write_bytes(b"".join((pathlib.Path(os.environ["FNCARD_CARD_DIR"]) / name).read_bytes() for name in ("root.pem", "issuing.pem")))

        def verify(content):
            return subprocess.run(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", message, "-content", content, "-purpose", "any",
                                   "-CAfile", authorities], capture_output=True)
        self.assertEqual(verify(document).stdout, b"a lease\n", verify(document).stderr)
        self.assertNotEqual(verify(message).returncode, 0)

    def test_4_learns_nothing_when_the_person_cancels(self):
        before = self.pins_sent()
        self.begin(f"fncard.authenticate({json.dumps(NONCE)})")
        desktop.press(desktop.button(self.window(), "Cancel"))
        self.assertEqual(self.result(), {"error": "ERR_WEBEID_USER_CANCELLED"})
        self.assertGreater(before, 0)
        self.assertEqual(self.pins_sent(), before)

    def test_5_cannot_speak_for_another_origin(self):
        self.begin("webEid({action: 'web-eid:authenticate', challengeNonce: " + json.dumps(NONCE) + ", origin: 'https://portal.example', "
                   "options: {origin: 'https://portal.example'}})")
        window = self.window()
        self.assertNotIn("portal.example", "\n".join(desktop.everything_said(window)))
        self.assertIn(self.site.origin(), [part.name for part in desktop.walk(window)])
        self.confirm("Sign in")
        self.assertEqual(self.result()["value"]["action"], "web-eid:authenticate-success")

    def test_6_has_nothing_in_a_frame(self):
        for attributes in ("", "sandbox='allow-scripts'"):
            self.begin(f"""new Promise(resolve => {{
              const frame = document.createElement("div");
              frame.innerHTML = `<iframe {attributes} srcdoc="<script>let heard = 0; onmessage = e => {{ if (String(e.data?.action).match(/-(ack|success|failure)$/)) heard++; }};
                postMessage({{action: 'web-eid:status'}}, '*'); setTimeout(() => parent.postMessage({{frame: [heard, typeof fncard]}}, '*'), 1500)</scr` + `ipt>"></iframe>`;
              window.addEventListener("message", event => {{ if (event.data?.frame) resolve(event.data.frame); }});
              document.body.append(frame);
            }})""")
            self.assertEqual(self.result()["value"], [0, "undefined"])
        self.assertEqual(list(desktop.windows(self.agent)), [])

    def test_7_closes_the_window_when_the_page_goes_away(self):
        self.begin(f"void fncard.authenticate({json.dumps(NONCE)})")
        self.assertEqual(self.result(), {})
        self.window()
        self.begin("new Promise(() => location.reload())")  # and asks for no further step
        desktop.no_window(self.agent)
        self.assertIsNone(self.agent.poll())

    def test_8_floods_into_one_window_and_a_refusal(self):
        before = self.pins_sent()
        self.begin(f"void Array.from({{length: 30}}, () => settle(fncard.authenticate({json.dumps(NONCE)})).then(got => say('one', got)))")
        self.assertEqual(self.result(), {})
        for _ in range(26):
            self.assertEqual(self.result(), {"error": "ERR_WEBEID_ACTION_PENDING"})
        for _ in range(4):
            window = self.window()
            self.assertEqual(len(list(desktop.windows(self.agent))), 1)
            desktop.press(desktop.button(window, "Cancel"))
            self.assertEqual(self.result(), {"error": "ERR_WEBEID_USER_CANCELLED"})
            desktop.gone(self.agent, window)
        self.begin(f"fncard.authenticate({json.dumps(NONCE)})")
        self.assertEqual(self.result(), {"error": "ERR_WEBEID_ACTION_PENDING"}, "cancelled twice: it has to wait")
        self.assertEqual(list(desktop.windows(self.agent)), [])
        self.assertEqual(self.pins_sent(), before)

    def test_9_told_the_pin_to_nobody(self):
        self.agent_log.flush()
        texts = [*self.site.seen, *(file.read_bytes() for file in self.folder.glob("*.log"))]
        texts += [pathlib.Path(f"/proc/{process}/cmdline").read_bytes() for process in (self.agent.pid, self.browser.process.pid)]
        for text in texts:
            self.assertNotIn(PIN.encode(), text)


unittest.main(argv=sys.argv[:1], failfast=True, verbosity=2)
