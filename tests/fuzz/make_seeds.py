#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/fuzz/seeds anew from real exchanges.

usage: tests/fuzz/make_seeds.py [--build build/dev] [--fuzz build/fuzz]

Runs other people's programs and ours with simulated cards (scripts/with-card), makes inputs of what went by, and keeps of
them what each target learns from (libFuzzer's -merge=1). The APDU log masks every secret; in its place the seeds have the
PIN of a card as bought, or nothing. Needs both builds: cmake --build build/dev --target fncard-sim fncard-pkcs11 fncard,
and cmake --preset fuzz && cmake --build --preset fuzz.
"""
import argparse
import gzip
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEEDS = ROOT / "tests/fuzz/seeds"
FACTORY_PIN = b"123456\xff\xff"
PIN_INSTRUCTIONS = (0x20, 0x24, 0x2C)
# the private key of RFC 6979 appendix A.2.5 as PKCS#8: published, so no secret
PUBLISHED_KEY = (
    "308187020100301306072A8648CE3D020106082A8648CE3D030107046D306B0201010420"
    "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721A14403420004"
    "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299")

FAULTS = b"""# one of each
before 1 remove
before verify 2 reset
during put-data 1 power-cut write 2
after 3 swap other card.json
at get-data 1 truncate 10
at 0x87 1 oversize
at 4 answer 61FF
at 5 status 6F00
at 6 endless
at 7 delay 100
at 8 mute
at 9 nonsense
"""

INTEROP, CLIENTS = ROOT / "tests/interop", ROOT / "tests/hw-sim/clients"
RUNS = [
    (["--algorithm", "rsa2048"], ["bash", INTEROP / "pkcs11_tool_rsa.sh"]),
    (["--algorithm", "rsa2048", "--extended", "no"], ["bash", INTEROP / "pkcs11_tool_rsa.sh"]),
    (["--algorithm", "p256"], ["bash", INTEROP / "pkcs11_tool_ec.sh", "P-256"]),
    (["--algorithm", "p384", "--extended", "no"], ["bash", INTEROP / "pkcs11_tool_ec.sh", "P-384"]),
    (["--algorithm", "p256"], ["bash", CLIENTS / "opensc_signs.sh"]),
    (["--algorithm", "rsa2048", "--extended", "no"], ["bash", CLIENTS / "opensc_signs.sh"]),
    ([], ["bash", CLIENTS / "opensc_decrypts.sh"]),
    (["--algorithm", "p256"], ["bash", CLIENTS / "opensc_reads.sh"]),
    (["--state", "blank"], ["bash", CLIENTS / "yubico_personalises.sh"]),
    (["--algorithm", "p256"], ["fncard", "status"]),
]
COMPRESSED = ["bash", "-c", 'pkcs11-tool --module "$FNCARD_MODULE" --list-objects; pkcs15-tool --list-certificates']


class Seeds:
    """Inputs by target, each kept once."""

    def __init__(self, folder):
        self.folder = folder

    def add(self, target, content):
        place = self.folder / target
        place.mkdir(parents=True, exist_ok=True)
        (place / hashlib.sha1(content).hexdigest()).write_bytes(content)


def records(parts):
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def tlv(tag, value):
    size = len(value)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes.fromhex(tag) + length + value


def content_of(data_object):
    """What is inside an outer template of one tag byte."""
    length = data_object[1]
    return data_object[2 + (length & 0x7F if length & 0x80 else 0):]


def unmasked_command(text):
    """The command, with a factory PIN where the log hides a secret; empty to authenticate as administrator."""
    if not text.endswith("**"):
        return bytes.fromhex(text)
    header = bytes.fromhex(text[:-2])
    if header[1] in PIN_INSTRUCTIONS:
        data = FACTORY_PIN if header[1] == 0x20 else FACTORY_PIN * 2
        return header + bytes([len(data)]) + data
    return b""


def unmasked_answer(text):
    data, _, status = text.rpartition(" ")
    return (b"" if data == "**" else bytes.fromhex(data)) + bytes.fromhex(status)


def exchanges_of(log):
    for line in log.read_text().splitlines():
        if line.startswith("> ") and " < " in line:
            command, answer = line[2:].split(" < ")
            yield unmasked_command(command), unmasked_answer(answer)


def whole_answers(exchanges):
    """(command, data) with GET RESPONSE joined to what it continues."""
    begun, data = None, b""
    for command, answer in exchanges:
        if command[1:2] != b"\xc0":
            begun, data = command, b""
        data += answer[:-2]
        if begun and answer[-2] != 0x61:
            yield begun, data


def add_exchanges(seeds, exchanges):
    commands = [command for command, _ in exchanges]
    answers = [answer for _, answer in exchanges]
    for command, answer in exchanges:
        seeds.add("apdu", command)
        seeds.add("apdu", answer)
    for start in range(0, len(exchanges), 12):
        some = slice(start, start + 12)
        for switches in (b"\0", b"\4", b"\5"):
            seeds.add("simulated_card", switches + records(commands[some]))
        seeds.add("vpcd_link", records([b"\1", b"\4", *commands[some], b"\0"]))
        seeds.add("channel", b"\0\0\0\1\0" + records(answers[some]))
        seeds.add("channel", b"\2\1\x0a\1\0" + records(answers[some]))
        operations = bytes([1, 3, 0x41, 5, 10, 14, 0, 4, 8])
        replaced = b"".join(b"\1" + records([answer]) for answer in answers[some])
        seeds.add("client", bytes([len(operations)]) + operations + replaced)


def add_objects(seeds, exchanges):
    for command, data in whole_answers(exchanges):
        if not data:
            continue
        seeds.add("tlv", data)
        if command[1] == 0x47:
            for algorithm in range(5):
                seeds.add("public_key", bytes([algorithm]) + data)
        if command[1] != 0xCB:
            continue
        content = content_of(data)
        if b"\x5c\x03\x5f\xc1\x02" in command:
            seeds.add("chuid", content)
            seeds.add("fascn", content[2:27])
        elif content[:1] == b"\x70":
            seeds.add("certificate_object", content)


def add_client_lies(seeds):
    """Each operation with one lie of each kind at each of the first exchanges."""
    opened = bytes([1, 1])
    for operation in range(2, 256, 12):
        for exchange in (2, 3, 5):
            for kind in range(10):
                lie = bytes([kind]) + records([b"\x69\x82" if kind == 2 else b"\x53\x82\xff\xff\x61\xff"])
                seeds.add("client", bytes([4, 1, 10, operation | 2, 0]) + bytes(exchange) + lie)
    seeds.add("client", opened + b"\x09" + records([b"\x61\xff"]))
    seeds.add("client", opened + b"\x09" + records([bytes(256) + b"\x61\x00"]))


def add_made(seeds):
    """What no program of today writes, but a card may hold."""
    der = tlv("30", bytes(1200))
    for compressed in (gzip.compress(der, mtime=0), gzip.compress(bytes(1 << 20), mtime=0),
                       gzip.compress(b"", mtime=0), gzip.compress(der, mtime=0)[:-9]):
        seeds.add("certificate_object", tlv("70", compressed) + tlv("71", b"\1") + tlv("FE", b""))
    for status in (b"\x61\xff", b"\x6c\x14", b"\x67\x00", b"\x90\x00"):
        seeds.add("channel", b"\2\1\x0a\1\0" + records([status]))
        seeds.add("channel", b"\1\0\5\1\0" + records([bytes(200) + status, b"\x90\x00"]))
    seeds.add("fascn", b"TW20260000012345")
    seeds.add("timing", (ROOT / "hw-sim/timing/realistic.toml").read_bytes())
    seeds.add("faults", FAULTS)
    seeds.add("pin_pad", bytes.fromhex("06044233000107044233000212044233001200000000")[:18])
    seeds.add("pin_pad", bytes.fromhex("01021002" "020402420400" "0a0108"))
    seeds.add("vpcd_link", b"\0\5\1\2")
    seeds.add("vpcd_link", records([bytes(40_000)]))
    add_client_lies(seeds)


def add_signed_messages(seeds, work):
    """CMS of openssl and of NSS's cmsutil under a published key, attached and detached."""
    def run(*command):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=work)

    (work / "signer.der").write_bytes(bytes.fromhex(PUBLISHED_KEY))
    (work / "content").write_bytes(b"I hereby agree.")
    run("openssl", "pkey", "-inform", "DER", "-in", "signer.der", "-out", "signer.key")
    for name in ("signer", "other"):
        run("openssl", "req", "-x509", "-key", "signer.key", "-subj", f"/CN={name}", "-days", "3650", "-out", f"{name}.pem")
    sign = ["openssl", "cms", "-sign", "-binary", "-in", "content", "-signer", "signer.pem", "-inkey", "signer.key",
            "-out", "message"]
    for options in (["-nodetach"], [], ["-noattr"], ["-nodetach", "-noattr"], ["-nodetach", "-keyid", "-cades"],
                    ["-nodetach", "-nocerts"], ["-stream", "-indef", "-nodetach"], ["-nodetach", "-md", "sha1"],
                    ["-nodetach", "-md", "sha384", "-econtent_type", "1.2.3.4"],
                    ["-nodetach", "-signer", "other.pem", "-inkey", "signer.key"]):
        run(*sign, "-outform", "DER", *options)
        seeds.add("trust_signed_message", (work / "message").read_bytes())
    run(*sign, "-outform", "PEM", "-nodetach")
    seeds.add("trust_signed_message", (work / "message").read_bytes())
    run("openssl", "crl2pkcs7", "-nocrl", "-certfile", "signer.pem", "-outform", "DER", "-out", "message")
    seeds.add("trust_signed_message", (work / "message").read_bytes())
    run("openssl", "pkcs12", "-export", "-in", "signer.pem", "-inkey", "signer.key", "-name", "signer", "-passout",
        "pass:", "-out", "signer.p12")
    (work / "nss").mkdir()
    run("certutil", "-N", "-d", "sql:nss", "--empty-password")
    run("certutil", "-A", "-d", "sql:nss", "-n", "anchor", "-t", "CT,CT,CT", "-i", "signer.pem")
    run("pk12util", "-i", "signer.p12", "-d", "sql:nss", "-W", "")
    for options in (["-G"], ["-G", "-T"]):
        run("cmsutil", "-S", "-d", "sql:nss", "-N", "anchor", "-H", "SHA256", *options, "-i", "content", "-o", "message")
        seeds.add("trust_signed_message", (work / "message").read_bytes())


def cache_body(folder):
    """A cache file without version and digest, which the target puts around it."""
    body = tlv("80", b"G" * 16) + tlv("81", b"TW20260000012341") + tlv("82", b"2031-11-30")
    for tag, name in (("9C", "signature"), ("9D", "key-management"), ("9E", "card-authentication")):
        der = subprocess.run(["openssl", "x509", "-in", folder / f"card-1/{name}.pem", "-outform", "DER"],
                             check=True, stdout=subprocess.PIPE)
        body += tlv(tag, der.stdout)
    return body


def card_file(sim, folder, *options):
    path = folder / "card.json"
    subprocess.run([sim, "create", "--force", path, *options], check=True)
    return path


def without_secrets(card):
    """The card with published keys instead of its own, for the card file's seeds."""
    card["pin"]["value"] = FACTORY_PIN.hex().upper()
    card["puk"]["value"] = b"12345678".hex().upper()
    card["management"] = {"algorithm": 3, "key": "0102030405060708" * 3}
    card["keys"] = {reference: PUBLISHED_KEY for reference in card["keys"]}
    card["objects"] = {tag: content[:64] for tag, content in card["objects"].items()}
    return json.dumps(card, indent=1).encode()


def compressed_card(sim, folder, seeds):
    """A card whose certificates are gzip, as cards with little memory have them. No program above reads its Printed Information."""
    path = card_file(sim, folder, "--state", "activated")
    card = json.loads(path.read_text())
    for tag in ("5FC10A", "5FC10B"):
        content = content_of(bytes.fromhex(card["objects"][tag]))
        der = content[4:4 + int.from_bytes(content[2:4], "big")]
        smaller = tlv("70", gzip.compress(der, mtime=0)) + tlv("71", b"\1") + tlv("FE", b"")
        card["objects"][tag] = tlv("53", smaller).hex().upper()
    seeds.add("printed_information", content_of(bytes.fromhex(card["objects"]["5FC109"])))
    path.write_text(json.dumps(card))
    return path


def run_with_card(build, work, number, options, command):
    folder = work / f"run-{number}"
    key = options[options.index("--algorithm") + 1] if "--algorithm" in options else "rsa2048"
    result = subprocess.run([ROOT / "scripts/with-card", "--build", build, "--dir", folder, *options, "--", *command],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                            env=os.environ | {"FNCARD_KEY": key})  # tests/interop/common.sh wants it
    if result.returncode != 0:
        raise SystemExit(f"{command}: {result.stdout.decode()[-2000:]}")
    return folder


def collect(arguments, work, seeds):
    sim = arguments.build / "bin/fncard-sim"
    runs = RUNS + [(["--card", compressed_card(sim, work, seeds)], COMPRESSED)]
    for number, (options, command) in enumerate(runs):
        folder = run_with_card(arguments.build, work, number, options, command)
        exchanges = list(exchanges_of(folder / "apdu-1.log"))
        add_exchanges(seeds, exchanges)
        add_objects(seeds, exchanges)
        for pem in folder.glob("card-1/*.pem"):
            der = subprocess.run(["openssl", "x509", "-in", pem, "-outform", "DER"], check=True, stdout=subprocess.PIPE)
            seeds.add("certificate", der.stdout)
            seeds.add("trust_certificate", der.stdout)
            seeds.add("trust_certificate", pem.read_bytes())
        if any(folder.glob("card-1/*.pem")):
            seeds.add("cache_file", cache_body(folder))
    for options in ([], ["--state", "activated", "--algorithm", "p256", "--extended", "no"]):
        seeds.add("card_file", without_secrets(json.loads(card_file(sim, work, *options).read_text())))
    add_made(seeds)
    add_signed_messages(seeds, work)


def minimise(fuzz, made):
    for place in sorted(made.iterdir()):
        kept = SEEDS / place.name
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        subprocess.run([fuzz / f"bin/fuzz_{place.name}", "-merge=1", "-max_len=70000", kept, place],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=made.parent)
        files = list(kept.iterdir())
        print(f"{place.name}: {len(files)} of {len(list(place.iterdir()))} inputs, "
              f"{sum(file.stat().st_size for file in files)} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/dev", help="with fncard-sim and the module")
    parser.add_argument("--fuzz", type=pathlib.Path, default=ROOT / "build/fuzz", help="with the targets")
    arguments = parser.parse_args()
    arguments.build, arguments.fuzz = arguments.build.resolve(), arguments.fuzz.resolve()
    with tempfile.TemporaryDirectory() as work:
        seeds = Seeds(pathlib.Path(work) / "seeds")
        collect(arguments, pathlib.Path(work), seeds)
        minimise(arguments.fuzz, seeds.folder)


if __name__ == "__main__":
    main()
