# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks share: both modules, one simulated card after the other, and a program in its own process for each measurement."""
import argparse
import glob
import json
import os
import socket
import subprocess
import sys
import sysconfig

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
CARDS = [(algorithm, length) for algorithm in ("rsa2048", "p256") for length in ("short", "extended")]


def modules():
    return {"fncard": os.environ["FNCARD_MODULE"], "opensc": opensc_module()}


def opensc_module():
    named = os.environ.get("FNCARD_OPENSC_MODULE")
    folders = [f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}", "/usr/lib64", "/usr/lib", "/usr/local/lib"]
    for path in [named] if named else [file for folder in folders for sub in ("", "/pkcs11")
                                       for file in glob.glob(f"{folder}{sub}/opensc-pkcs11.so")]:
        if os.path.exists(path):
            return path
    sys.exit("bench: OpenSC's module is missing: install opensc-pkcs11, or say where it is in FNCARD_OPENSC_MODULE")


def fresh_card():
    """Takes the card out and puts it in, so that it has neither power nor session."""
    reader = ["fncard-sim", "wait", "--reader", os.environ["FNCARD_READER"], "--timeout", "20"]
    for command, seen in (("remove", ["--absent"]), ("insert", [])):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(os.environ["FNCARD_SIM_CONTROL"])
            link.sendall(command.encode() + b"\n")
            answer = link.makefile().readline().strip()
        if answer != "ok":
            sys.exit(f"bench: {command}: {answer}")
        subprocess.run(reader + seen, check=True)


def client(program, arguments, home, cache):
    """What a program of the build prints, as JSON. cache is the folder of our certificate cache; None: there is none."""
    environment = {**os.environ, "HOME": home, "XDG_CACHE_HOME": home}
    environment.update({"FNCARD_CACHE_DIR": cache} if cache else {"FNCARD_CACHE": "off"})
    done = subprocess.run([os.path.join(os.environ["FNCARD_BENCH_BIN"], program), *arguments], env=environment, stdout=subprocess.PIPE,
                          text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"bench: {program} {' '.join(arguments)} failed")
    return json.loads(done.stdout)


def count(module, phase, home, cache, repeat=1):
    return client("fncard-bench-card", ["--module", module, "--phase", phase, "--repeat", str(repeat)], home, cache)


def parse_options(description, json_name, repeats):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--build", required=True)
    parser.add_argument("--json", default=os.path.join(ROOT, "build/bench", json_name))
    parser.add_argument("--check", action="store_true", help="fail unless every row is there and holds, or is known not to")
    parser.add_argument("--repeats", type=int, default=repeats, help="of what is timed")
    parser.add_argument("--inside", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def on_each_card(script, options):
    """Runs script --inside ALGORITHM LENGTH under scripts/with-card for each card; what each printed, read as JSON."""
    build = os.path.realpath(options.build)
    for algorithm, length in CARDS:
        inner = subprocess.run(
            [f"{ROOT}/scripts/with-card", "--build", build, "--algorithm", algorithm, "--extended", "yes" if length == "extended" else "no",
             "--", sys.executable, script, "--build", build, "--repeats", str(options.repeats), "--inside", algorithm, length],
            stdout=subprocess.PIPE, text=True, check=False, env=dict(os.environ, FNCARD_BENCH_BIN=f"{build}/bin"))
        if inner.returncode != 0:
            sys.exit(inner.returncode)
        yield json.loads(inner.stdout)


def write_json(path, result):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
