# SPDX-License-Identifier: Apache-2.0
"""What the browser tests share: a TLS 1.3 server that asks for the card's certificate, the windows on this display, the reader."""
import os
import pathlib
import re
import signal
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 120  # seconds until something that was awaited counts as never
PIN = os.environ["FNCARD_PIN"]
CARD = pathlib.Path(os.environ["FNCARD_CARD_DIR"])
AUTHORITIES = [file for file in (CARD / "root.pem", CARD / "issuing.pem") if file.is_file()]  # a blank card has none


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def until(what, condition):
    """Asks again until condition gives something; that."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.1)
    raise AssertionError(f"{what}: not within {PATIENCE} s")


def holder():
    subject = run("openssl", "x509", "-in", str(CARD / "signature.pem"), "-noout", "-subject", "-nameopt", "multiline")
    return re.search(r"serialNumber *= (\S+)", subject)[1]


def apdus():
    return sum(line.startswith("> ") for line in open(os.environ["FNCARD_APDU_LOG"], encoding="utf-8"))


def measure():
    """The exchanges so far; those that follow begin with an empty certificate cache."""
    for file in pathlib.Path(os.environ["FNCARD_CACHE_DIR"]).glob("*.certificates"):
        file.unlink()
    return apdus()


def reader(*command):
    """fncard-sim control: insert, remove ..."""
    run("fncard-sim", "control", os.environ["FNCARD_SIM_CONTROL"], *command)


class Server:
    """Says on each page, and in `seen`, who the client is: the serialNumber in the certificate's subject, or nobody."""

    def __init__(self, folder):
        folder.mkdir()
        self.seen, self.refused, self.connections = [], 0, 0
        server, seen = self, self.seen
        authority_key, key, chain = folder / "server-ca.key", folder / "server.key", folder / "server.pem"
        self.certificate = folder / "server-ca.pem"
        new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        run("openssl", "req", "-x509", *new_key, "-keyout", str(authority_key), "-out", str(self.certificate), "-subj", f"/CN=authority of {folder.name}")
        run("openssl", "req", "-x509", *new_key, "-keyout", str(key), "-out", str(chain), "-subj", "/CN=localhost",
            "-CA", str(self.certificate), "-CAkey", str(authority_key), "-addext", "subjectAltName=DNS:localhost",
            "-addext", "basicConstraints=critical,CA:FALSE")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.num_tickets = 0  # each connection is authenticated anew
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_cert_chain(chain, key)
        for authority in [self.certificate, *AUTHORITIES]:
            context.load_verify_locations(authority)

        class Page(BaseHTTPRequestHandler):
            timeout = 30

            def setup(self):
                server.connections += 1
                try:
                    self.request = context.wrap_socket(self.request, server_side=True)
                except OSError:
                    server.refused += 1
                    raise
                super().setup()

            def do_GET(self):  # noqa: N802, the name is the library's
                names = dict(pair[0] for pair in (self.request.getpeercert() or {}).get("subject", ()))
                client = names.get("serialNumber", "nobody")
                body = f"<!doctype html><link rel=icon href='data:,'><title>client {client}</title><h1>{names.get('commonName', '')} {client}</h1>".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)
                seen.append((self.path, client, self.request.version()))

            def log_message(self, *arguments):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):  # a browser that hangs up is no news
                pass

        self.server = Quiet(("127.0.0.1", 0), Page)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def address(self, path):
        return f"https://localhost:{self.server.server_port}{path}"

    def visited(self, path):
        return any(each[0] == path for each in self.seen)

    def visitor(self, path):
        """Who asked for a page, once someone did; and it was TLS 1.3."""
        _, client, version = until(f"a visit to {path}", lambda: next((each for each in self.seen if each[0] == path), None))
        assert version == "TLSv1.3", version
        return client


class Screen:
    def __init__(self, folder):
        self.folder = folder
        self.manager = subprocess.Popen(["openbox"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env=dict(os.environ, HOME=str(folder), XDG_CONFIG_HOME=str(folder)))

    def close(self):
        self.manager.terminate()
        self.manager.wait()

    def windows(self):
        """(number, title) of every window that can be seen."""
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", ".+"], capture_output=True, text=True, check=False).stdout.split()
        named = []
        for number in found:
            name = subprocess.run(["xdotool", "getwindowname", number], capture_output=True, text=True, check=False)
            if name.returncode == 0:
                named.append((number, name.stdout.strip()))
        return named

    def window(self, title):
        """The window with a title that matches, or None."""
        return next((number for number, name in self.windows() if re.search(title, name)), None)

    def type(self, window, text=None, keys=()):
        run("xdotool", "windowactivate", "--sync", window)
        if text:
            run("xdotool", "type", "--file", "-", input=text)
        if keys:
            run("xdotool", "key", *keys)

    def picture(self, name):
        """Kept beside the results."""
        run("import", "-window", "root", f"{os.environ['FNCARD_RESULTS']}-{name}.png")


class Browser:
    """Firefox or Chromium with a profile of its own that has the module and trusts the server."""

    def __init__(self, name, folder, screen, servers):
        self.name, self.folder, self.screen, self.servers = name, folder, screen, servers
        self.home = folder / "home"
        self.pin_window = "Password Required" if name == "firefox" else "Unlock Security Device"
        if name == "firefox":
            profile = folder / "profile"
            self.add_module(profile)
            (profile / "user.js").write_text("".join(f"user_pref({key}, {value});\n" for key, value in FIREFOX.items()), encoding="ascii")
            self.command = ["firefox-esr", "--no-remote", "--profile", str(profile)]
        else:
            self.add_module(self.home / ".local/share/pki/nssdb")
            self.command = ["chromium", f"--user-data-dir={folder}/chromium", *CHROMIUM]
            if os.getuid() == 0:  # its sandbox is not for root
                self.command.append("--no-sandbox")
        self.process = None

    def add_module(self, database):
        database.mkdir(parents=True)
        place = ("-d", f"sql:{database}")
        run("certutil", *place, "-N", "--empty-password")
        run("modutil", "-force", "-dbdir", place[1], "-add", "fncard", "-libfile", os.environ["FNCARD_MODULE"], "-mechanisms", "FRIENDLY")
        for number, server in enumerate(self.servers):
            run("certutil", *place, "-A", "-n", f"server {number}", "-t", "C,,", "-i", str(server.certificate))
        for file in AUTHORITIES:
            run("certutil", *place, "-A", "-n", file.stem, "-t", "CT,C,", "-i", str(file))

    def start(self, path):
        environment = dict(os.environ, HOME=str(self.home), XDG_CONFIG_HOME=str(self.home / ".config"), XDG_CACHE_HOME=str(self.home / ".cache"))
        self.home.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "browser.log", "ab") as log:
            self.process = subprocess.Popen([*self.command, self.servers[0].address(path)], env=environment, stdout=log, stderr=log,
                                            start_new_session=True)

    def main_window(self):
        return self.screen.window(r"(Firefox|Chromium)$" if self.name == "chromium" else r"(^|— )Mozilla Firefox$")

    def configure(self, text):
        """The configuration of the module for this person."""
        folder = self.home / ".config/fncard"
        folder.mkdir(parents=True)
        (folder / "fncard.toml").write_text(text, encoding="ascii")

    def go(self, server, path):
        """A person types an address, again when the browser was slow to listen and lost some of it."""
        before = server.connections

        def typed():
            self.screen.type(until("the browser's window", self.main_window), keys=["ctrl+l"])
            self.screen.type(self.main_window(), server.address(path), keys=["Return"])
            end = time.monotonic() + 5
            while time.monotonic() < end and server.connections == before:
                time.sleep(0.1)
            return server.connections > before

        until(f"a connection for {path}", typed)

    def sees_the_card(self):
        """Until the reader service has seen a card that was put in, and NSS asks about it again: it believes for a second what it saw
        last (NSSSLOT_TOKEN_DELAY_TIME in its dev/devslot.c), and a page within that second is fetched without the card."""
        until("the card in the reader", lambda: subprocess.run(["fncard", "status"], capture_output=True, check=False).returncode == 0)
        time.sleep(2)

    def pin_question(self):
        """The window that asks for the PIN, or None."""
        return self.screen.window(self.pin_window)

    def answer(self, window):
        """The PIN, typed into a window that then closes."""
        self.screen.type(window, PIN, keys=["Return"])
        until("the end of the PIN window", lambda: window not in [number for number, _ in self.screen.windows()])

    def title(self):
        return next((name for number, name in self.screen.windows() if number == self.main_window()), "")

    def answer_until(self, what, condition):
        """Types the PIN into each window that asks for it, and says OK to Chromium's choice of certificate, which has no window of its
        own, until condition holds. How many PINs that were."""
        prompts = 0
        chosen = time.monotonic()

        def step():
            nonlocal prompts, chosen
            if condition():
                return True
            if window := self.pin_question():
                if prompts == 0:
                    self.screen.picture("pin")
                self.answer(window)
                prompts += 1
                assert prompts < 8, "asked again and again"
            elif self.name == "chromium" and time.monotonic() - chosen > 1 and (main := self.main_window()):
                chosen = time.monotonic()
                self.screen.type(main, keys=["Return"])
            return False

        try:
            until(what, step)
        except (AssertionError, subprocess.CalledProcessError):
            self.screen.picture("failed")
            raise
        return prompts

    def close(self):
        """Closed as a person does it; it must end by itself."""
        if self.name == "firefox":
            self.screen.type(self.main_window(), keys=["ctrl+q"])
        else:
            self.screen.type(self.main_window(), keys=["ctrl+shift+w"])
        self.process.wait(PATIENCE)

    def kill(self):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


# No first-run pages, no looking for the network, and the only certificate there is without a question
FIREFOX = {
    '"security.default_personal_cert"': '"Select Automatically"',
    '"browser.shell.checkDefaultBrowser"': "false",
    '"browser.aboutwelcome.enabled"': "false",
    '"browser.startup.homepage_override.mstone"': '"ignore"',
    '"browser.warnOnQuitShortcut"': "false",
    '"browser.sessionstore.resume_from_crash"': "false",
    '"datareporting.policy.dataSubmissionEnabled"': "false",
    '"termsofuse.bypassNotification"': "true",
    '"toolkit.startup.max_resumed_crashes"': "-1",
    '"network.captive-portal-service.enabled"': "false",
    '"network.connectivity-service.enabled"': "false",
    '"network.proxy.type"': "0",
    '"app.normandy.enabled"': "false",
}
CHROMIUM = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--password-store=basic", "--no-proxy-server"]


def result(client, operation, prompts, before):
    """A line for the table of docs/clients.md: PROMPTS PINs were typed, and the APDUs since `before`."""
    record(client, operation, prompts, apdus() - before)


def cannot(client, operation):
    record(client, operation, "-", "no")


def record(client, operation, prompts, cost):
    line = f"{client}|{operation}|{os.environ['FNCARD_KEY']}|{prompts}|{cost}"
    print(line, flush=True)
    with open(os.environ["FNCARD_RESULTS"], "a", encoding="utf-8") as file:
        file.write(line + "\n")
