# SPDX-License-Identifier: Apache-2.0
"""`scripts/bench card`: our PKCS#11 module and OpenSC's on the same simulated cards, side by side."""
import argparse
import glob
import json
import os
import socket
import statistics
import subprocess
import sys
import sysconfig
import tempfile

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
CARDS = [(algorithm, length) for algorithm in ("rsa2048", "p256") for length in ("short", "extended")]
COLD = ["list", "login", "cold-sign", "warm-sign", "decrypt"]
CACHED = ["list", "cold-sign"]
COUNTERS = ["apdus", "bytes-in", "bytes-out", "modelled-us"]
# Where more than the expected part of OpenSC's APDUs is known to be spent: no more than how many, and why. SP 800-73-4 asks for
# VERIFY before every use of 9C, and short APDUs carry an RSA-2048 block in two and its answer in two: that is the least possible.
LEAST = "the least possible"
KNOWN = {("warm-sign", "rsa2048", "short"): (4, LEAST), ("warm-sign", "p256", "short"): (2, LEAST),
         ("warm-sign", "p256", "extended"): (2, LEAST), ("decrypt", "rsa2048", "short"): (3, LEAST)}


def opensc_module():
    named = os.environ.get("FNCARD_OPENSC_MODULE")
    folders = [f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}", "/usr/lib64", "/usr/lib", "/usr/local/lib"]
    for path in [named] if named else [file for folder in folders for sub in ("", "/pkcs11")
                                       for file in glob.glob(f"{folder}{sub}/opensc-pkcs11.so")]:
        if os.path.exists(path):
            return path
    sys.exit("bench card: OpenSC's module is missing: install opensc-pkcs11, or say where it is in FNCARD_OPENSC_MODULE")


def fresh_card():
    """Takes the card out and puts it in, so that it has neither power nor session."""
    reader = ["fncard-sim", "wait", "--reader", os.environ["FNCARD_READER"], "--timeout", "20"]
    for command, seen in (("remove", ["--absent"]), ("insert", [])):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(os.environ["FNCARD_SIM_CONTROL"])
            link.sendall(command.encode() + b"\n")
            answer = link.makefile().readline().strip()
        if answer != "ok":
            sys.exit(f"bench card: {command}: {answer}")
        subprocess.run(reader + seen, check=True)


def client(module, phase, home, cache, repeat=1):
    environment = {**os.environ, "HOME": home, "XDG_CACHE_HOME": home}
    environment.update({"FNCARD_CACHE_DIR": cache} if cache else {"FNCARD_CACHE": "off"})
    command = [os.path.join(os.environ["FNCARD_BENCH_BIN"], "fncard-bench-card"), "--module", module, "--phase", phase,
               "--repeat", str(repeat)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench card: {module}: {phase} failed")
    return json.loads(done.stdout)


def measure_card(algorithm, length, repeats):
    """All rows of one card, inside scripts/with-card."""
    modules = {"fncard": os.environ["FNCARD_MODULE"], "opensc": opensc_module()}
    rows, versions, wall = [], {}, {}
    with tempfile.TemporaryDirectory() as home:
        cache = os.path.join(home, "fncard-cache")
        client(modules["fncard"], "list", home, cache)

        def one(name, phase, warm=False, repeat=1):
            fresh_card()
            result = client(modules[name], phase, home, cache if warm else None, repeat)
            versions[name] = result["version"]
            return result["costs"]

        def counts(costs):
            if any(cost["apdus"] != costs[-1]["apdus"] for cost in costs):
                sys.exit(f"bench card: the signatures of one process cost unlike numbers of APDUs: {costs}")
            return {name: costs[-1].get(name) for name in COUNTERS}

        for phase in COLD:
            rows.append({"operation": phase, "cached": False,
                         **{name: counts(one(name, phase, repeat=3)) for name in modules}})
        for phase in CACHED:
            peer = next(row["opensc"] for row in rows if row["operation"] == phase)
            rows.append({"operation": phase, "cached": True, "fncard": counts(one("fncard", phase, warm=True)), "opensc": peer})
        for phase in ("list", "warm-sign"):
            medians = {}
            for name in modules:
                runs = [client(modules[name], phase, home, None, 5)["costs"] for _ in range(repeats)]
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True)
    parser.add_argument("--json", default=os.path.join(ROOT, "build/bench/card.json"))
    parser.add_argument("--check", action="store_true", help="fail unless every row is there and holds, or is known not to")
    parser.add_argument("--repeats", type=int, default=5, help="of what is timed")
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(measure_card(*options.inside, options.repeats)))
        return 0
    build = os.path.realpath(options.build)
    result = {"rows": [], "wall": [], "openscFileCache": "off (its default)"}
    for algorithm, length in CARDS:
        inner = subprocess.run(
            [f"{ROOT}/scripts/with-card", "--build", build, "--algorithm", algorithm, "--extended", "yes" if length == "extended" else "no",
             "--", sys.executable, __file__, "--build", build, "--repeats", str(options.repeats), "--inside", algorithm, length],
            stdout=subprocess.PIPE, text=True, check=False, env=dict(os.environ, FNCARD_BENCH_BIN=f"{build}/bin"))
        if inner.returncode != 0:
            return inner.returncode
        part = json.loads(inner.stdout)
        result["rows"] += part["rows"]
        result["wall"] += part["wall"]
        result["versions"] = part["versions"]
    os.makedirs(os.path.dirname(os.path.abspath(options.json)), exist_ok=True)
    with open(options.json, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
    show(result)
    bad = [row for row in result["rows"] if not row["holds"] and not row["known"]]
    if options.check and (bad or len(result["rows"]) != len(CARDS) * (len(COLD) + len(CACHED))):
        print(f"{len(result['rows'])} rows, of which {len(bad)} do not hold")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
