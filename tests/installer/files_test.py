#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: files_test.py BUILD SOURCE: what `cmake --install` writes, into an empty folder: all of it goes into a package, manifests name
the native host that is installed and the callers that it serves, manual pages have every option, the module gives away C_* only."""
import fnmatch
import json
import pathlib
import re
import subprocess
import sys
import tempfile

BUILD, SOURCE = (pathlib.Path(argument) for argument in sys.argv[1:])
DEBIAN = SOURCE / "installer/debian"


def packaged(name):
    """Where a package has what a build for /usr/local puts elsewhere; every lib folder is the architecture's."""
    name = str(name).lstrip("/").replace("usr/local/etc/", "etc/").replace("usr/local/lib/systemd/system/", "lib/systemd/system/").replace("usr/local/", "usr/")
    return re.sub(r"^usr/lib/(pkcs11|fncard)/", "usr/lib/any/\\1/", name)


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def everything_goes_into_one_package(files):
    patterns = [line for each in DEBIAN.glob("*.install") for line in each.read_text().split()]
    for file in files:
        takers = [p for p in patterns if fnmatch.fnmatch(file, p) or file.startswith(p + "/")]
        assert len(takers) == 1, f"{file} goes into {takers or 'no package'}"
    for pattern in patterns:
        assert any(fnmatch.fnmatch(file, pattern) or file.startswith(pattern + "/") for file in files), f"no file is {pattern}"


def browsers_find_the_native_host(files):
    manifests = [file for file in files if file.endswith("native-messaging-hosts/tw.fncard.agent.json")]
    assert len(manifests) == 3, manifests
    callers = (SOURCE / "agent/native/callers.h").read_text()
    extension = json.loads((SOURCE / "agent/extension/manifest.json").read_text())
    for file in manifests:
        manifest = json.loads(files[file].read_text())
        assert packaged(manifest["path"]) in files, manifest["path"]
        for caller in manifest.get("allowed_origins", []) + manifest.get("allowed_extensions", []):
            assert f'"{caller}"' in callers, f"{file} allows {caller}, which the host does not serve"
    assert extension["browser_specific_settings"]["gecko"]["id"] in (DEBIAN / "fncard-agent.links").read_text()
    for part in ("background.js", "content.js", "page.js", "manifest.json"):
        assert f"usr/share/fncard/extension/{part}" in files


def manual_pages_have_every_option(files):
    if not any("/man/" in file for file in files):
        print("no manual pages here: help2man is missing")
        return
    for program in (file for file in files if file.startswith("usr/bin/")):
        name = pathlib.Path(program).name
        page = files[f"usr/share/man/man1/{name}.1"].read_text().replace("\\-", "-")
        helps = [said(files[program], "--help")]
        commands = re.search(r"^Subcommands:\n((?:.+\n)+)", helps[0], re.M)
        for command in re.findall(r"^  ([a-z-]+) ", commands.group(1) if commands else "", re.M):
            helps.append(said(files[program], command, "--help"))
        for option in {option for text in helps for option in re.findall(r"--[a-z][a-z-]+", text)}:
            assert option in page, f"{name}(1) does not have {option}"


def the_module_gives_away_cryptoki_alone(files):
    (module,) = [file for file in files if file.endswith("/fncard-pkcs11.so")]
    names = [line.split()[-1] for line in said("nm", "--dynamic", "--defined-only", files[module]).splitlines()]
    assert names and all(re.fullmatch(r"C_\w+", name) for name in names), names


def units_start_what_is_installed(files):
    units = [file for file in files if file.endswith(".service")]
    assert len(units) == 2, units
    for file in units:
        (program,) = re.findall(r"^ExecStart=/(\S+)", files[file].read_text(), re.M)
        assert packaged(program) in files, program


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cmake", "--install", BUILD], check=True, stdout=subprocess.DEVNULL, env={"DESTDIR": folder, "PATH": "/usr/bin:/bin:/usr/sbin"})
        root = pathlib.Path(folder)
        files = {packaged(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}
        everything_goes_into_one_package(files)
        browsers_find_the_native_host(files)
        manual_pages_have_every_option(files)
        the_module_gives_away_cryptoki_alone(files)
        units_start_what_is_installed(files)
        print(f"{len(files)} files")


if __name__ == "__main__":
    main()
