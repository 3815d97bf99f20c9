# SPDX-License-Identifier: Apache-2.0
"""docs/database.md as it is written: a backup while orders arrive, restored to another place, on both databases."""

import os
import shutil
import subprocess
import threading
import unittest

import deployment
import world

BEFORE = 5  # orders that are in the backup in any case


class Backup:
    def setUp(self):
        self.world = deployment.Deployment()
        self.addCleanup(self.world.close)

    def run_tool(self, *arguments):
        subprocess.run([str(word) for word in arguments], check=True, stdin=subprocess.DEVNULL, capture_output=True)

    def copy_directory(self, source, target):
        """All but the database: configuration, certificates, the HSM's folder and its PIN."""
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("server.db*"))

    def keep_applying(self):
        while not self.enough.is_set():
            self.applied.append(self.world.apply())
            if len(self.applied) >= BEFORE:
                self.started.set()

    def test_a_backup_taken_while_orders_arrive_is_restored_elsewhere_and_orders_go_on(self):
        paid = self.world.apply()
        self.world.pay_for(paid)
        self.applied, self.enough, self.started = [], threading.Event(), threading.Event()
        applying = threading.Thread(target=self.keep_applying)
        applying.start()
        try:
            self.assertTrue(self.started.wait(world.WAIT_LIMIT))
            answered = list(self.applied)
            backup = self.world.folder / "backup"
            self.copy_directory(self.world.authority, backup)
            self.back_up_database(backup)
            self.assertTrue(world.wait_for("orders after the backup", lambda: len(self.applied) > len(answered)))
        finally:
            self.enough.set()
            applying.join()
        self.world.programs["server"].kill()
        shutil.rmtree(self.world.authority)  # as after a fire

        restored = self.world.folder / "another place"
        self.copy_directory(backup, restored)
        self.restore_database(backup, restored)
        self.world.authority, self.world.trust = restored, restored / "operators-ca.pem"
        self.assertIn("lastHash", self.world.check(self.world.server("audit", "verify")).stdout)
        states = {order["orderId"]: order["state"] for order in self.world.orders()}
        for order in answered:
            self.assertEqual(states.get(order["orderId"]), "applied")
        self.assertEqual(states[paid["orderId"]], "paid")

        # the same authority, the same keys, the same codes
        self.world.start_server()
        self.world.pay_for(answered[0])
        for _ in range(2):
            self.assertIsNotNone(self.world.make_a_card())
        self.assertEqual({self.world.state_of(order) for order in (paid, answered[0])}, {"mailed"})
        self.assertEqual(self.world.state_of(self.world.apply()), "applied")
        self.world.check(self.world.server("audit", "verify"))


class SqliteBackup(Backup, unittest.TestCase):
    def setUp(self):
        os.environ.pop("FNCARD_TEST_STORE", None)
        super().setUp()

    def back_up_database(self, backup):
        self.run_tool("sqlite3", self.world.authority / "server.db", f".backup '{backup / 'server.db'}'")

    def restore_database(self, backup, restored):
        shutil.copy(backup / "server.db", restored / "server.db")


class PostgresqlBackup(Backup, unittest.TestCase):
    def setUp(self):
        os.environ["FNCARD_TEST_STORE"] = "postgresql"
        super().setUp()

    def back_up_database(self, backup):
        postgres = self.world.postgres
        self.run_tool(postgres.bin / "pg_dump", "--format=custom", "--file", backup / "fncard.dump", postgres.uri("fncard"))

    def restore_database(self, backup, restored):
        postgres = self.world.postgres
        address = postgres.create("restored")
        self.run_tool(postgres.bin / "pg_restore", "--exit-on-error", "--single-transaction", "--dbname", address,
                      backup / "fncard.dump")
        self.world.change_configuration(restored, {"location": f"'{address}'"})


if __name__ == "__main__":
    deployment.main()
