#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: clients_table.py --results FOLDER --document docs/clients.md (--write | --check)

The interop tests leave in FOLDER a line for each thing that a client did: client|operation|key|PINs asked|APDUs. --write puts them as a
table between the marks of the document; --check says which of them the document does not have. Exit codes: 0 done, 1 rows are missing,
2 wrong usage, 77 there are no results."""
import argparse
import pathlib
import sys

BEGIN, END = "<!-- made by tests/interop/clients_table.py -->", "<!-- end -->"


def results(folder):
    """{(client, operation): {key: (prompts, cost)}}"""
    rows = {}
    for file in sorted(folder.glob("*")):
        if file.suffix != ".png":
            for line in file.read_text(encoding="utf-8").splitlines():
                client, operation, key, prompts, cost = line.split("|")
                rows.setdefault((client, operation), {})[key] = (prompts, cost)
    return rows


def table(rows):
    lines = ["| client | operation | RSA-2048: APDUs | P-256: APDUs | PIN asked |", "|---|---|---|---|---|"]
    for (client, operation), keys in sorted(rows.items(), key=lambda row: (row[0][0].lower(), row[0][1])):
        costs = [keys.get(key, ("", "not tested"))[1] for key in ("rsa2048", "p256")]
        prompts = next((prompts for prompts, _ in keys.values() if prompts != "-"), "-")
        lines.append(f"| {client} | {operation} | {costs[0]} | {costs[1]} | {prompts} |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--document", type=pathlib.Path, required=True)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true")
    mode.add_argument("--check", action="store_true")
    options = parser.parse_args()
    rows = results(options.results)
    if not rows:
        print(f"no results in {options.results}: run the interop tests first")
        return 77
    text = options.document.read_text(encoding="utf-8")
    if options.write:
        head, tail = text.split(BEGIN)[0], text.split(END)[1]
        options.document.write_text("\n".join([head + BEGIN, *table(rows), END + tail]), encoding="utf-8")
        return 0
    missing = [f"| {client} | {operation} |" for client, operation in rows if f"| {client} | {operation} |" not in text]
    for row in missing:
        print(f"{options.document} has no row {row}: clients_table.py --write")
    return 1 if missing else 0


sys.exit(main())
