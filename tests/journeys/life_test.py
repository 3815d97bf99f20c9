# SPDX-License-Identifier: Apache-2.0
"""One card from window to signature, and what may be seen of its secrets on the way: nothing."""

import base64
import pathlib
import subprocess
import sqlite3
import threading

import world
from world import BIN, run, run_at_terminal


class ProcessWatcher:
    """Collects command lines and environments of every process of this PC while it runs."""

    def __init__(self):
        self.seen = set()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def watch(self):
        while not self.ended.wait(0.001):
            for process in pathlib.Path("/proc").glob("[0-9]*"):
                for part in ("cmdline", "environ"):
                    try:
                        self.seen.add((process / part).read_bytes())
                    except OSError:
                        pass  # ended, or of another user


class Life(world.JourneyTest):
    def test_registered_paid_made_activated_signed_and_no_secret_left_behind(self):
        world_ = self.world
        permit = world_.new_permit()
        with ProcessWatcher() as watcher:
            world_.insert_blank_card("life")
            registered = world_.mailed(permit)
            self.fails(world_.activate(registered, permit, user_code="ZZZZZZZZ"), "activation.refused")
            activated = world_.activate(registered, permit)
            self.assertEqual(activated.returncode, 0, activated.stdout + activated.stderr)
            signature = self.sign(b"a letter")
        self.assertTrue(signature)

        secrets = registered["secrets"] | {
            "PIN": world.World.PIN, "user code": registered["userCode"], "HSM PIN": world_.hsm_pin()}
        self.assertEqual(len(secrets), 6)
        places = {"process": b"\0".join(watcher.seen), "program output": (activated.stdout + activated.stderr).encode()}
        for log in world_.folder.glob("*.log"):
            places[log.name] = log.read_bytes()
        places["APDU log"] = pathlib.Path(world.os.environ["FNCARD_APDU_LOG"]).read_bytes()
        for file in (world_.folder / "station").rglob("*"):
            if file.is_file():
                places["station " + file.name] = file.read_bytes()
        for name, content in self.database_columns():
            places["database " + name] = content
        self.assertTrue(any(b"fncard-server" in seen for seen in watcher.seen), "the watcher saw our programs")
        self.assertIn(registered["orderId"].encode(), b"".join(c for n, c in places.items() if n.startswith("database")))
        for secret, value in secrets.items():
            for form in self.forms(value):
                for place, content in places.items():
                    with self.subTest(secret=secret, place=place):
                        self.assertNotIn(form, content)

    @staticmethod
    def forms(value):
        """A secret as it is, in hexadecimal and in base64."""
        raw = value if isinstance(value, bytes) else value.encode()
        texts = [raw.hex().encode(), raw.hex().upper().encode(), base64.b64encode(raw)]
        return texts + ([raw] if len(raw) >= 6 else [])

    def database_columns(self):
        """Every value of every column, from every database file of the server, with what is still in its journal."""
        for file in self.world.authority.rglob("*"):
            if file.is_file() and file.read_bytes()[:15] == b"SQLite format 3" and "token" not in str(file):
                with sqlite3.connect(file) as database:
                    tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
                    for table in tables:
                        for row in database.execute(f'SELECT * FROM "{table}"'):
                            yield table, b"\0".join(v if isinstance(v, bytes) else str(v).encode() for v in row)

    def sign(self, data):
        message = self.world.folder / "message"
        message.write_bytes(data)
        signature = self.world.folder / "message.sig"
        run_at_terminal("pkcs11-tool", "--module", BIN.parent / "lib" / "fncard-pkcs11.so", "--login", "--sign", "-m", "ECDSA-SHA256",
            "--signature-format", "openssl", "--id", "02", "-i", message, "-o", signature,
            typed=[world.World.PIN, world.World.PIN], environment=world.with_our_module())
        self.world.certificate_status()  # leaves certificate.pem
        public = self.world.folder / "public.pem"
        public.write_bytes(subprocess.run(["openssl", "x509", "-in", self.world.folder / "certificate.pem", "-noout", "-pubkey"],
                                          capture_output=True, check=True).stdout)
        verified = run("openssl", "dgst", "-sha256", "-verify", public, "-signature", signature, message)
        return "Verified OK" in verified.stdout


if __name__ == "__main__":
    world.main()
