# SPDX-License-Identifier: Apache-2.0
"""`scripts/bench pkcs11`: what our PKCS#11 module and OpenSC's cost the program that loads them, on the same simulated cards."""
import json
import os
import statistics
import sys
import tempfile

from side_by_side import CARDS, client, count, fresh_card, modules, on_each_card, parse_options, write_json

MEMORY = ["pss-kib", "private-kib", "private-dirty-kib"]
HALF = 0.5
# A module may cost a card no more APDUs than these: (short, extended) for RSA-2048 and for P-256.
PHASES = ["list", "login", "warm-sign", "decrypt", "relist"]
MOST = {("list", False): ((16, 4), (16, 4)), ("list", True): ((3, 3), (3, 3)), ("login", False): ((1, 1), (1, 1)),
        ("warm-sign", False): ((4, 2), (2, 2)), ("decrypt", False): ((3, 1), (1, 1)), ("relist", False): ((0, 0), (0, 0))}
NAMES = {"pss-kib": "memory, Pss", "private-kib": "memory, private", "private-dirty-kib": "memory, written", "list": "list", "login": "login",
         "warm-sign": "signature", "decrypt": "decrypt or derive", "relist": "list again", "sign": "load, list and sign"}


def measure_card(algorithm, length, repeats):
    """All rows of one card, inside scripts/with-card: what this process reads from it is one JSON value."""
    paths = modules()
    with tempfile.TemporaryDirectory() as home:
        cache = os.path.join(home, "fncard-cache")
        version = {name: count(path, "list", home, cache)["version"] for name, path in paths.items()}
        rows = apdu_rows(paths, home, cache) + cost_rows(paths, home, cache, repeats)
    for row in rows:
        row.update(algorithm=algorithm, length=length, **judge(row, algorithm, length))
    return {"rows": rows, "versions": version}


def apdu_rows(paths, home, cache):
    def apdus(name, phase, cached):
        fresh_card()
        return count(paths[name], phase, home, cache if cached else None)["costs"][-1]["apdus"]

    theirs = {phase: apdus("opensc", phase, False) for phase in PHASES}
    return [{"what": phase, "unit": "APDUs", "cached": cached, "fncard": apdus("fncard", phase, cached), "opensc": theirs[phase]}
            for phase, cached in MOST]


def cost_rows(paths, home, cache, repeats):
    """Medians over fresh processes, the two modules by turns, so that whatever else the PC does meets both."""
    def run(name, phase, cached):
        return client("fncard-bench-pkcs11", [paths.get(name, "none"), phase], home, cache if cached else None)

    rows = []
    empty = [run("none", "list", False) for _ in range(repeats)]
    for phase, cached in (("list", False), ("list", True), ("sign", False), ("sign", True)):
        runs = {name: [] for name in paths}
        for _ in range(repeats):
            for name in paths:
                runs[name].append(run(name, phase, cached))
        rows.append({"what": phase, "unit": "ms", "cached": cached,
                     **{name: round(1000 * statistics.median(one["seconds"] for one in runs[name]), 2) for name in paths}})
        if phase == "list" and not cached:
            rows += [{"what": kind, "unit": "KiB", "cached": False,
                      **{name: statistics.median(one[kind] for one in runs[name]) - statistics.median(one[kind] for one in empty)
                         for name in paths}} for kind in MEMORY]
    return rows


def judge(row, algorithm, length):
    ours, theirs = row["fncard"], row["opensc"]
    verdict = {"ratio": round(ours / theirs, 3) if theirs else None}
    if row["unit"] == "APDUs":
        most = MOST[row["what"], row["cached"]][0 if algorithm.startswith("rsa") else 1][0 if length == "short" else 1]
        return {**verdict, "expected": f"<= {most}", "holds": ours <= most}
    if row["what"] == "sign":
        return {**verdict, "expected": "", "holds": True}
    return {**verdict, "expected": f"<= {HALF}", "holds": ours <= HALF * theirs}


def show(result):
    print(f"fncard {result['versions']['fncard']} and OpenSC {result['versions']['opensc']} on the same simulated card, which answers without "
          "modelled waiting.\nOne fresh process a measurement, medians. Memory is that of a small program with the module loaded and listed less "
          "that of the\nsame program without one. OpenSC as installed: its own file cache is off by default and stays off. \"cached\": our "
          "certificate\ncache is warm.\n")
    print(f"{'what':28} {'key':8} {'length':9} {'unit':6} {'fncard':>9} {'OpenSC':>9} {'ratio':>6}  {'expected':9} holds")
    for row in result["rows"]:
        name = ("load and list" if row["unit"] == "ms" and row["what"] == "list" else NAMES[row["what"]]) + (", cached" if row["cached"] else "")
        ratio = "-" if row["ratio"] is None else f"{row['ratio']:.2f}"
        print(f"{name:28} {row['algorithm']:8} {row['length']:9} {row['unit']:6} {row['fncard']:>9} {row['opensc']:>9} {ratio:>6}  "
              f"{row['expected']:9} {'yes' if row['holds'] else 'no'}")


def main():
    options = parse_options(__doc__, "pkcs11.json", 21)
    if options.inside:
        print(json.dumps(measure_card(*options.inside, options.repeats)))
        return 0
    result = {"rows": [], "openscFileCache": "off (its default)", "repeats": options.repeats}
    for part in on_each_card(__file__, options):
        result["rows"] += part["rows"]
        result["versions"] = part["versions"]
    write_json(options.json, result)
    show(result)
    # time is the PC's and memory the compiler's: told, never tested
    bad = [row for row in result["rows"] if not row["holds"] and row["unit"] == "APDUs"]
    if options.check and (bad or len(result["rows"]) != len(CARDS) * (len(MOST) + len(MEMORY) + 4)):
        print(f"{len(result['rows'])} rows, of which {len(bad)} do not hold")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
