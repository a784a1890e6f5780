"""Golden frames of the MT-SICS reference manuals 11780711 and 11781363, byte for byte."""

import pytest

from device_drivers.errors import BadFrame
from device_drivers.reading import State
from device_drivers.scales.sics_frames import parse, quoted, reading


@pytest.mark.parametrize(
    ("raw", "state", "mg", "unit"),
    [
        (b"S S     100.00 g", State.STABLE, 100_000, "g"),
        (b"S D      12.34 g", State.MOVING, 12_340, "g"),
        (b"S S     -0.050 g", State.STABLE, -50, "g"),
        (b"S S    0.10000 kg", State.STABLE, 100_000, "kg"),
        (b"S S       25.4 mg", State.STABLE, 25, "mg"),
        (b"S S    3.52740 oz", State.WRONG_UNIT, None, "oz"),
        (b"S S         12", State.WRONG_UNIT, None, ""),
        (b"S I", State.BUSY, None, ""),
        (b"S +", State.OVERLOAD, None, ""),
        (b"S -", State.UNDERLOAD, None, ""),
        (b"S S Error 10b", State.ERROR, None, ""),
        (b"S S Error 1t", State.ERROR, None, ""),
        (b"T S      45.00 g", State.STABLE, 45_000, "g"),
        (b"TI D     45.00 g", State.MOVING, 45_000, "g"),
        (b"TA A      10.00 g", State.STABLE, 10_000, "g"),
        (b"TA L", State.ERROR, None, ""),
    ],
)
def test_weights(raw: bytes, state: State, mg: int | None, unit: str) -> None:
    got = reading(parse(raw), "unknown", 1.5, 3)
    assert (got.state, got.mass_mg, got.unit, got.raw, got.at, got.seq) == (state, mg, unit, raw, 1.5, 3)


@pytest.mark.parametrize(
    ("raw", "ident", "status", "text"),
    [
        (b'I4 A "B123456789"', "I4", "A", '"B123456789"'),
        (b'I0 B 0 "I0"', "I0", "B", '0 "I0"'),
        (b"Z A", "Z", "A", ""),
        (b"ZI D", "ZI", "D", ""),
        (b"TAC A", "TAC", "A", ""),
        (b"ES", "ES", "", ""),
        (b"ET", "ET", "", ""),
        (b"EL", "EL", "", ""),
    ],
)
def test_replies(raw: bytes, ident: str, status: str, text: str) -> None:
    reply = parse(raw)
    assert (reply.ident, reply.status, reply.text) == (ident, status, text)


@pytest.mark.parametrize("raw", [b"\xff\x00", b"hello", b"S", b"S S", b"s s 1 g", b"S  S 1 g", b"ESX", b"S S 1e3 g"])
def test_garbage_is_no_reading(raw: bytes) -> None:
    with pytest.raises(BadFrame):
        reading(parse(raw), "unknown", 0.0, 1)


def test_quotation_marks_are_taken_off() -> None:
    assert [quoted(t) for t in ('"ML204 220.0090 g"', " plain ", '""')] == ["ML204 220.0090 g", "plain", ""]
