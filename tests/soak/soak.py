# SPDX-License-Identifier: Apache-2.0
"""The supervisor of the soak, run by scripts/soak and CTest under scripts/with-card --readers 2: starts the workers, disturbs
the cards, kills one worker in the middle of a transaction, and judges what the workers and the cards' logs say."""
import argparse
import collections
import json
import os
import random
import re
import subprocess
import sys
import threading
import time

from disturber import Disturber

STUCK_SECONDS = 90
# What the memory of a process may still grow after its first half: the heap settles, a leak of one kilobyte a pull does not fit.
MEMORY_SLACK_KIB = 768
# The first wait for a card opens connections of its own; a leak of one a pull does not fit.
DESCRIPTOR_SLACK = 3


class Worker:
    """One worker process; told what it says by its own thread."""

    def __init__(self, number, options, signatures, die_at=0):
        self.number = number
        self.cards = [["1"], ["2"], ["1", "2"]][number % 3]
        self.attempted = self.verified = self.wrong = 0
        self.errors = collections.Counter()
        self.samples = []
        self.done = False
        self.last = time.monotonic()
        command = [os.path.join(os.path.dirname(os.environ["FNCARD_MODULE"]), "../bin/fncard-soak-worker"),
                   "--signatures", str(signatures), "--seconds", str(options.seconds_left()), "--card", *self.cards]
        if number % 2:
            command.append("--wait")
        environment = dict(os.environ, FNCARD_SOAK_DIE_AT=str(die_at))
        # all standard input is closed, so that a worker never takes the terminal
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment)
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.last = time.monotonic()
            words = line.split()
            if words[0] == "attempt":
                self.attempted += 1
            elif words[0] == "verified":
                self.verified += 1
            elif words[0] == "error":
                self.errors[" ".join(words[2:])] += 1
            elif words[0] == "wrong":
                self.wrong += 1
            elif words[0] == "sample":
                self.samples.append((int(words[1]), int(words[2])))
            elif words[0] == "done":
                self.done = True

    def finished(self):
        return self.process.poll() is not None and not self.reader.is_alive()

    def unaccounted(self):
        return self.attempted - self.verified - sum(self.errors.values())


class Soak:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.problems = []
        self.killed = []
        victim = self.random.randrange(options.processes)
        die_at = self.random.randrange(30, 90)
        self.workers = [Worker(number, options, options.signatures, die_at if number == victim else 0)
                        for number in range(options.processes)]
        self.disturber = Disturber(self.random.random(), self.total)

    def all_workers(self):
        return self.workers + [worker for worker, _ in self.killed]

    def total(self):
        return sum(worker.verified for worker in self.all_workers())

    def run(self):
        self.disturber.start()
        while not all(worker.finished() for worker in self.workers):
            time.sleep(0.05)
            self.replace_killed()
            now = time.monotonic()
            stuck = [w.number for w in self.workers if not w.finished() and now - w.last > STUCK_SECONDS]
            if stuck:
                self.problems.append(f"no step in {STUCK_SECONDS} s from workers {stuck}")
                break
        self.disturber.stop()
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.process.kill()
            worker.process.wait()
            worker.reader.join()

    def replace_killed(self):
        for index, worker in enumerate(self.workers):
            if worker.finished() and worker.process.returncode == -9 and not self.killed:
                self.killed.append((worker, {other: other.verified for other in self.workers if other is not worker}))
                left = max(1, self.options.signatures - worker.verified)
                self.workers[index] = Worker(worker.number, self.options, left)

    def judge(self):
        problems = self.problems
        for worker in self.workers:
            if not worker.done:
                problems.append(f"worker {worker.number} ended with {worker.process.returncode}: {dict(worker.errors)}")
            if worker.unaccounted() != 0:
                problems.append(f"worker {worker.number}: {worker.unaccounted()} attempts without an outcome")
            self.judge_flat(worker)
        if any(worker.wrong for worker in self.all_workers()):
            problems.append("a signature is not of the card that was meant")
        self.judge_kill()
        for log in (os.environ["FNCARD_APDU_LOG"], os.environ["FNCARD_APDU_LOG_2"]):
            with open(log, encoding="ascii") as lines:
                for line in lines:
                    answer = line.partition("<")[2].strip()
                    if re.fullmatch("63C.|6983", answer):
                        problems.append(f"a PIN try was spent: {line.strip()}")
        for card in (os.environ["FNCARD_CARD_FILE"], os.environ["FNCARD_CARD_FILE_2"]):
            with open(card, encoding="utf-8") as file:
                pin = json.load(file)["pin"]
            if pin["triesLeft"] != pin["triesLimit"]:
                problems.append(f"the PIN counter of {card} is at {pin['triesLeft']}")

    def judge_kill(self):
        if not self.killed:
            self.problems.append("no worker was killed")
            return
        dead, others = self.killed[0]
        if dead.unaccounted() > 1:
            self.problems.append(f"the killed worker lost {dead.unaccounted()} attempts")
        for other, before in others.items():
            if other.verified == before and not other.done:
                self.problems.append(f"worker {other.number} made nothing more after the kill")

    def judge_flat(self, worker):
        if len(worker.samples) < 4:
            return
        first, last = worker.samples[:len(worker.samples) // 2], worker.samples[-(len(worker.samples) // 4):]
        memory, descriptors = ([max(sample[i] for sample in part) for part in (first, last)] for i in (0, 1))
        # a sanitizer keeps what was freed, on purpose
        if not os.environ.get("FNCARD_SANITIZE") and memory[1] > memory[0] + MEMORY_SLACK_KIB:
            self.problems.append(f"worker {worker.number}: memory grows from {memory[0]} to {memory[1]} KiB")
        if descriptors[1] > descriptors[0] + DESCRIPTOR_SLACK:
            self.problems.append(f"worker {worker.number}: descriptors grow from {descriptors[0]} to {descriptors[1]}")

    def report(self):
        print("worker cards attempted verified errors  memory KiB (start, middle, end)  descriptors (start, middle, end)")
        for worker in sorted(self.all_workers(), key=lambda one: one.number):
            picked = [worker.samples[len(worker.samples) * i // 2 - (i == 2)] for i in range(3)] if worker.samples else []
            print(f"{worker.number:6} {'+'.join(worker.cards):>5} {worker.attempted:9} {worker.verified:8} {sum(worker.errors.values()):6}"
                  f"  {' '.join(str(m) for m, _ in picked):30}  {' '.join(str(d) for _, d in picked)}"
                  f"{'  killed (-9) in a transaction' if worker.process.returncode == -9 else ''}")
        errors = sum((worker.errors for worker in self.all_workers()), collections.Counter())
        print(f"attempted {sum(w.attempted for w in self.all_workers())} = verified {self.total()}"
              f" + told errors {sum(errors.values())} + cut by the kill {sum(w.unaccounted() for w, _ in self.killed)}")
        print("errors by step and code:", ", ".join(f"{name}: {count}" for name, count in sorted(errors.items())) or "none")
        print("disturbances:", ", ".join(f"{name}: {count}" for name, count in sorted(self.disturber.done.items())))
        for problem in self.problems:
            print("PROBLEM:", problem)
        print("soak:", "FAILED" if self.problems else "good", f"(seed {self.options.seed})")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--signatures", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--seed", type=int, default=20261)
    options = parser.parse_args()
    until = time.monotonic() + options.minutes * 60
    options.seconds_left = lambda: max(0, round(until - time.monotonic()))
    soak = Soak(options)
    soak.run()
    soak.judge()
    soak.report()
    return 1 if soak.problems else 0


if __name__ == "__main__":
    sys.exit(main())
