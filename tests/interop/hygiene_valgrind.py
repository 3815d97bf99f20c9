#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: hygiene_valgrind.py INTEROP_MODULE_TESTS interop_module_tests|pkcs11-tool   (inside scripts/with-card)

Runs a client of the module under valgrind. Every error and every lost block with a frame of the module fails the test. What OpenSC's
pkcs11-tool itself does wrong is not ours to judge: also not what it loses of OpenSSL's own state, which only hangs on a lost block
(indirectly lost) and was made under a call of ours by chance."""
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

VALGRIND = ["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite,indirect",
            "--errors-for-leak-kinds=definite,indirect", "--num-callers=100", "--child-silent-after-fork=yes", "--xml=yes"]


def frames(error):
    return [(frame.findtext("obj", "?"), frame.findtext("fn", "?"), frame.findtext("line", "")) for frame in error.iter("frame")]


def ours(error, program):
    """Whether code of this project is part of it: the module, or the program when it is ours too."""
    if error.findtext("kind") == "Leak_IndirectlyLost" and program is None:
        return False
    return any(file in (os.path.realpath(os.environ["FNCARD_MODULE"]), program) for file, _, _ in frames(error))


def run(command, folder, program=None):
    """The output of a command under valgrind, which must end with 0; fails on errors of ours."""
    report = os.path.join(folder, "valgrind.xml")
    done = subprocess.run(VALGRIND + [f"--xml-file={report}"] + command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"FAILED: {command[0]}: exit code {done.returncode}: {done.stdout}")
    errors = list(xml.parse(report).getroot().iter("error"))
    bad = [error for error in errors if ours(error, program)]
    for error in bad:
        print(error.findtext("kind"), error.findtext("what") or error.findtext("xwhat/text"))
        for file, function, line in frames(error):
            print(f"    {function}:{line} ({os.path.basename(file)})")
    if bad:
        sys.exit(f"FAILED: {len(bad)} errors in {command[0]}")
    print(f"{os.path.basename(command[0])}: no error of ours, {len(errors)} of others")
    return done.stdout


def run_tool(folder, *arguments):
    output = run(["pkcs11-tool", "--module", os.environ["FNCARD_MODULE"], "--login", "--pin", os.environ["FNCARD_PIN"], *arguments], folder)
    if "error:" in output or "CKR_" in output:
        sys.exit(f"FAILED: pkcs11-tool: {output}")


def main():
    if os.environ.get("FNCARD_SANITIZE"):
        print("valgrind cannot run what a sanitizer is built into")
        return 77
    program, client = os.path.realpath(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        if client == "pkcs11-tool":
            run_tool(folder, "--list-objects")
            run_tool(folder, "--test")
        else:
            run([program, "--gtest_filter=Hygiene.everyOperationLeavesNothing"], folder, program)
    return 0


if __name__ == "__main__":
    sys.exit(main())
