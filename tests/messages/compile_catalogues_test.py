#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compile_catalogues_test.py COMPILER: the catalogue compiler refuses what would hide a sentence."""
import pathlib
import subprocess
import sys
import tempfile

COMPILER = sys.argv[1]


def compile_catalogues(files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, content in files.items():
            path = root / "catalogues" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        output = root / "out.cc"
        done = subprocess.run([sys.executable, COMPILER, root / "catalogues", output],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stderr, output.exists() and output.read_text(encoding="utf-8")


code, _, made = compile_catalogues({"en/a.json": '{"a.x": "Say \\"hi\\"?"}', "th/a.json": '{"a.x": "ก1"}'})
assert code == 0, "a good catalogue is compiled"
assert r'"Say \042hi\042\077"' in made, made
assert r'"\340\270\2011"' in made, made
assert made.count("nullptr") == 3, made

refused = {
    "a code in two areas": {"en/a.json": '{"a.x": "1"}', "en/b.json": '{"a.x": "2"}'},
    "a code twice in a file": {"en/a.json": '{"a.x": "1", "a.x": "2"}'},
    "a value that is not a string": {"en/a.json": '{"a.x": 1}'},
    "an array": {"en/a.json": '["a.x"]'},
    "no JSON": {"en/a.json": '{"a.x": "1",}'},
}
for what, files in refused.items():
    code, errors, made = compile_catalogues(files)
    assert code != 0 and not made, what + " is refused"
    assert ".json" in errors and "Traceback" not in errors, what + " names the file: " + errors
