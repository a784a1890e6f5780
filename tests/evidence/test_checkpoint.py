"""Notes, checkpoints and cosignatures: the published vector, and every way to tamper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.evidence.checkpoint import (
    Checkpoint,
    add_cosignatures,
    cosign,
    open_checkpoint,
    verify_cosignatures,
)
from store_service.evidence.errors import EvidenceError, NoteRefused
from store_service.evidence.keys import Cosigner, SigningKey, VerifierKey
from store_service.evidence.merkle import Head, leaf_hash, rebuild
from store_service.evidence.note import MAX_SIGNATURES, Note, Signature, parse_note, parse_signatures
from tests.evidence.samples import COSIGNED_AT, LOG, MIRROR, ORIGIN

HEAD = rebuild(leaf_hash(b"entry %d" % i) for i in range(5))
NOTE = Checkpoint.of(ORIGIN, HEAD).sign(LOG)
COSIGNED = NOTE + cosign(NOTE, MIRROR, COSIGNED_AT)
OTHER = Cosigner.from_seed("outsider.example/w1", b"\x03" * 32)

PETER_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER_NOTE = (
    PETER_TEXT + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6"
    "RyyBwJnAM=\n"
)
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
"""The example of the signed-note format's first implementation, golang.org/x/mod/sumdb/note."""


def test_the_published_note_verifies() -> None:
    note, key = parse_note(PETER_NOTE), VerifierKey.parse(PETER_KEY)
    assert note.text == PETER_TEXT
    assert str(note) == PETER_NOTE
    assert key.made(note.signatures[0])
    assert key.verify(note.text.encode(), note.signatures[0].payload)


def test_a_checkpoint_opens_with_its_cosignature() -> None:
    opened = open_checkpoint(COSIGNED, [LOG.verifier], [MIRROR.verifier, OTHER.verifier])
    assert opened.checkpoint == Checkpoint(ORIGIN, 5, HEAD.root())
    assert [(one.key, one.time) for one in opened.cosignatures] == [(MIRROR.verifier, COSIGNED_AT)]
    assert str(opened.note) == COSIGNED


def test_signatures_by_unknown_keys_are_ignored() -> None:
    foreign = COSIGNED + cosign(NOTE, OTHER, 5) + Signature("pq.example/m1", b"abcd", b"\0" * 2_428).line()
    opened = open_checkpoint(foreign, [LOG.verifier], [MIRROR.verifier])
    assert [one.key for one in opened.cosignatures] == [MIRROR.verifier]
    assert open_checkpoint(COSIGNED, [LOG.verifier]).cosignatures == ()


def test_several_cosigners_count_each() -> None:
    note = COSIGNED + cosign(NOTE, OTHER, COSIGNED_AT + 1)
    opened = open_checkpoint(note, [LOG.verifier], [MIRROR.verifier, OTHER.verifier])
    assert [one.time for one in opened.cosignatures] == [COSIGNED_AT, COSIGNED_AT + 1]


def test_either_key_of_a_rotation_opens_the_checkpoint() -> None:
    new = SigningKey.from_seed(ORIGIN, b"\x09" * 32)
    both = str(parse_note(NOTE).add(new.sign(Checkpoint.of(ORIGIN, HEAD).text())))
    for keys in ([LOG.verifier], [new.verifier], [new.verifier, LOG.verifier]):
        assert open_checkpoint(both, keys).checkpoint.size == 5


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [SigningKey.from_seed(ORIGIN, b"\x05" * 32).verifier],
        [SigningKey.from_seed("trace.registrant.example/store/SH0043", b"\x01" * 32).verifier],
        [Cosigner.from_seed(ORIGIN, b"\x01" * 32).verifier],
    ],
)
def test_without_a_known_log_signature_there_is_no_checkpoint(keys: list[VerifierKey]) -> None:
    with pytest.raises(NoteRefused, match="known key"):
        open_checkpoint(NOTE, keys)


@given(st.integers(0, 8 * len(COSIGNED.encode()) - 1))
def test_any_flipped_bit_of_a_cosigned_checkpoint_is_noticed(bit: int) -> None:
    bent = bytearray(COSIGNED.encode())
    bent[bit // 8] ^= 1 << bit % 8
    try:
        note = bytes(bent).decode()
    except UnicodeDecodeError:
        return
    try:
        opened = open_checkpoint(note, [LOG.verifier], [MIRROR.verifier])
    except EvidenceError:
        return
    # A line whose name or key id changed is by an unknown key: the log's still holds, the mirror's no longer counts.
    assert opened.checkpoint == Checkpoint(ORIGIN, 5, HEAD.root())
    assert opened.cosignatures == ()


def test_a_wrong_signature_by_a_known_key_refuses_the_whole_note() -> None:
    good = parse_note(COSIGNED)
    for wrong in (0, 1):
        signatures = list(good.signatures)
        old = signatures[wrong]
        signatures[wrong] = Signature(old.name, old.key_id, old.payload[:-1] + bytes([old.payload[-1] ^ 1]))
        with pytest.raises(NoteRefused, match="is wrong"):
            open_checkpoint(str(Note(good.text, tuple(signatures))), [LOG.verifier], [MIRROR.verifier])


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n5\n",
        f"{ORIGIN}\n05\nAAAA\n",
        f"{ORIGIN}\n-1\n" + "A" * 43 + "=\n",
        f"{ORIGIN}\n+1\n" + "A" * 43 + "=\n",
        f"{ORIGIN}\n９\n" + "A" * 43 + "=\n",
        f"{ORIGIN}\n9223372036854775808\n" + "A" * 43 + "=\n",
        f"{ORIGIN}\n5\n" + "A" * 42 + "B=\n",
        f"{ORIGIN}\n5\nAAAA\n",
        f"{ORIGIN}\n5\n{'A' * 43}=\nextension\n",
        f"two words\n5\n{'A' * 43}=\n",
        f"\n5\n{'A' * 43}=\n",
        f"a+b\n5\n{'A' * 43}=\n",
        f"{ORIGIN}\n5\n{'A' * 43}=",
    ],
)
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n\n",
        "text\n\n— name AAAAAAAA",
        "text\n\n- name AAAAAAAA\n",
        "text\n\n— name\n",
        "text\n\n— na+me AAAAAAAA\n",
        "text\n\n—  AAAAAAAA\n",
        "text\n\n— name AAAAAA==\n",
        "text\n\n— name AAAAAA=\n",
        "text\n\n— name AAAA AAAA\n",
        "text\n\n— name AAAAAAB=\n",
        "text\r\n\n— name AAAAAAAA\n",
        "te\0xt\n\n— name AAAAAAAA\n",
        "te\ud800xt\n\n— name AAAAAAAA\n",
        "text\n\n" + "— name AAAAAAAA\n" * (MAX_SIGNATURES + 1),
        "x" * 70_000 + "\n\n— name AAAAAAAA\n",
    ],
)
def test_malformed_notes_are_refused(note: str) -> None:
    with pytest.raises(NoteRefused):
        parse_note(note)


def test_a_note_text_may_hold_blank_lines() -> None:
    assert parse_note("a\n\nb\n\n— name AAAAAAAA\n").text == "a\n\nb\n"


def test_a_key_speaks_only_for_its_own_log() -> None:
    with pytest.raises(NoteRefused, match="does not speak for"):
        Checkpoint.of("trace.registrant.example/store/SH0043", HEAD).sign(LOG)


def test_a_log_adds_the_lines_of_known_cosigners() -> None:
    answer = cosign(NOTE, OTHER, 7) + cosign(NOTE, MIRROR, COSIGNED_AT)
    signed = add_cosignatures(NOTE, answer, [MIRROR.verifier])
    assert signed is not None
    assert str(signed.note) == COSIGNED
    assert [one.time for one in signed.cosignatures] == [COSIGNED_AT]
    again = add_cosignatures(str(signed.note), answer, [MIRROR.verifier])
    assert again is not None
    assert str(again.note) == COSIGNED
    assert add_cosignatures(NOTE, cosign(NOTE, OTHER, 7), [MIRROR.verifier]) is None


def test_a_cosignature_of_another_checkpoint_is_refused() -> None:
    later = Checkpoint.of(ORIGIN, HEAD.append(leaf_hash(b"entry 5"))).sign(LOG)
    with pytest.raises(NoteRefused, match="is wrong"):
        add_cosignatures(NOTE, cosign(later, MIRROR, COSIGNED_AT), [MIRROR.verifier])


def test_a_cosignature_carries_its_own_time() -> None:
    line = parse_signatures(cosign(NOTE, MIRROR, COSIGNED_AT))[0]
    later = Signature(line.name, line.key_id, (COSIGNED_AT + 1).to_bytes(8, "big") + line.payload[8:])
    with pytest.raises(NoteRefused, match="is wrong"):
        verify_cosignatures(parse_note(NOTE).text, [later], [MIRROR.verifier])


def test_only_checkpoints_are_cosigned_and_only_with_a_time() -> None:
    with pytest.raises(NoteRefused):
        cosign(PETER_NOTE, MIRROR, COSIGNED_AT)
    for time in (0, -1, 2**63):
        with pytest.raises(NoteRefused):
            cosign(NOTE, MIRROR, time)


def test_the_empty_log_can_be_signed() -> None:
    note = Checkpoint.of(ORIGIN, Head.empty()).sign(LOG)
    assert open_checkpoint(note, [LOG.verifier]).checkpoint.size == 0
