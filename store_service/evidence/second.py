"""Head office's signed answer to one request for a second person (protocol §5).

A signed note by the key that signs snapshots, over the ten lines

    second/v1 · log origin · index of the asking entry · its leaf hash in hexadecimal · rule · subject ·
    signed or declined · person · reason (an empty line if there is none) · when, RFC 3339 UTC seconds

The first line keeps it apart from every other note; origin, index and leaf tie it to one request of one shop.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from store_service.evidence.checkpoint import parse_decimal
from store_service.evidence.errors import NoteRefused
from store_service.evidence.keys import SigningKey, VerifierKey
from store_service.evidence.note import Note, parse_note
from store_service.evidence.snapshot import vouched

SECOND_V1 = "second/v1"
SIGNED, DECLINED = "signed", "declined"
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Answer:
    """`asked_idx` and `asked_sha256` (leaf hash, hexadecimal) name the request in the log `origin`; `by` is the person
    at head office, `at` a whole UTC second."""

    origin: str
    asked_idx: int
    asked_sha256: str
    rule: str
    subject: str
    agreed: bool
    by: str
    reason: str
    at: datetime

    def __post_init__(self) -> None:
        if not _DIGEST.fullmatch(self.asked_sha256):
            raise NoteRefused("an answer names the leaf that it answers")
        named = (self.origin, self.rule, self.subject, self.by)
        if not all(named) or not all(one.isprintable() for one in (*named, self.reason)):
            raise NoteRefused("a line of an answer is printable text")
        if self.at.utcoffset() != timedelta(0) or self.at.microsecond:
            raise NoteRefused(f"{self.at.isoformat()} is not a whole UTC second")

    def text(self) -> str:
        """The ten lines that are signed."""
        decision = SIGNED if self.agreed else DECLINED
        lines = (
            SECOND_V1, self.origin, str(self.asked_idx), self.asked_sha256, self.rule, self.subject, decision, self.by,
            self.reason, self.at.strftime(_INSTANT),
        )  # fmt: skip
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> "Answer":
        """An answer out of a note's text; raises NoteRefused."""
        lines = text.split("\n")
        if len(lines) != 11 or lines[0] != SECOND_V1:
            raise NoteRefused("not a second/v1")
        _, origin, idx, digest, rule, subject, decision, by, reason, at, _ = lines
        try:
            when = datetime.strptime(at, _INSTANT).replace(tzinfo=UTC)
        except ValueError as error:
            raise NoteRefused(f"not an instant: {error}") from error
        answer = cls(origin, parse_decimal(idx), digest, rule, subject, decision == SIGNED, by, reason, when)
        if answer.text() != text:
            raise NoteRefused("the answer is not spelled canonically")
        return answer


def sign_answer(answer: Answer, key: SigningKey) -> str:
    """The signed note."""
    text = answer.text()
    return str(Note(text, (key.sign(text),)))


def verify_answer(note: str, keys: Sequence[VerifierKey]) -> tuple[Answer, VerifierKey]:
    """The answer and the key that signed it; raises NoteRefused. Whether it was asked is the caller's to judge."""
    parsed = parse_note(note)
    return Answer.parse(parsed.text), vouched(parsed, keys)
