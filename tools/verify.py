#!/usr/bin/env python3
"""Check a unit's record, offline, without trusting the shop, the registrant or their software.

Wants Python 3.11, the package `cryptography`, the bottle's `.tlog-proof` and `.record` files, and a file of verifier
keys (`name+id+base64`, one a line) that you have from elsewhere: of the shop's log (type 1), and of the parties that
watch it (type 4). Exit 0: everything that is printed was checked and holds.
"""

import argparse
import base64
import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LOG, COSIGNER = 1, 4


class Failed(Exception):
    """A check does not hold; the message says which, in plain words."""


def main() -> int:
    """Run the command line; 0 when everything holds, 1 when anything does not."""
    parser = argparse.ArgumentParser(description="Check that a record stands unaltered in a shop's sealed log.")
    parser.add_argument("proof", type=Path, metavar="PROOF")
    parser.add_argument("--record", type=Path, required=True, help="the .record file, or the raw bytes of a log entry")
    parser.add_argument("--keys", type=Path, required=True, help="trusted verifier keys, one a line")
    parser.add_argument("--cosigners", type=int, help="how many must have cosigned (default: 1 if --keys names any)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    result: dict[str, Any] = {"verified": False, "checked": [], "failed": None}
    try:
        verify(given.proof.read_bytes(), given.record.read_bytes(), given.keys.read_text(), given.cosigners, result)
        result["verified"] = True
    except (Failed, OSError) as error:
        result["failed"] = str(error)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        result["failed"] = f"a file is not in the form it should have: {error}"
    if given.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        for line in result["checked"]:
            print(f"  holds   {line}")
        print(f"  FAILS   {result['failed']}" if result["failed"] else "VERIFIED: unaltered since it was sealed")
    return 0 if result["verified"] else 1


def verify(proof: bytes, record: bytes, keys: str, cosigners: int | None, result: dict[str, Any]) -> None:
    """Check everything, adding plain words to result["checked"]; raises Failed at the first that does not hold."""
    trusted = [read_key(line) for line in map(str.strip, keys.splitlines()) if line and not line.startswith("#")]
    checked: list[str] = result["checked"]
    entry = check_record(record, checked)
    index, hashes, text, signatures = read_proof(proof.decode())
    origin, count, root, _ = text.split("\n")  # any other number of lines is no checkpoint of ours
    size = number(count)
    result |= {"origin": origin, "index": index, "size": size}

    place = strict_json(entry).get("idx", index)
    if place != index:
        raise Failed(f"the entry calls itself number {place}, the proof says {index}")
    if climb(hashlib.sha256(b"\x00" + entry).digest(), index, size, hashes) != unbase64(root):
        raise Failed(f"the entry is not number {index} of the sealed log: it, or the proof, has been altered")
    checked.append(f"the entry is number {index} of the {size} entries that the log's root covers")

    if not [key for key in trusted if key[:2] == (origin, LOG) and signed(key, text, signatures)]:
        raise Failed(f"no trusted key has signed for the log {origin}")
    checked.append(f"the log {origin} signed that root")

    watchers = [key for key in trusted if key[1] == COSIGNER]
    names = {key[0]: time for key in watchers for time in signed(key, text, signatures)}
    wanted = min(1, len(watchers)) if cosigners is None else cosigners
    for name, time in names.items():
        checked.append(f"{name} cosigned it at {time}: this and everything before it was fixed by then")
    if len(names) < wanted:
        raise Failed(f"{len(names)} trusted parties have cosigned, {wanted} wanted; a fresh entry may need a while")
    if not names:
        checked.append("nobody but the shop itself vouches for the log yet: it could still have been rewritten")
    result["cosigned"] = names


def check_record(data: bytes, checked: list[str]) -> bytes:
    """The entry's bytes; for a .record file also checks that the record is the one that the entry sealed."""
    file = strict_json(data)
    if set(file) != {"entry", "record"}:
        return data
    entry = unbase64(file["entry"])
    event = strict_json(entry)
    if event.get("type") != "unit.released" or not isinstance(event.get("data"), dict):
        raise Failed("the entry is not the release of a unit")
    if hashlib.sha256(canonical(file["record"])).hexdigest() != event["data"].get("public_sha256"):
        raise Failed("the record is not the one that was sealed when the unit was released: it has been altered")
    checked.append("the record is, to the byte, the one sealed when the unit was released")
    return entry


def strict_json(data: bytes) -> dict[str, Any]:
    """A JSON object without repeated names, which two readers might read differently; nothing if it is none."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(found := dict(pairs)) != len(pairs):
            raise ValueError("a name is given twice")
        return found

    return json.loads(data.decode(), object_pairs_hook=once) if data.lstrip().startswith(b"{") else {}


def canonical(value: Any) -> bytes:
    """RFC 8785 for strings, integers, booleans, null, lists and objects with ASCII names."""
    if isinstance(value, dict):
        if not all(name.isascii() for name in value):
            raise ValueError("a name is not ASCII")
        return b"{" + b",".join(canonical(name) + b":" + canonical(value[name]) for name in sorted(value)) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(canonical, value)) + b"]"
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= 2**53):
        raise ValueError(f"{value} is not a plain integer")
    return json.dumps(value, ensure_ascii=False).encode()


def read_proof(proof: str) -> tuple[int, list[bytes], str, list[tuple[str, bytes]]]:
    """Index, sibling hashes, checkpoint text, and (name, key id + signature) of every signature line."""
    head, _, note = proof.partition("\n\n")
    first, *lines = head.split("\n")
    if first != "c2sp.org/tlog-proof@v1" or not lines:
        raise Failed("the proof file is not a c2sp.org/tlog-proof@v1")
    hashes = [unbase64(line) for line in lines[1:]]
    body, _, signed_by = note.rpartition("\n\n")
    rows = [line.split(" ") for line in signed_by.removesuffix("\n").split("\n")]
    if any(len(row) != 3 or row[0] != "—" for row in rows):
        raise Failed("a signature line is damaged")
    signatures = [(name, unbase64(signature)) for _, name, signature in rows]
    return number(lines[0].removeprefix("index ")), hashes, body + "\n", signatures


def climb(found: bytes, index: int, size: int, hashes: list[bytes]) -> bytes | None:
    """The root that the siblings lead to from a leaf hash (RFC 9162 §2.1.3.2), or None if they cannot fit."""
    place, last = index, size - 1
    for sibling in hashes:
        if not 0 <= place <= last or last == 0 or len(sibling) != 32:
            return None
        if place % 2 or place == last:
            found = hashlib.sha256(b"\x01" + sibling + found).digest()
            while place and not place % 2:
                place, last = place // 2, last // 2
        else:
            found = hashlib.sha256(b"\x01" + found + sibling).digest()
        place, last = place // 2, last // 2
    return found if place == last == 0 else None


def unbase64(text: str) -> bytes:
    """The bytes of their one base64 spelling (Python forgives others)."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError(f"{text!r} is not canonical base64")
    return data


def number(text: str) -> int:
    """A plain decimal without leading zeroes."""
    if str(int(text)) != text:
        raise ValueError(f"{text!r} is not a plain number")
    return int(text)


def read_key(line: str) -> tuple[str, int, bytes, bytes]:
    """Name, type, key id and public key of a verifier key (C2SP signed-note)."""
    name, key_id, material = line.split("+", 2)
    data = unbase64(material)
    if hashlib.sha256(name.encode() + b"\n" + data).digest()[:4].hex() != key_id:
        raise Failed(f"the verifier key of {name} is damaged")
    return name, data[0], bytes.fromhex(key_id), data[1:]


def signed(key: tuple[str, int, bytes, bytes], text: str, signatures: list[tuple[str, bytes]]) -> list[str]:
    """The times (empty for a log) of this key's signatures over the text; a wrong one raises Failed."""
    name, kind, key_id, public = key
    times = []
    for by, data in signatures:
        if (by, data[:4]) == (name, key_id):
            time, signature = (int.from_bytes(data[4:12], "big"), data[12:]) if kind == COSIGNER else (0, data[4:])
            message = f"cosignature/v1\ntime {time}\n{text}" if kind == COSIGNER else text
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(signature, message.encode())
            except InvalidSignature as error:
                raise Failed(f"the signature of {name} is wrong") from error
            times.append(datetime.fromtimestamp(time, UTC).isoformat() if kind == COSIGNER else "")
    return times


if __name__ == "__main__":
    sys.exit(main())
