# SPDX-License-Identifier: Apache-2.0
"""Everything that happens to the two cards of a soak while others work with them."""
import collections
import os
import random
import socket
import subprocess
import threading
import time

# After this time without progress the next disturbance comes all the same.
PATIENCE_SECONDS = 2
MEAN_SIGNATURES = 12


class Card:
    def __init__(self, suffix):
        self.control_path = os.environ["FNCARD_SIM_CONTROL" + suffix]
        self.reader = os.environ["FNCARD_READER" + suffix]
        self.file = os.environ["FNCARD_CARD_FILE" + suffix]

    def control(self, command):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(self.control_path)
            link.sendall(command.encode() + b"\n")
            return link.makefile().readline().strip()

    def inserted(self):
        return "inserted=yes" in self.control("status")

    def wait_until_absent(self):
        """pcscd looks at the reader a few times a second; a real reader tells that its card lost power, this one would let a card
        that is back before the next look go on unnoticed."""
        subprocess.run(["fncard-sim", "wait", "--reader", self.reader, "--absent", "--timeout", "5"], check=False)

    def run_opensc_tool(self, *arguments):
        """Another program; that the card may be gone is its trouble."""
        subprocess.run(["opensc-tool", "--reader", self.reader, *arguments], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


class Disturber(threading.Thread):
    def __init__(self, seed, progress):
        super().__init__(daemon=True)
        self.random = random.Random(seed)
        self.progress = progress
        self.cards = [Card(""), Card("_2")]
        self.ended = threading.Event()
        self.done = collections.Counter()

    def run(self):
        actions = [self.pull, self.pull, self.pull_in_apdu, self.pull_in_apdu, self.pull_in_apdu, self.swap, self.lose_session,
                   self.reset_by_program, self.select_by_program]
        while not self.ended.is_set():
            self.wait_for_progress(self.random.randint(1, 2 * MEAN_SIGNATURES))
            if self.ended.is_set():
                return
            action = self.random.choice(actions)
            action(self.random.choice(self.cards))
            self.done[action.__name__] += 1

    def stop(self):
        self.ended.set()
        self.join()

    def wait_for_progress(self, signatures):
        until, wanted = time.monotonic() + PATIENCE_SECONDS, self.progress() + signatures
        while self.progress() < wanted and time.monotonic() < until and not self.ended.wait(0.005):
            pass

    def put_back(self, card):
        # as soon as the service has noticed, or after the applications have too and wait
        card.wait_until_absent()
        self.ended.wait(self.random.choice([0, 0, 0.05, 0.3]))
        card.control("insert")

    def pull(self, card):
        card.control("remove")
        self.put_back(card)

    def pull_in_apdu(self, card):
        when = self.random.choice(["before", "after"])
        card.control(f"fault {when} {self.random.randint(1, 9)} remove")
        until = time.monotonic() + PATIENCE_SECONDS
        while card.inserted() and time.monotonic() < until:
            time.sleep(0.005)
        if card.inserted():  # nobody sent so many: the plain way
            card.control("faults clear")
            card.control("remove")
        self.put_back(card)

    def swap(self, _):
        """Each card in the other's reader."""
        for card in self.cards:
            card.control("remove")
        for card in self.cards:
            card.wait_until_absent()
        first, second = self.cards
        first.file, second.file = second.file, first.file
        for card in self.cards:
            card.control("insert " + card.file)

    def lose_session(self, card):
        card.control("reset")

    def reset_by_program(self, card):
        card.run_opensc_tool("--reset")

    def select_by_program(self, card):
        card.run_opensc_tool("--card-driver", "default", "--send-apdu", "00A4040007A0000002471001")
