"""The bodies of the sync protocol: golden bytes, round trips, and what is malformed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.evidence.checkpoint import Checkpoint
from store_service.evidence.errors import EvidenceError
from store_service.evidence.merkle import leaf_hash, rebuild
from store_service.evidence.paths import LeafTree, consistency_proof
from store_service.evidence.wire import AddCheckpoint, AddEntries, Malformed, MirrorInfo, packages, whole_packages
from tests.evidence.samples import LOG, ORIGIN

LEAVES = [leaf_hash(b"entry %d" % i) for i in range(5)]
NOTE = Checkpoint.of(ORIGIN, rebuild(LEAVES)).sign(LOG)

GOLDEN_CHECKPOINT = (
    b"old 3\n"
    b"V8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=\n"
    b"YcoROfaBWEHVuvLQ0tm9nf7pfImN1ve6DAqpQe5sAes=\n"
    b"WkdmL9ijF9lgSaP59HxV3GfKZgUbqjaD27GbL+CaB7A=\n"
    b"SFM123z+yWXxX/dF/GJcQdXqJkaTaTAWWCj3PdS2iFQ=\n"
    b"\n"
) + NOTE.encode()
GOLDEN_ENTRIES = b"\0\x03log" + b"\0" * 7 + b"\x03" + b"\0" * 7 + b"\x05" + b"\0\0" + b"\0\x02e3" + b"\0\x02e4" + b"\0"


def test_golden_bodies() -> None:
    proof = tuple(consistency_proof(3, 5, LeafTree(LEAVES).node))
    assert AddCheckpoint(3, proof, NOTE).body() == GOLDEN_CHECKPOINT
    assert AddCheckpoint.parse(GOLDEN_CHECKPOINT) == AddCheckpoint(3, proof, NOTE)
    assert AddEntries("log", 3, 5, (b"e3", b"e4")).body() == GOLDEN_ENTRIES
    assert AddEntries.parse(GOLDEN_ENTRIES) == AddEntries("log", 3, 5, (b"e3", b"e4"))
    assert MirrorInfo(5, 3).body() == b"5\n3\n\n"
    assert MirrorInfo.parse(b"5\n3\nAQI=\n") == MirrorInfo(5, 3, b"\x01\x02")


def test_the_first_checkpoint_has_no_proof() -> None:
    request = AddCheckpoint(0, (), NOTE)
    assert request.body() == b"old 0\n\n" + NOTE.encode()
    assert AddCheckpoint.parse(request.body()) == request


def test_packages_end_at_multiples_of_256() -> None:
    assert list(packages(5, 5)) == []
    assert list(packages(0, 256)) == [(0, 256)]
    assert list(packages(250, 600)) == [(250, 256), (256, 512), (512, 600)]


@given(st.integers(0, 600), st.integers(0, 600), st.integers(0, 700))
def test_any_prefix_of_whole_packages_survives_the_round_trip(a: int, b: int, have: int) -> None:
    start, end = sorted((a, b))
    entries = tuple(b"%d" % i for i in range(start, min(end, start + have)))
    whole = whole_packages(start, end, entries)
    upload = AddEntries(ORIGIN, start, end, entries[:whole], b"ticket")
    assert AddEntries.parse(upload.body()) == upload
    if whole < len(entries):
        with pytest.raises(Malformed, match="not whole"):
            AddEntries(ORIGIN, start, end, entries).body()


@given(st.data())
def test_a_body_cut_off_keeps_its_whole_packages(data: st.DataObject) -> None:
    entries = tuple(b"%d" % i for i in range(600))
    body = AddEntries("log", 0, 600, entries).body()
    cut = data.draw(st.integers(0, len(body) - 1))
    try:
        upload = AddEntries.parse(body[:cut])
    except Malformed:
        assert cut < 2 + 3 + 8 + 8 + 2
        return
    assert len(upload.entries) in (0, 256, 512)
    assert upload.entries == entries[: len(upload.entries)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\n\n",
        b"old 3\n",
        b"old 03\n\nx",
        b"old -3\n\nx",
        b"new 3\n\nx",
        b"old 3\nAAAA\n\nx",
        b"old 3\n" + b"V8efTzGuApxdS9MLBzwnyU35NDiytGl+Hh7vW8A5SkE=\n" * 64 + b"\nx",
    ],
)
def test_malformed_checkpoint_bodies(body: bytes) -> None:
    with pytest.raises(EvidenceError):
        AddCheckpoint.parse(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        GOLDEN_ENTRIES[:10],
        GOLDEN_ENTRIES[:-1] + b"\x01" + b"\0" * 32,
        GOLDEN_ENTRIES + b"\0",
        GOLDEN_ENTRIES.replace(b"\x05", b"\x02", 1),
        b"\0\x01\xff" + GOLDEN_ENTRIES[5:],
        b"\0\x03log" + b"\0" * 8 + b"\xff" * 8 + b"\0\0",
    ],
)
def test_malformed_entry_bodies(body: bytes) -> None:
    with pytest.raises(Malformed):
        AddEntries.parse(body)


def test_what_cannot_be_sent() -> None:
    with pytest.raises(Malformed, match="at most 65535"):
        AddEntries("log", 0, 1, (b"x" * 65_536,)).body()
    with pytest.raises(Malformed, match="more entries"):
        AddEntries("log", 0, 1, (b"a", b"b")).body()


@pytest.mark.parametrize(
    "body", [b"", b"5\n3\n", b"5\n3\n\n\n", b"5\n3\n\nx", b"5\n3\n!\n", b"x\n3\n\n", b"\xff\n3\n\n"]
)
def test_malformed_answers(body: bytes) -> None:
    with pytest.raises(EvidenceError):
        MirrorInfo.parse(body)
