"""Checkpoints (C2SP tlog-checkpoint) and cosignatures (C2SP tlog-cosignature, Ed25519)."""

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from store_service.evidence.errors import NoteRefused
from store_service.evidence.keys import Cosigner, KeyType, SigningKey, VerifierKey
from store_service.evidence.merkle import HASH_BYTES, Head
from store_service.evidence.note import Note, Signature, decode_base64, is_key_name, parse_note, parse_signatures

MAX_SIZE = 2**63 - 1
_TIME_BYTES = 8
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself: its origin (= its key's name), its size, its 32-byte root."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def of(cls, origin: str, head: Head) -> "Checkpoint":
        """The checkpoint of a head."""
        return cls(origin, head.size, head.root())

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """The checkpoint of a note text; raises NoteRefused for anything but exactly three lines.

        Extension lines are refused: cosigners do not vouch for them, so nobody could audit them.
        """
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:
            raise NoteRefused("a checkpoint has exactly three lines")
        origin, size, encoded = lines[:3]
        if not is_key_name(origin):
            raise NoteRefused(f"{origin!r} cannot be the origin of a log")
        try:
            root = decode_base64(encoded)
        except ValueError as error:
            raise NoteRefused(f"the root is not base64: {error}") from error
        if len(root) != HASH_BYTES:
            raise NoteRefused(f"the root has {len(root)} bytes, not {HASH_BYTES}")
        return cls(origin, parse_decimal(size), root)

    def sign(self, key: SigningKey) -> str:
        """The signed note; the origin must be the key's name."""
        if key.name != self.origin:
            raise NoteRefused(f"the key of {key.name} does not speak for the log {self.origin}")
        return str(Note(self.text(), (key.sign(self.text()),)))


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified cosignature: who stood by the checkpoint, and since when (Unix seconds)."""

    key: VerifierKey
    time: int


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint whose log signature holds, with the cosignatures by known keys that hold too."""

    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...]
    note: Note


def open_checkpoint(
    note: str, log_keys: Sequence[VerifierKey], cosigners: Iterable[VerifierKey] = ()
) -> SignedCheckpoint:
    """Verify a signed checkpoint.

    `log_keys` are the trusted keys of logs (during a rotation an origin has two). Signatures by unknown keys are
    ignored; a known key's signature that does not verify, or no log signature at all, raises NoteRefused.
    """
    parsed = parse_note(note)
    checkpoint = Checkpoint.parse(parsed.text)
    trusted = [key for key in log_keys if key.name == checkpoint.origin and key.kind is KeyType.ED25519]
    signed = False
    for signature in parsed.signatures:
        for key in trusted:
            if key.made(signature):
                if not key.verify(parsed.text.encode(), signature.payload):
                    raise NoteRefused(f"the signature of {key.name} is wrong")
                signed = True
    if not signed:
        raise NoteRefused(f"the log {checkpoint.origin} has not signed this checkpoint with a known key")
    return SignedCheckpoint(checkpoint, verify_cosignatures(parsed.text, parsed.signatures, cosigners), parsed)


def cosign(note: str, key: Cosigner, unix_time: int) -> str:
    """The cosignature line, with its newline, over a checkpoint note (its text; its signatures are not looked at).

    The caller has checked the log's signature and consistency, and has stored what the cosignature will say.
    """
    text = parse_note(note).text
    Checkpoint.parse(text)
    if not 0 < unix_time <= MAX_SIZE:
        raise NoteRefused(f"{unix_time} is not a time")
    signed = key.private.sign(_cosigned_message(text, unix_time))
    return Signature(key.name, key.verifier.key_id, unix_time.to_bytes(_TIME_BYTES, "big") + signed).line()


def add_cosignatures(note: str, lines: str, cosigners: Iterable[VerifierKey]) -> SignedCheckpoint | None:
    """The note with those answered lines that a known cosigner made; None if there is none; a wrong one raises.

    The log's own signature is taken as checked: this is the log reading a cosigner's answer.
    """
    parsed, keys = parse_note(note), tuple(cosigners)
    answered = [signature for signature in parse_signatures(lines) if any(key.made(signature) for key in keys)]
    cosignatures = verify_cosignatures(parsed.text, answered, keys)
    if not cosignatures:
        return None
    return SignedCheckpoint(Checkpoint.parse(parsed.text), cosignatures, parsed.add(*answered))


def verify_cosignatures(
    text: str, signatures: Iterable[Signature], cosigners: Iterable[VerifierKey]
) -> tuple[Cosignature, ...]:
    """The cosignatures by known keys over a checkpoint text; raises NoteRefused if one of them is wrong."""
    keys = [key for key in cosigners if key.kind is KeyType.COSIGNATURE]
    found: list[Cosignature] = []
    for signature in signatures:
        for key in keys:
            if key.made(signature):
                time = int.from_bytes(signature.payload[:_TIME_BYTES], "big")
                if not key.verify(_cosigned_message(text, time), signature.payload[_TIME_BYTES:]):
                    raise NoteRefused(f"the cosignature of {key.name} is wrong")
                found.append(Cosignature(key, time))
    return tuple(found)


def parse_decimal(text: str) -> int:
    """An ASCII decimal without leading zeroes, up to 2^63 - 1; raises NoteRefused."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise NoteRefused(f"{text[:40]!r} is not a decimal number")
    return int(text)


def _cosigned_message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
