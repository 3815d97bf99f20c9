# SPDX-License-Identifier: Apache-2.0
"""Three nodes on one PostgreSQL, killed at random while orders go from the window to the post: none is lost, none is
paid or made twice, and what each node recorded holds. FNCARD_CLUSTER_ORDERS says how many orders (README.md)."""

import collections
import concurrent.futures
import os
import random
import threading
import unittest

import deployment
import world

ORDERS = int(os.environ.get("FNCARD_CLUSTER_ORDERS", "40"))
SEED = int(os.environ.get("FNCARD_CLUSTER_SEED", random.SystemRandom().randrange(1 << 32)))
WINDOWS, STATIONS = 4, 3


class ClusterTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = deployment.Cluster()
        cls.addClassCleanup(cls.cluster.close)

    def place(self):
        order = self.cluster.apply()
        self.cluster.pay_for(order, mode=self.random.choice(("normal", "normal", "twice")))
        world.wait_for("the order to be paid", lambda: self.cluster.state_of(order) != "applied")
        return order["orderId"]

    def make_cards(self):
        while len(self.made) < ORDERS and not self.failed.is_set():
            job = self.cluster.make_a_card()
            if job is not None:
                self.made.append(job)
            else:
                self.failed.wait(0.1)

    def all_at_once(self):
        """Windows and stations at work until every card is mailed; the first fault of one ends them all."""
        with concurrent.futures.ThreadPoolExecutor(WINDOWS + STATIONS) as pool:
            stations = [pool.submit(self.make_cards) for _ in range(STATIONS)]
            orders = [pool.submit(self.place) for _ in range(ORDERS)]
            try:
                for done in concurrent.futures.as_completed(stations + orders):
                    done.result()
            except BaseException:
                self.failed.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            return [order.result() for order in orders]

    def test_orders_outlive_nodes_that_are_killed(self):
        print(f"{ORDERS} orders, FNCARD_CLUSTER_SEED={SEED}", flush=True)
        self.random = random.Random(SEED)
        self.failed, self.made = threading.Event(), []
        killer = deployment.Killer(self.cluster, SEED)
        killer.start()
        try:
            orders = self.all_at_once()
        finally:
            killer.end()
        print(f"{killer.kills} times a node was killed", flush=True)
        self.assertGreater(killer.kills, 0)
        self.everything_happened_once(orders)

    def everything_happened_once(self, orders):
        sql = lambda query: self.cluster.postgres.sql(query, "fncard").splitlines()  # noqa: E731
        self.assertEqual({order["orderId"]: order["state"] for order in self.cluster.orders()},
                         {order: "mailed" for order in orders})
        self.assertEqual(len({job["jobId"] for job in self.made}), ORDERS, "a job was given to two stations")
        self.assertEqual(len({job["cardNumber"] for job in self.made}), ORDERS)
        self.assertEqual(sql("SELECT count(*), count(DISTINCT order_id) FROM jobs"), [f"{ORDERS}|{ORDERS}"])
        self.assertEqual(sql("SELECT count(*), count(DISTINCT merchant_trade_no) FROM trades WHERE refund_reason = ''"),
                         [f"{ORDERS}|{ORDERS}"])
        self.assertEqual(sql("SELECT count(*) FROM trades WHERE refund_reason <> ''"), ["0"])
        self.assertEqual(sql("SELECT count(*) FROM certificates WHERE replaced = 0"), [str(3 * ORDERS)])
        self.assertEqual(sql("SELECT DISTINCT way FROM (SELECT string_agg(to_state, ' ' ORDER BY sequence) AS way"
                             " FROM order_events GROUP BY order_id) AS ways"),
                         ["applied paid in-production checked mailed"])
        entries = collections.Counter(sql("SELECT action FROM audit"))
        for action in ("order.applied", "order.paid", "order.in-production", "order.checked", "order.mailed"):
            self.assertEqual(entries[action], ORDERS, action)
        verified = self.cluster.check(self.cluster.server("audit", "verify")).stdout
        for node in range(deployment.Cluster.NODES):
            self.assertIn(f"node=node-{node}", verified)


if __name__ == "__main__":
    deployment.main()
