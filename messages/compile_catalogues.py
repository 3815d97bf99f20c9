#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles messages/catalogues/LANGUAGE/AREA.json into one C++ table.

Usage: compile_catalogues.py CATALOGUES OUTPUT

Refuses what would make a sentence vanish quietly: a code that two areas of a language define, a
code twice in one file, a value that is not a string. What a translation lacks is found by
tests/messages, so that a half translated tree still builds.
"""
import json
import pathlib
import sys

LANGUAGES = ["en", "zh-TW", "id", "vi", "th"]  # the order of fncard::messages::Language


def refuse_duplicates(pairs):
    members = {}
    for key, value in pairs:
        if key in members:
            raise ValueError(f"the code {key} is there twice")
        members[key] = value
    return members


def read_language(folder):
    sentences, origin = {}, {}
    for path in sorted(folder.glob("*.json")):
        try:
            area = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=refuse_duplicates)
        except ValueError as error:
            sys.exit(f"{path}: {error}")
        if not isinstance(area, dict):
            sys.exit(f"{path}: not an object")
        for code, sentence in area.items():
            if not isinstance(sentence, str):
                sys.exit(f"{path}: {code} is not a string")
            if code in sentences:
                sys.exit(f"{path}: {code} is already in {origin[code]}")
            sentences[code], origin[code] = sentence, path
    return sentences


def literal(sentence):
    if sentence is None:
        return "nullptr"
    # octal escapes end after three digits, whatever follows; "?" so that no trigraph arises
    escaped = "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}"
                      for b in sentence.encode("utf-8"))
    return f'"{escaped}"'


def main():
    catalogues, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    languages = [read_language(catalogues / language) for language in LANGUAGES]
    codes = sorted(set().union(*languages))
    lines = ["// Made by messages/compile_catalogues.py from messages/catalogues.",
             '#include "messages/catalogue.h"',
             "namespace fncard::messages {",
             "static constexpr Entry kEntries[] = {"]
    for code in codes:
        texts = ", ".join(literal(language.get(code)) for language in languages)
        lines.append(f"    {{{literal(code)}, {{{texts}}}}},")
    lines += ["};",
              "std::span<const Entry> catalogue() { return kEntries; }",
              "}  // namespace fncard::messages", ""]
    output.write_text("\n".join(lines), encoding="utf-8")


main()
