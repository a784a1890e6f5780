"""Head office's signed answers: exact bytes, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from store_service.evidence.errors import NoteRefused
from store_service.evidence.keys import SigningKey
from store_service.evidence.note import parse_note
from store_service.evidence.second import Answer, sign_answer, verify_answer
from store_service.evidence.snapshot import sign_snapshot, verify_snapshot

KEY = SigningKey.from_seed("qa.registrant.example/snapshots", b"\x04" * 32)
NO = Answer(
    origin="sh0042.registrant.example/log",
    asked_idx=85,
    asked_sha256="794c60c91c36d1e3232ede5c4b0a9c09cc7f038cf87bd78f2418c9a209d626cb",
    rule="R-PPL-07",
    subject="u-ncjk0x29w71pay5k",
    agreed=False,
    by="hq-01",
    reason="净重与记录不符",
    at=datetime(2026, 11, 22, 19, 18, 31, tzinfo=UTC),
)
YES = replace(NO, agreed=True, reason="")
TEXT = (
    "second/v1\nsh0042.registrant.example/log\n85\n"
    "794c60c91c36d1e3232ede5c4b0a9c09cc7f038cf87bd78f2418c9a209d626cb\n"
    "R-PPL-07\nu-ncjk0x29w71pay5k\ndeclined\nhq-01\n净重与记录不符\n2026-11-22T19:18:31Z\n"
)
NOTE = sign_answer(NO, KEY)


def test_the_signed_bytes() -> None:
    assert parse_note(NOTE).text == TEXT
    assert NOTE == TEXT + (
        "\n— qa.registrant.example/snapshots "
        "hTarzkDHRT575ajxRvjyiwAoCntx4K8SBucVNjtLKLJOPqvgtvJBuiyhII7n1Kpm5MLyd9P+p0ZMhrD8CO1pvjFxGw0=\n"
    )


def test_the_protocol_shows_these_bytes() -> None:
    protocol = Path(__file__).parents[2] / "docs" / "protocol.md"
    assert f"```\n{NOTE}```" in protocol.read_text("utf-8")


@pytest.mark.parametrize("answer", [YES, NO, replace(YES, subject="shift 2026-11-22"), replace(NO, asked_idx=0)])
def test_an_answer_verifies(answer: Answer) -> None:
    assert verify_answer(sign_answer(answer, KEY), [KEY.verifier]) == (answer, KEY.verifier)


@pytest.mark.parametrize(
    ("was", "now"),
    [("declined", "signed"), ("hq-01", "hq-02"), ("\n85\n", "\n86\n"), ("\n85\n", "\n085\n"), ("794c", "894c"),
     ("R-PPL-07", "R-PPL-08"), ("sh0042", "sh0043"), ("19:18", "19:19"), ("second/v1", "second/v2"),
     ("declined", "perhaps"), ("794c", "794C"), ("T19:18:31Z", " 19:18:31")],
)  # fmt: skip
def test_another_text_is_refused(was: str, now: str) -> None:
    assert was in NOTE
    with pytest.raises(NoteRefused):
        verify_answer(NOTE.replace(was, now), [KEY.verifier])


@pytest.mark.parametrize(
    "wrong",
    [{"reason": "two\nlines"}, {"subject": ""}, {"by": "a\tb"}, {"asked_sha256": "00"}, {"rule": ""},
     {"at": datetime(2026, 11, 22)}, {"at": datetime(2026, 11, 22, 1, 2, 3, 4, tzinfo=UTC)}],
)  # fmt: skip
def test_what_is_no_answer_is_not_made(wrong: dict[str, object]) -> None:
    with pytest.raises(NoteRefused):
        replace(NO, **wrong)  # type: ignore[arg-type]


def test_another_key_is_refused() -> None:
    stranger = SigningKey.from_seed(KEY.name, b"\x05" * 32)
    for keys in ([stranger.verifier], []):
        with pytest.raises(NoteRefused):
            verify_answer(NOTE, keys)


def test_an_answer_is_no_snapshot_and_a_snapshot_no_answer() -> None:
    snapshot = sign_snapshot(b"{}", "lots", 1, NO.at, NO.at.replace(year=2027), KEY)
    with pytest.raises(NoteRefused, match="not a second/v1"):
        verify_answer(snapshot, [KEY.verifier])
    with pytest.raises(NoteRefused, match="not a snapshot/v1"):
        verify_snapshot(NOTE, b"{}", [KEY.verifier])
