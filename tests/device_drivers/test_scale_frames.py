"""Frames of the manuals, byte for byte, and what each dialect makes of them; and that noise never makes a mass."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_drivers.errors import BadFrame, DeviceError, Rejected
from device_drivers.reading import State
from device_drivers.scales import a_and_d, ohaus, sics_frames, toledo_8217
from device_drivers.scales.sbi import SbiFrames
from device_drivers.scales.weight import Weight

STABLE, MOVING, OVER, UNDER = State.STABLE, State.MOVING, State.OVERLOAD, State.UNDERLOAD
BUSY, ERROR, UNIT = State.BUSY, State.ERROR, State.WRONG_UNIT

SBI = [
    # devices.md 1.3, Entris II page 3: 22 and 16 columns; brackets are non-verified digits
    (b"N     +   123.56 g  ", STABLE, 123_560, "net"),
    (b"N     + 123.5[6] g  ", STABLE, 123_560, "net"),
    (b"G     -     0.05 g  ", STABLE, -50, "gross"),
    (b"+   123.56 g  ", STABLE, 123_560, "unknown"),
    (b"-     1.25 kg ", STABLE, -1_250_000, "unknown"),
    (b"N     +   123.56    ", MOVING, 123_560, "net"),
    (b"+   123.56    ", MOVING, 123_560, "unknown"),
    (b"N     +  3.52740 oz ", UNIT, None, "net"),
    (b"Stat      High      ", OVER, None, "unknown"),
    (b"Stat      Low       ", UNDER, None, "unknown"),
    (b"Stat      Cal. Ext. ", BUSY, None, "unknown"),
    (b"Stat     ERR 101    ", ERROR, None, "unknown"),
    (b"Stat     APP.ERR    ", ERROR, None, "unknown"),
    (b"Stat     DIS.ERR    ", ERROR, None, "unknown"),
    (b"Stat     PRT.ERR    ", ERROR, None, "unknown"),
    (b"      High    ", OVER, None, "unknown"),
    (b"      Low     ", UNDER, None, "unknown"),
]
A_AND_D = [
    (b"ST,+00123.45  g", STABLE, 123_450, "unknown"),
    (b"US,-00000.05  g", MOVING, -50, "unknown"),
    (b"ST,+001.2345 kg", STABLE, 1_234_500, "unknown"),
    (b"ST,OK,+00123.45  g", STABLE, 123_450, "unknown"),
    (b"US,HI,+00123.45  g", MOVING, 123_450, "unknown"),
    (b"ST,LO,+00123.45  g", STABLE, 123_450, "unknown"),
    (b"QT,+00000012 PC", UNIT, None, "unknown"),
    (b"ST,+04.35467 oz", UNIT, None, "unknown"),
    (b"OL,+999999.9  g", OVER, None, "unknown"),
    (b"OL,+9999999E+19", OVER, None, "unknown"),
    (b"OL,-9999999E+19", UNDER, None, "unknown"),
    (b"EC,E02", BUSY, None, "unknown"),
    (b"EC,E11", BUSY, None, "unknown"),
    (b"ST,GS,+0012.34kg", STABLE, 12_340_000, "gross"),
    (b"US,NT,+0012.34kg", MOVING, 12_340_000, "net"),
]
OHAUS = [
    # Navigator: the manual's own examples, trailing blanks not sent
    (b"    192.21 g", STABLE, 192_210, "unknown"),
    (b"      0.01 g ?", MOVING, 10, "unknown"),
    (b"      0.01 g     ?", MOVING, 10, "unknown"),
    (b"    192.08 g       NET", STABLE, 192_080, "net"),
    # Ranger: polarity, two blanks, weight in 7, unit in 2
    (b"-    12.34 kg   B/G", STABLE, -12_340_000, "gross"),
    (b"     12.34 kg ? NET", MOVING, 12_340_000, "net"),
    # Defender 3000: polarity, blank, weight in 7
    (b"   12.340 kg    G  ", STABLE, 12_340_000, "gross"),
    (b"   12.340 lb   ?", UNIT, None, "unknown"),
    (b"Err 8.3", OVER, None, "unknown"),
    (b"Err 8.4", UNDER, None, "unknown"),
    (b"Err 8.1", ERROR, None, "unknown"),
]
TOLEDO = [
    (b"\x02  01.234", STABLE, 1_234_000, "gross"),
    (b"\x0201.234", STABLE, 1_234_000, "gross"),
    (b"\x0201.234N", STABLE, 1_234_000, "net"),
    (b"\x02?A", BUSY, None, "unknown"),
    (b"\x02?B", OVER, None, "unknown"),
    (b"\x02?D", UNDER, None, "unknown"),
    (b"\x02?H", ERROR, None, "unknown"),
    (b"\x02?P", BUSY, None, "unknown"),
    (b"\x02?`", BUSY, None, "unknown"),
    (b"\x02?\x41", BUSY, None, "unknown"),
    (b"noise\x02?D", UNDER, None, "unknown"),
]


def sbi(raw: bytes) -> Weight:
    frames = SbiFrames()
    frames.weight(b"N     +     0.00 g  ")  # a stable line before: from here on a moving one has a unit
    return frames.weight(raw)


def till(raw: bytes) -> Weight:
    return toledo_8217.weight(raw, "kg")


GOLDEN = (
    [(sbi, *row) for row in SBI]
    + [(a_and_d.weight, *row) for row in A_AND_D]
    + [(ohaus.weight, *row) for row in OHAUS]
    + [(till, *row) for row in TOLEDO]
)


@pytest.mark.parametrize(
    ("take", "raw", "state", "mg", "kind"), GOLDEN, ids=lambda value: getattr(value, "__name__", repr(value))[:40]
)
def test_frames_of_the_manuals(take, raw: bytes, state: State, mg: int | None, kind: str) -> None:
    got = take(raw)
    assert (got.state, got.mass_mg, got.kind) == (state, mg, kind)


NO_FRAMES = [
    (sbi, b"N     +   123.56 g "),  # one character short
    (sbi, b"N     +   12 .56 g  "),
    (sbi, b"          0099999001"),  # a serial number, which has the length of a weight
    (sbi, b"    0099999001"),
    (sbi, b"N     +   123.56 001"),
    (sbi, b"N     +   123.567g  "),
    (sbi, b"N     +          g  "),
    (sbi, b"N     +      .   g  "),
    (sbi, b"T1    +   123.56 g  "),  # the tare, not what lies on the pan
    (sbi, b"Qnt   +       12 pcs"),
    (sbi, b"N     + 123.5[6  g  "),
    (a_and_d.weight, b"ST,+0123.45  g"),  # a byte was lost
    (a_and_d.weight, b"ST,+00123.45 g"),
    (a_and_d.weight, b"WT,+00123.45  g"),
    (a_and_d.weight, b"ST,TR,+0012.34kg"),
    (a_and_d.weight, b"\x06"),
    (ohaus.weight, b"    207.80 g TOTAL"),
    (ohaus.weight, b"    207.80 g T"),
    (ohaus.weight, b"    192.21"),
    (ohaus.weight, b"2.21 g"),  # its beginning was lost
    (ohaus.weight, b"   1 lb 2.3 oz"),
    (till, b"01.234"),
    (till, b"\x02 1234"),  # the point was lost
    (till, b"\x02?"),
    (till, b"\x02?\x01"),  # bit 6 is always 1
    (till, b"\x02?AB"),
    (till, b"\x82\xb01.234"),  # opened with 8 bits: the parity shows
]


@pytest.mark.parametrize(("take", "raw"), NO_FRAMES, ids=lambda value: getattr(value, "__name__", repr(value))[:40])
def test_what_is_no_frame_is_no_reading(take, raw: bytes) -> None:
    with pytest.raises(BadFrame):
        take(raw)


@pytest.mark.parametrize(("take", "raw"), [(a_and_d.weight, b"EC,E01"), (ohaus.weight, b"ES")])
def test_a_refused_command_is_said_so(take, raw: bytes) -> None:
    with pytest.raises(Rejected):
        take(raw)


def test_a_moving_line_of_sbi_has_the_unit_of_the_last_stable_one_and_none_before() -> None:
    frames = SbiFrames()
    moving = b"N     +   123.56    "
    assert (frames.weight(moving).state, frames.weight(moving).mass_mg) == (BUSY, None)
    frames.weight(b"N     +  3.52740 oz ")
    assert frames.weight(moving).state is UNIT
    frames.weight(b"N     +     1.00 g  ")
    assert frames.weight(moving).mass_mg == 123_560
    frames.forget()
    assert frames.weight(moving).mass_mg is None


def sics(raw: bytes) -> Weight:
    got = sics_frames.reading(sics_frames.parse(raw), "unknown", 0.0, 1)
    return Weight(got.mass_mg, got.state, got.unit)


TAKERS = (sbi, a_and_d.weight, ohaus.weight, till, sics)
SENT = [raw for _, raw, _, _, _ in GOLDEN] + [b"S S     100.00 g", b"S D      12.34 g", b"S S Error 10b", b"S I"]
_SOUP = st.binary(max_size=40) | st.text(alphabet="STUOLDN+-.0123456789 ,gkG?[]EINQ\x02", max_size=30).map(
    lambda text: text.encode()
)


@settings(deadline=None, max_examples=400)
@given(_SOUP)
def test_no_soup_of_bytes_yields_a_mass_whose_digits_were_not_in_it(soup: bytes) -> None:
    for take in TAKERS:
        try:
            got = take(soup)
        except DeviceError:
            continue
        assert (got.mass_mg is None) == (got.state not in (STABLE, MOVING))
        if got.mass_mg is not None:
            shown = b"".join(re.findall(rb"\d", soup)).lstrip(b"0").rstrip(b"0")
            assert str(abs(got.mass_mg)).strip("0").encode() in (shown, b"") or len(shown) > 7


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(SENT), st.integers(0, 40), st.integers(0x80, 0xFF))
def test_a_byte_with_bit_7_spoils_the_frame_that_it_falls_into(raw: bytes, place: int, wrong: int) -> None:
    at = place % len(raw)
    spoilt = raw[:at] + bytes([wrong]) + raw[at + 1 :]
    for take in TAKERS:
        with pytest.raises(DeviceError):
            take(spoilt)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([a_and_d.weight, sbi]), st.sampled_from([r for r in SENT if b"g" in r]), st.integers(0, 40))
def test_a_lost_byte_never_makes_another_mass_where_columns_are_fixed(take, raw: bytes, place: int) -> None:
    at = place % len(raw)
    try:
        whole = take(raw).mass_mg
    except DeviceError:
        return
    try:
        torn = take(raw[:at] + raw[at + 1 :]).mass_mg
    except DeviceError:
        return
    assert torn in (None, whole)
