"""A published shape never changes: one golden entry per (type, v), byte for byte.

A new type adds its line: `python -m tests.records.test_golden_events` appends what is missing and touches nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from store_service.evidence.canonical import canonical
from store_service.records.event import PAYLOADS, UPCASTERS, Event, Payload, decode, encode
from tests.records.samples import AT, every_payload

GOLDEN = Path(__file__).parents[1] / "golden" / "events.jsonl"


def entry(payload: Payload, idx: int) -> bytes:
    return encode(
        payload, site="SH0042", idx=idx, at=AT, boot_id="boot", mono_ns=1_000_000, clock_offset_ms=None, actor="s-01"
    )


def published() -> dict[tuple[str, int], bytes]:
    lines = GOLDEN.read_bytes().splitlines() if GOLDEN.exists() else []
    return {(raw["type"], raw["v"]): line for line in lines for raw in [json.loads(line)]}


def test_every_type_and_version_has_its_golden_entry() -> None:
    assert set(published()) >= set(every_payload())
    for kind, payload in PAYLOADS.items():
        for version in range(1, payload.v):
            assert (kind, version) in UPCASTERS
            assert (kind, version) in published()


@pytest.mark.parametrize("key", sorted(published()), ids=lambda key: f"{key[0]}/{key[1]}")
def test_a_golden_entry_decodes_for_ever(key: tuple[str, int]) -> None:
    line = published()[key]
    event: Event = decode(line)
    assert event.payload is not None, "a published type is never forgotten"
    assert canonical(json.loads(line)) == line, "canonical bytes"
    if key in every_payload():
        assert dict(event.data) == event.payload.model_dump(mode="json"), "every field, and none beside"
        assert entry(event.payload, event.idx) == line, "encoding it again gives the bytes that were hashed"


def test_a_type_of_the_future_is_read_without_its_payload() -> None:
    later = published()["unit.dosed", 1].replace(b'"v":1', b'"v":2')
    assert decode(later).payload is None
    assert decode(later.replace(b"unit.dosed", b"unit.danced")).payload is None


def test_what_is_no_event_is_refused() -> None:
    for wrong in (b"[]", b"{}", b'{"type":"unit.dosed"}', b'{"b":1,"a":2}', b"\xff"):
        with pytest.raises(ValueError):
            decode(wrong)


if __name__ == "__main__":
    known = published()
    with GOLDEN.open("ab") as file:
        for number, (key, payload) in enumerate(every_payload().items()):
            if key not in known:
                file.write(entry(payload, number) + b"\n")
