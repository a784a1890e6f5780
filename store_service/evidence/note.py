"""Signed notes (C2SP signed-note): text, a blank line, signature lines."""

import base64
import binascii
import re
from dataclasses import dataclass

from store_service.evidence.errors import NoteRefused

MAX_NOTE_BYTES = 65_535
MAX_SIGNATURES = 32
"""The specification asks for at least 16; a limit keeps a stranger from making us parse for ever."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: `payload` is what follows the 4-byte key id."""

    name: str
    key_id: bytes
    payload: bytes

    def line(self) -> str:
        """The line with its newline."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.payload).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signature lines, none of them checked yet; the text ends in a newline."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(signature.line() for signature in self.signatures)

    def add(self, *signatures: Signature) -> "Note":
        """The note with more signatures, each kept once."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *signatures))))


def parse_note(note: str) -> Note:
    """Split a note; raises NoteRefused unless it is one, to the byte."""
    try:
        size = len(note.encode())
    except UnicodeEncodeError as error:
        raise NoteRefused("a signed note is UTF-8") from error
    if size > MAX_NOTE_BYTES:
        raise NoteRefused(f"a signed note of more than {MAX_NOTE_BYTES} bytes")
    if _CONTROL.search(note):
        raise NoteRefused("a control character in a signed note")
    body, gap, lines = note.rpartition("\n\n")
    if not gap:
        raise NoteRefused("no blank line before the signatures")
    return Note(body + "\n", parse_signatures(lines))


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """One or more signature lines, as a cosigner answers them."""
    if not lines.endswith("\n"):
        raise NoteRefused("the last signature line has no newline")
    rows = lines[:-1].split("\n")
    if len(rows) > MAX_SIGNATURES:
        raise NoteRefused(f"more than {MAX_SIGNATURES} signatures")
    return tuple(_parse_line(row) for row in rows)


def is_key_name(name: str) -> bool:
    """Whether a key may be called so: not empty, no white space, no plus, no control character."""
    return bool(name) and name.isprintable() and "+" not in name and not any(letter.isspace() for letter in name)


def decode_base64(text: str) -> bytes:
    """Standard base64 in its one canonical spelling; raises ValueError otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    # Python forgives stray bits in the last letter; two spellings of one signature would be two files.
    if base64.b64encode(data).decode() != text:
        raise ValueError("not the canonical spelling of its bytes")
    return data


def _parse_line(row: str) -> Signature:
    dash, _, rest = row.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—" or not is_key_name(name):
        raise NoteRefused(f"not a signature line: {row[:80]!r}")
    try:
        data = decode_base64(encoded)
    except ValueError as error:
        raise NoteRefused(f"the signature of {name} is not base64: {error}") from error
    if len(data) < 5:
        raise NoteRefused(f"the signature of {name} is too short")
    return Signature(name, data[:4], data[4:])
