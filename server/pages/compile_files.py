#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles server/pages/templates and server/pages/assets into one C++ table.

Usage: compile_files.py FOLDER OUTPUT

Refuses a template that puts something in without escaping it ({{{name}}} or {{&name}}).
"""
import pathlib
import sys

DELIMITER = "fncard-page"
CHUNK = 8192  # characters; compilers need not take longer literals


def literal(text):
    pieces = [text[start:start + CHUNK] for start in range(0, len(text), CHUNK)] or [""]
    return "\n".join(f'R"{DELIMITER}({piece}){DELIMITER}"' for piece in pieces)


def read(folder):
    for path in sorted([*folder.glob("templates/*.html"), *folder.glob("assets/*")]):
        text = path.read_text(encoding="utf-8")
        if f"){DELIMITER}\"" in text:
            raise ValueError(f"{path}: has the end of a C++ literal in it")
        if path.suffix == ".html" and ("{{{" in text or "{{&" in text.replace(" ", "")):
            raise ValueError(f"{path}: puts something in without escaping it")
        yield f"{path.parent.name}/{path.name}", text


def main():
    folder, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    try:
        entries = [f'    File{{"{name}",\n{literal(text)}}},' for name, text in read(folder)]
    except (ValueError, UnicodeDecodeError) as error:
        sys.exit(f"compile_files.py: {error}")
    output.write_text("\n".join([
        "// made by compile_files.py",
        '#include "server/pages/files.h"',
        "",
        "#include <array>",
        "",
        "namespace fncard::server::pages {",
        "namespace {",
        f"constexpr std::array<File, {len(entries)}> kFiles = {{",
        *entries,
        "};",
        "}  // namespace",
        "std::span<const File> files() {",
        "  return kFiles;",
        "}",
        "}  // namespace fncard::server::pages",
        ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
