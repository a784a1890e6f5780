"""What travels between a log and its mirror: the bodies of `add-checkpoint` and `add-entries` (docs/protocol.md).

Shapes and status codes are those of C2SP tlog-witness and tlog-mirror. Entry packages carry no subtree proofs
(`num_hashes` is 0): the mirror recomputes the root over all entries instead, and signs only if that is the signed one.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from store_service.evidence.canonical import MAX_ENTRY_BYTES
from store_service.evidence.checkpoint import MAX_SIZE, parse_decimal
from store_service.evidence.errors import EvidenceError
from store_service.evidence.note import decode_base64
from store_service.evidence.proof import hash_lines, parse_hashes

PACKAGE = 256
"""Packages end at multiples of this, as the tiles of a C2SP log do."""


class Malformed(EvidenceError):
    """A body is not in the form of the protocol: 400."""


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The size that the log believes the mirror knows, the proof from there, and the new signed checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def body(self) -> bytes:
        """The request body."""
        return f"old {self.old}\n{hash_lines(self.proof)}\n{self.note}".encode()

    @classmethod
    def parse(cls, body: bytes) -> "AddCheckpoint":
        """The request in a body; raises EvidenceError. The note is not opened yet."""
        try:
            head, gap, note = body.decode().partition("\n\n")
        except UnicodeDecodeError as error:
            raise Malformed("the body is not UTF-8") from error
        first, *hashes = head.split("\n")
        if not gap or not first.startswith("old "):
            raise Malformed("`old <size>`, proof lines, a blank line and a checkpoint are expected")
        return cls(parse_decimal(first.removeprefix("old ")), parse_hashes(hashes), note)


@dataclass(frozen=True, slots=True)
class AddEntries:
    """Entries from `start` on, a prefix in whole packages of those up to `end`, the size of the pending checkpoint."""

    origin: str
    start: int
    end: int
    entries: tuple[bytes, ...]
    ticket: bytes = b""

    def body(self) -> bytes:
        """The request body, before any compression; raises Malformed where `entries` do not end a package."""
        parts = [_sized(self.origin.encode()), _u64(self.start), _u64(self.end), _sized(self.ticket)]
        left = list(self.entries)
        for begin, end in packages(self.start, self.end):
            if not left:
                break
            package, left = left[: end - begin], left[end - begin :]
            if len(package) != end - begin:
                raise Malformed(f"the package [{begin}, {end}) is not whole")
            parts += [*map(_sized, package), b"\0"]
        if left:
            raise Malformed("more entries than the upload has")
        return b"".join(parts)

    @classmethod
    def parse(cls, body: bytes) -> "AddEntries":
        """The request in a decompressed body; raises Malformed. A last package that was cut off is left out."""
        reader = _Reader(body)
        try:
            origin = reader.sized().decode()
            start, end, ticket = reader.number(8), reader.number(8), reader.sized()
        except (_CutOff, UnicodeDecodeError) as error:
            raise Malformed("the header of the upload is not whole") from error
        if not start <= end <= MAX_SIZE:
            raise Malformed(f"[{start}, {end}) is not a range of entries")
        entries: list[bytes] = []
        for first, after in packages(start, end):
            if reader.done():
                break
            try:
                package = [reader.sized() for _ in range(first, after)]
                hashes = reader.number(1)
            except _CutOff:
                break
            if hashes:
                raise Malformed("subtree proofs are not spoken in this version: num_hashes must be 0")
            entries += package
        else:
            if not reader.done():
                raise Malformed("bytes after the last entry")
        return cls(origin, start, end, tuple(entries), ticket)


@dataclass(frozen=True, slots=True)
class MirrorInfo:
    """The answer 202 or 409 to `add-entries`: where to go on."""

    size: int
    next_entry: int
    ticket: bytes = b""

    def body(self) -> bytes:
        """Three lines, `text/x.tlog.mirror-info`."""
        return f"{self.size}\n{self.next_entry}\n{base64.b64encode(self.ticket).decode()}\n".encode()

    @classmethod
    def parse(cls, body: bytes) -> "MirrorInfo":
        """The answer in a body; raises EvidenceError."""
        try:
            size, next_entry, ticket, end = body.decode().split("\n")
            if end:
                raise ValueError("no newline at the end")
            decoded = decode_base64(ticket)
        except ValueError as error:
            raise Malformed(f"not a mirror's answer: {error}") from error
        return cls(parse_decimal(size), parse_decimal(next_entry), decoded)


def packages(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The canonical sequence of packages of [start, end): half-open, cut at multiples of 256."""
    while start < end:
        stop = min(end, start // PACKAGE * PACKAGE + PACKAGE)
        yield start, stop
        start = stop


def whole_packages(start: int, end: int, entries: Sequence[bytes]) -> int:
    """How many of `entries`, which begin at `start`, fill whole packages of an upload to `end`."""
    have = start + len(entries)
    return have - start if have >= end else max(0, have // PACKAGE * PACKAGE - start)


class _CutOff(Exception):
    pass


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, size: int) -> bytes:
        part = self._data[self._at : self._at + size]
        if len(part) != size:
            raise _CutOff
        self._at += size
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def sized(self) -> bytes:
        return self.take(self.number(2))

    def done(self) -> bool:
        return self._at == len(self._data)


def _sized(data: bytes) -> bytes:
    if len(data) > MAX_ENTRY_BYTES:
        raise Malformed(f"{len(data)} bytes, at most {MAX_ENTRY_BYTES} fit")
    return len(data).to_bytes(2, "big") + data


def _u64(value: int) -> bytes:
    return value.to_bytes(8, "big")
