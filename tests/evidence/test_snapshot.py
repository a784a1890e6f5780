"""Signed snapshots: exact bytes, and what is refused."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from store_service.evidence.canonical import canonical, sha256_hex
from store_service.evidence.checkpoint import Checkpoint
from store_service.evidence.errors import NoteRefused
from store_service.evidence.keys import SigningKey
from store_service.evidence.merkle import Head
from store_service.evidence.note import parse_note
from store_service.evidence.snapshot import Snapshot, sign_snapshot, verify_snapshot

KEY = SigningKey.from_seed("qa.registrant.example/snapshots", b"\x04" * 32)
FROM, TO = datetime(2026, 11, 22, 0, tzinfo=UTC), datetime(2026, 11, 29, 0, tzinfo=UTC)
PAYLOAD = canonical({"kind": "lots", "site": "SH0042", "version": 7, "items": []})
NOTE = sign_snapshot(PAYLOAD, "lots", 7, FROM, TO, KEY)


def test_the_signed_bytes() -> None:
    text = (
        "snapshot/v1\nlots\n7\n2026-11-22T00:00:00Z\n2026-11-29T00:00:00Z\n"
        "68b038238b81a7f8e7a1baea388fde636b47a1d4247cc1240f671c78c9295817\n"
    )
    assert parse_note(NOTE).text == text
    assert NOTE.endswith("=\n")


def test_a_snapshot_verifies() -> None:
    snapshot, signer = verify_snapshot(NOTE, PAYLOAD, [KEY.verifier])
    assert snapshot == Snapshot("lots", 7, FROM, TO, sha256_hex(PAYLOAD))
    assert signer == KEY.verifier


def test_another_payload_another_key_and_another_text_are_refused() -> None:
    stranger = SigningKey.from_seed(KEY.name, b"\x05" * 32)
    for note, payload, keys in (
        (NOTE, PAYLOAD + b" ", [KEY.verifier]),
        (NOTE, PAYLOAD, [stranger.verifier]),
        (NOTE, PAYLOAD, []),
        (NOTE.replace("\n7\n", "\n8\n"), PAYLOAD, [KEY.verifier]),
        (NOTE.replace("11-29", "12-29"), PAYLOAD, [KEY.verifier]),
    ):
        with pytest.raises(NoteRefused):
            verify_snapshot(note, payload, keys)


def test_a_checkpoint_is_no_snapshot_and_a_snapshot_no_checkpoint() -> None:
    checkpoint = Checkpoint.of(KEY.name, Head.empty()).sign(KEY)
    with pytest.raises(NoteRefused, match="not a snapshot/v1"):
        verify_snapshot(checkpoint, PAYLOAD, [KEY.verifier])
    with pytest.raises(NoteRefused, match="three lines"):
        Checkpoint.parse(parse_note(NOTE).text)


@pytest.mark.parametrize(
    ("kind", "version", "begin", "end"),
    [
        ("", 1, FROM, TO),
        ("Lots", 1, FROM, TO),
        ("a\nb", 1, FROM, TO),
        ("lots", 0, FROM, TO),
        ("lots", 1, TO, TO),
        ("lots", 1, FROM.replace(tzinfo=None), TO),
        ("lots", 1, FROM.replace(microsecond=1), TO),
        ("lots", 1, FROM.astimezone(timezone(timedelta(hours=8))), TO),
    ],
)
def test_headers_that_cannot_be_signed(kind: str, version: int, begin: datetime, end: datetime) -> None:
    with pytest.raises(NoteRefused):
        sign_snapshot(PAYLOAD, kind, version, begin, end, KEY)


@pytest.mark.parametrize(
    ("old", "new"),
    [("v1", "v2"), ("\n7\n", "\n07\n"), ("T00:00:00Z", "T0:00:00Z"), ("Z\n", "\n"), ("lots\n", "lots\n\n")],
)
def test_other_spellings_of_a_header_are_refused(old: str, new: str) -> None:
    with pytest.raises(NoteRefused):
        Snapshot.parse(parse_note(NOTE).text.replace(old, new, 1))


def test_the_example_of_the_protocol_is_true() -> None:
    document = Path("docs/protocol.md").read_text()
    begin = document.index("snapshot/v1\nlots\n7\n")
    note = document[begin : document.index("```", begin)]
    snapshot, _signer = verify_snapshot(note, b'{"lots":[]}', [KEY.verifier])
    assert (snapshot.kind, snapshot.version, snapshot.valid_from, snapshot.valid_to) == ("lots", 7, FROM, TO)
