"""Signed snapshots: how head office's facts reach a shop, each whole, versioned and valid for a time.

The envelope is a signed note (type 0x01, a key used for nothing else) over the six lines

    snapshot/v1 · kind · version · valid_from · valid_to · SHA-256 of the payload in hexadecimal

Its first line keeps it apart from every other note. Validity is half-open, in RFC 3339 UTC seconds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from store_service.evidence.canonical import sha256_hex
from store_service.evidence.checkpoint import parse_decimal
from store_service.evidence.errors import NoteRefused
from store_service.evidence.keys import KeyType, SigningKey, VerifierKey
from store_service.evidence.note import Note, parse_note

SNAPSHOT_V1 = "snapshot/v1"
_KIND = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is signed about a payload; `version` rises by at least 1 with every issue of a kind."""

    kind: str
    version: int
    valid_from: datetime
    valid_to: datetime
    sha256: str

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind) or self.version < 1:
            raise NoteRefused(f"{self.kind!r} version {self.version} does not name a snapshot")
        for instant in (self.valid_from, self.valid_to):
            if instant.utcoffset() != timedelta(0) or instant.microsecond:
                raise NoteRefused(f"{instant.isoformat()} is not a whole UTC second")
        if self.valid_to <= self.valid_from:
            raise NoteRefused("a snapshot must be valid for some time")

    def text(self) -> str:
        """The six lines that are signed."""
        return (
            f"{SNAPSHOT_V1}\n{self.kind}\n{self.version}\n{self.valid_from.strftime(_INSTANT)}\n"
            f"{self.valid_to.strftime(_INSTANT)}\n{self.sha256}\n"
        )

    @classmethod
    def parse(cls, text: str) -> "Snapshot":
        """The header of a note text; raises NoteRefused."""
        lines = text.split("\n")
        if len(lines) != 7 or lines[0] != SNAPSHOT_V1:
            raise NoteRefused("not a snapshot/v1")
        try:
            begin, end = (datetime.strptime(line, _INSTANT).replace(tzinfo=UTC) for line in lines[3:5])
        except ValueError as error:
            raise NoteRefused(f"not an instant: {error}") from error
        snapshot = cls(lines[1], parse_decimal(lines[2]), begin, end, lines[5])
        if snapshot.text() != text:
            raise NoteRefused("the snapshot's header is not spelled canonically")
        return snapshot


def sign_snapshot(
    payload: bytes, kind: str, version: int, valid_from: datetime, valid_to: datetime, key: SigningKey
) -> str:
    """The signed note that vouches for `payload`, valid in [valid_from, valid_to)."""
    text = Snapshot(kind, version, valid_from, valid_to, sha256_hex(payload)).text()
    return str(Note(text, (key.sign(text),)))


def verify_snapshot(note: str, payload: bytes, keys: Sequence[VerifierKey]) -> tuple[Snapshot, VerifierKey]:
    """The header and the key that signed it; raises NoteRefused unless a known key vouches for exactly `payload`.

    Whether the snapshot is valid now, and newer than the last one, is the caller's to judge: there is no clock here.
    """
    parsed = parse_note(note)
    snapshot = Snapshot.parse(parsed.text)
    signer = vouched(parsed, keys)
    if snapshot.sha256 != sha256_hex(payload):
        raise NoteRefused("the payload is not the one that was signed")
    return snapshot, signer


def vouched(note: Note, keys: Sequence[VerifierKey]) -> VerifierKey:
    """The known Ed25519 key that signed a note; raises NoteRefused without one, or when a known key's line is wrong."""
    signer: VerifierKey | None = None
    for signature in note.signatures:
        for key in keys:
            if key.kind is KeyType.ED25519 and key.made(signature):
                if not key.verify(note.text.encode(), signature.payload):
                    raise NoteRefused(f"the signature of {key.name} is wrong")
                signer = signer or key
    if signer is None:
        raise NoteRefused("no known key has signed this note")
    return signer
