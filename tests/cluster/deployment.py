# SPDX-License-Identifier: Apache-2.0
"""Deployments without a card in a reader, for the tests of this folder: stations with keys in software, and three nodes
behind nginx on one PostgreSQL. Everything listens on 127.0.0.1 or on private sockets."""

import base64
import hashlib
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import sys
import threading
import time
import unittest

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "journeys"))
import world  # noqa: E402  (after the path to it)

KEYS = ("signature", "keyManagement", "cardAuthentication")
AGAIN = (429, 502, 503, 504)  # nothing happened, or nobody knows: the same call once more
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
STREAM_MODULE = pathlib.Path("/usr/lib/nginx/modules/ngx_stream_module.so")


def new_key():
    return "key-" + os.urandom(12).hex()


def until_answered(ask):
    """What a client does that must not lose its call: the same again until somebody answers."""
    end = time.monotonic() + world.WAIT_LIMIT
    while True:
        try:
            answer = ask()
            if answer.status not in AGAIN:
                return answer
            fault = f"{answer.status} {answer.body}"
        except (OSError, http.client.HTTPException) as error:
            fault = repr(error)
        if time.monotonic() > end:
            raise AssertionError(f"no answer for {world.WAIT_LIMIT} s: {fault}")
        time.sleep(0.05)


def expect(answer, *statuses):
    if answer.status not in statuses:
        raise AssertionError(f"{answer.status} {answer.body}")
    return answer.json


class SoftwareCard:
    """The three keys of a card. P-256, which is made at once."""

    def __init__(self, job):
        self.body = {"keys": {}}
        for name in KEYS:
            key = ec.generate_private_key(ec.SECP256R1())
            public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
            proof = key.sign(b"fncard key proof 1" + job.encode() + public, ec.ECDSA(hashes.SHA256()))
            self.body["keys"][name] = {"publicKey": base64.b64encode(public).decode(), "proof": base64.b64encode(proof).decode()}


class Deployment(world.World):
    """A server, an officer, a station, the sandbox."""

    def __init__(self):
        self.permit_lock = threading.Lock()
        self.answered, self.answer = 0, threading.Condition()
        super().__init__("p256")

    def start_server(self):
        self.make_light(self.authority)
        super().start_server()

    def make_light(self, directory):
        """User codes cost little, and our one address may ask as much as a whole country does."""
        self.change_configuration(directory, {"operations": "1", "memory-bytes": "8192", "connections-per-address": "0",
                                              "secrets-per-minute": "0", "writes-per-minute": "0"})

    @staticmethod
    def change_configuration(directory, values):
        file = directory / "fncard-server.toml"
        text = file.read_text()
        for name, value in values.items():
            text, count = re.subn(f"(?m)^{name} = .*$", lambda _, line=f"{name} = {value}": line, text)
            if count != 1:
                raise AssertionError(f"{name}: {count} times in {file}")
        file.write_text(text)

    def new_permit(self, birth_date="1990-05-17", **changes):
        with self.permit_lock:
            return super().new_permit(birth_date, **changes)

    def ask(self, path, body=None, who=None, token=None):
        answer = until_answered(lambda: self.api(path, body, who, token))
        with self.answer:
            self.answered += 1
            self.answer.notify_all()
        return answer

    # --- an order, whatever is killed meanwhile

    def apply(self):
        permit = self.new_permit()
        applied = expect(self.ask("/registrations", self.registration(permit), self.officer), 200, 201)
        code = applied.get("userCode")
        while code is None:  # it is told once, and that answer was lost: the officer gives out a new one
            body = {"idempotencyKey": new_key(), "identified": True}
            code = expect(self.ask(f"/registrations/{applied['orderId']}/user-code", body, self.officer), 200)["userCode"]
        return {"orderId": applied["orderId"], "permit": permit, "userCode": code}

    def pay_for(self, order, mode="normal"):
        body = {"permitNumber": order["permit"], "userCode": order["userCode"]}
        token = expect(self.ask("/session", body), 200)["token"]
        body = {"idempotencyKey": new_key(), "deliveryAddress": "1 Example Road, Taipei", "invoice": {"kind": "paper"}}
        form = expect(self.ask("/order/payment", body, token=token), 200)
        trade = form["fields"]["MerchantTradeNo"]
        world.call(form["gatewayUrl"], list(form["fields"].items()))
        told = self.gateway_pays(trade, mode).json
        while told["answer"] != "1|OK":  # as the gateway does: it comes again
            time.sleep(0.05)
            told = world.call(self.gateway + "/sandbox/notify", {"merchantTradeNo": trade}).json

    def state_of(self, order):
        return expect(self.ask(f"/registrations/{order['orderId']}", who=self.officer), 200)["state"]

    def make_a_card(self):
        """Claims a job and takes it to "mailed"; the job, or None when there is none."""
        key = new_key()
        answer = self.ask("/production/jobs/claim", {"idempotencyKey": key}, self.station)
        if answer.status == 204:
            return None
        job = expect(answer, 200)
        path = f"/production/jobs/{job['jobId']}"
        certificates = expect(self.ask(path + "/certificates", SoftwareCard(job["jobId"]).body, self.station), 200)
        digest = {name: base64.b64encode(hashlib.sha256(base64.b64decode(certificates[name])).digest()).decode() for name in KEYS}
        expect(self.ask(path + "/checked", {"readBack": digest}, self.station), 200)
        expect(self.ask(path + "/mailed", {"mailNumber": "01234567890123456789"}, self.station), 200)
        return job

    def orders(self):
        return json.loads(self.check(self.server("orders", "--json")).stdout)


class Cluster(Deployment):
    """Nodes on one database, each with a copy of the authority's folder, behind a load balancer that passes TLS through."""

    NODES = 3

    def __init__(self):
        os.environ["FNCARD_TEST_STORE"] = "postgresql"
        self.nodes = []
        super().__init__()
        for number in range(self.NODES):
            directory = self.folder / f"node-{number}"
            shutil.copytree(self.authority, directory)
            self.change_configuration(directory, {"node": f"'node-{number}'"})
            self.nodes.append({"directory": directory, "ports": (world.free_port(), world.free_port())})
        for number in range(self.NODES):
            self.start_node(number)
        self.start_balancer()
        for number in range(self.NODES):
            self.wait_for_node(number)

    def start_server(self):
        """None with the folder that the nodes are copies of."""
        self.make_light(self.authority)

    def start_node(self, number):
        node = self.nodes[number]
        plain, tls = node["ports"]
        name = f"node-{number}"
        self.programs[name] = world.Program(
            self.log(name), world.BIN / "fncard-server", "serve", "--directory", node["directory"], "--port", plain,
            "--tls-port", tls, "--registry", self.registry, "--gateway", self.gateway, "--clock-file", self.clock)

    def is_node_healthy(self, number):
        if self.programs[f"node-{number}"].process.poll() is not None:
            raise AssertionError(f"node {number} ended: " + self.log(f"node-{number}").read_text()[-2000:])
        try:
            return world.call(f"http://127.0.0.1:{self.nodes[number]['ports'][0]}/health").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait_for_node(self, number):
        world.wait_for(f"node {number}", lambda: self.is_node_healthy(number))

    def start_balancer(self):
        def upstream(port):
            servers = "".join(f" server 127.0.0.1:{node['ports'][port]} max_fails=1 fail_timeout=1s;" for node in self.nodes)
            return f"upstream nodes {{{servers} }}"

        folder = self.folder / "nginx"
        folder.mkdir()
        paths = "".join(f" {name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;" if os.getuid() == 0 else ""
        (folder / "nginx.conf").write_text(f"""
load_module {STREAM_MODULE};
{user}
pid {folder}/pid;
daemon off;
worker_processes 1;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{ access_log off;{paths} {upstream(0)}
  server {{ listen 127.0.0.1:{self.http_port}; location / {{ proxy_pass http://nodes; proxy_connect_timeout 2s; }} }} }}
stream {{ {upstream(1)}
  server {{ listen 127.0.0.1:{self.tls_port}; proxy_pass nodes; proxy_connect_timeout 2s; proxy_timeout 60s; }} }}
""")
        self.programs["balancer"] = world.Program(self.log("balancer"), NGINX, "-c", folder / "nginx.conf", "-e",
                                                  folder / "error.log", "-p", folder)
        world.wait_for("the load balancer", lambda: (folder / "pid").exists())


class Killer(threading.Thread):
    """Kills a node at random by kill -9 and starts it again, every few calls that were answered, until it is told to end."""

    MOST_CALLS = 16

    def __init__(self, cluster, seed):
        super().__init__(name="killer")
        self.cluster, self.random = cluster, random.Random(seed)
        self.over, self.kills, self.fault = False, 0, None

    def run(self):
        try:
            while self.calls_were_answered(self.random.randrange(1, self.MOST_CALLS)):
                number = self.random.randrange(Cluster.NODES)
                self.cluster.programs[f"node-{number}"].kill()
                self.kills += 1
                self.cluster.start_node(number)
                if self.random.random() < 0.7:  # else the next one may die before this one is back
                    self.cluster.wait_for_node(number)
        except BaseException as fault:  # for the thread that waits
            self.fault = fault

    def calls_were_answered(self, count):
        """False: it is over."""
        with self.cluster.answer:
            enough = self.cluster.answered + count
            self.cluster.answer.wait_for(lambda: self.over or self.cluster.answered >= enough)
        return not self.over

    def end(self):
        with self.cluster.answer:
            self.over = True
            self.cluster.answer.notify_all()
        self.join()
        if self.fault is not None:
            raise self.fault


def main():
    """Exit code 77 where the machine lacks what a test needs."""
    if not world.BIN.is_dir():
        raise SystemExit("run this by CTest: it needs FNCARD_BIN")
    missing = [name for name, there in (("postgresql", world.postgres.programs()), ("nginx-light", pathlib.Path(NGINX).exists()),
                                        ("libnginx-mod-stream", STREAM_MODULE.exists())) if not there]
    if missing:
        print("skipped: packages are missing:", *missing)
        sys.exit(77)
    unittest.main(verbosity=2)
