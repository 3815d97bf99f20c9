# SPDX-License-Identifier: Apache-2.0
"""`scripts/bench card`: our PKCS#11 module and OpenSC's on the same simulated cards, side by side."""
import json
import os
import statistics
import sys
import tempfile

from side_by_side import CARDS, count, fresh_card, modules, on_each_card, parse_options, write_json

COLD = ["list", "login", "cold-sign", "warm-sign", "decrypt"]
CACHED = ["list", "cold-sign"]
COUNTERS = ["apdus", "bytes-in", "bytes-out", "modelled-us"]
# Where more than the expected part of OpenSC's APDUs is known to be spent: no more than how many, and why. SP 800-73-4 asks for
# VERIFY before every use of 9C, and short APDUs carry an RSA-2048 block in two and its answer in two: that is the least possible.
LEAST = "the least possible"
KNOWN = {("warm-sign", "rsa2048", "short"): (4, LEAST), ("warm-sign", "p256", "short"): (2, LEAST),
         ("warm-sign", "p256", "extended"): (2, LEAST), ("decrypt", "rsa2048", "short"): (3, LEAST)}


def measure_card(algorithm, length, repeats):
    """All rows of one card, inside scripts/with-card."""
    paths = modules()
    rows, versions, wall = [], {}, {}
    with tempfile.TemporaryDirectory() as home:
        cache = os.path.join(home, "fncard-cache")
        count(paths["fncard"], "list", home, cache)

        def one(name, phase, warm=False, repeat=1):
            fresh_card()
            result = count(paths[name], phase, home, cache if warm else None, repeat)
            versions[name] = result["version"]
            return result["costs"]

        def counts(costs):
            if any(cost["apdus"] != costs[-1]["apdus"] for cost in costs):
                sys.exit(f"bench card: the signatures of one process cost unlike numbers of APDUs: {costs}")
            return {name: costs[-1].get(name) for name in COUNTERS}

        for phase in COLD:
            rows.append({"operation": phase, "cached": False,
                         **{name: counts(one(name, phase, repeat=3)) for name in paths}})
        for phase in CACHED:
            peer = next(row["opensc"] for row in rows if row["operation"] == phase)
            rows.append({"operation": phase, "cached": True, "fncard": counts(one("fncard", phase, warm=True)), "opensc": peer})
        for phase in ("list", "warm-sign"):
            medians = {}
            for name in paths:
                runs = [count(paths[name], phase, home, None, 5)["costs"] for _ in range(repeats)]
                medians[name] = statistics.median(cost["wall-seconds"] for costs in runs for cost in costs)
            wall[phase] = round(medians["fncard"] / medians["opensc"], 3)
    for row in rows:
        row.update(algorithm=algorithm, length=length, **judge(row, algorithm, length))
    return {"rows": rows, "versions": versions,
            "wall": [{"operation": phase, "algorithm": algorithm, "length": length, "ratio": ratio, "repeats": repeats}
                     for phase, ratio in wall.items()]}


def judge(row, algorithm, length):
    ours, theirs = row["fncard"]["apdus"], row["opensc"]["apdus"]
    wanted = 3 if row["operation"] == "list" else 2
    most, reason = KNOWN.get((row["operation"], algorithm, length), (0, ""))
    holds = ours * wanted <= theirs
    return {"ratios": {name: round(row["fncard"][name] / row["opensc"][name], 3) for name in COUNTERS
                       if row["fncard"][name] is not None and row["opensc"][name]},
            "expected": f"1/{wanted}", "holds": holds, "known": reason if not holds and ours <= most else ""}


def show(result):
    print(f"fncard {result['versions']['fncard']} and OpenSC {result['versions']['opensc']} on the same simulated card, one process and one "
          "freshly powered card a measurement.\nOpenSC as installed: its own file cache is off by default and stays off. "
          "\"cached\": our certificate cache is warm.\nSeconds are those of the simulator's model of a real reader and chip.\n")
    print(f"{'operation':18} {'key':8} {'length':9} {'APDUs':>9} {'bytes in':>11} {'bytes out':>12} {'model s':>13} "
          f"{'APDU ratio':>10} {'time ratio':>10}  expected  holds")

    def pair(row, name, scale=1, digits=0):
        values = [row[who][name] for who in ("fncard", "opensc")]
        return "-" if None in values else "/".join(f"{value / scale:.{digits}f}" for value in values)

    for row in result["rows"]:
        operation = {"decrypt": "decrypt" if row["algorithm"].startswith("rsa") else "derive"}.get(row["operation"], row["operation"])
        holds = "yes" if row["holds"] else f"no: {row['known']}" if row["known"] else "no"
        print(f"{operation + (' cached' if row['cached'] else ''):18} {row['algorithm']:8} {row['length']:9} {pair(row, 'apdus'):>9} "
              f"{pair(row, 'bytes-in'):>11} {pair(row, 'bytes-out'):>12} {pair(row, 'modelled-us', 1e6, 3):>13} "
              f"{row['ratios'].get('apdus', 0):10.2f} {row['ratios'].get('modelled-us', 'n/a'):>10}  <= {row['expected']:5}  {holds}")
    print("\nWall clock on the simulated card without modelled waiting, fncard/OpenSC, medians (the PC's own work, not a card's):")
    for item in result["wall"]:
        print(f"  {item['operation']:10} {item['algorithm']:8} {item['length']:9} {item['ratio']:.2f}")


def main():
    options = parse_options(__doc__, "card.json", 5)
    if options.inside:
        print(json.dumps(measure_card(*options.inside, options.repeats)))
        return 0
    result = {"rows": [], "wall": [], "openscFileCache": "off (its default)"}
    for part in on_each_card(__file__, options):
        result["rows"] += part["rows"]
        result["wall"] += part["wall"]
        result["versions"] = part["versions"]
    write_json(options.json, result)
    show(result)
    bad = [row for row in result["rows"] if not row["holds"] and not row["known"]]
    if options.check and (bad or len(result["rows"]) != len(CARDS) * (len(COLD) + len(CACHED))):
        print(f"{len(result['rows'])} rows, of which {len(bad)} do not hold")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
