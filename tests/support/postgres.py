#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL of a test's own: a private socket in a temporary folder, no TCP, gone with the test.

As a program: prints the socket's folder and stays until its standard input ends; --durable waits for the disk at each
commit. Exit code 77: this machine has no PostgreSQL. As root the database runs as an unprivileged user."""

import atexit
import ctypes
import glob
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

USER = "fncard"  # of the database; who may reach the socket may be it
START_LIMIT = 60  # seconds until a start that hangs is given up


def programs():
    """The folder of initdb and postgres, or None."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    path = found[-1] if found else shutil.which("initdb")
    return pathlib.Path(path).parent if path else None


def account():
    """Whom the database runs as: us, or somebody else than root."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        except KeyError:
            continue
    raise RuntimeError("neither postgres nor nobody is a user of this machine")


LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1


def end_with_parent():
    """In the child, after it has become somebody else: whatever kills the test, the database shuts down."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


class Postgres:
    def __init__(self, durable=False):
        self.bin = programs()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fncard-pg-"))
        self.account = account()
        self.process = None
        self.durable = durable
        atexit.register(self.stop)
        if self.account:
            os.chown(self.folder, self.account["user"], self.account["group"])
        self.data = self.folder / "data"
        self.run("initdb", "--pgdata", self.data, "--username", USER, "--auth", "trust", "--encoding", "UTF8",
                 "--locale", "C", "--no-sync")
        self.start()

    def run(self, program, *arguments):
        done = subprocess.run([str(self.bin / program), *map(str, arguments)], stdin=subprocess.DEVNULL, cwd=self.folder,
                              capture_output=True, text=True, check=False, **self.account)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self):
        settings = {"listen_addresses": "", "unix_socket_directories": self.folder, "fsync": "on" if self.durable else "off",
                    "full_page_writes": "on" if self.durable else "off", "shared_buffers": "16MB", "max_connections": 60,
                    "log_min_messages": "fatal"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([str(self.bin / "postgres"), "-D", str(self.data), *options], cwd=self.folder,
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                            preexec_fn=end_with_parent, **self.account)
        end = time.monotonic() + START_LIMIT
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder], check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("postgres does not start: " + (self.folder / "log").read_text())
            time.sleep(0.05)

    def end(self, sign=signal.SIGINT):
        """SIGINT: connections are cut and it ends in order; SIGQUIT: it is simply gone, as after a crash."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(sign)
            self.process.wait()

    def stop(self):
        atexit.unregister(self.stop)
        self.end()
        shutil.rmtree(self.folder)

    def sql(self, statement, database="postgres"):
        """What psql prints for it."""
        done = subprocess.run([self.bin / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", USER,
                               "-d", database, "-c", statement], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def create(self, database):
        """The address of a new, empty database."""
        self.sql(f"CREATE DATABASE {database} TEMPLATE template0")
        return self.uri(database)

    def uri(self, database):
        return f"postgresql:///{database}?host={self.folder}&user={USER}"


def main():
    if programs() is None:
        sys.exit(77)
    # whoever started us may be killed by a signal that the terminal sends to all: the folder goes in any case
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    server = Postgres(durable="--durable" in sys.argv[1:])
    try:
        print(server.folder, flush=True)
        sys.stdin.buffer.read()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
