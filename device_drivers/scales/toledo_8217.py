"""Toledo 8217, the till scale's protocol: one letter, no terminator. Read-only; 1 to 5 g steps, too coarse for actives.

Source: Mettler-Toledo 8217 service manual. 9600 7E1; `W`, never more often than every 200 ms, is answered by STX,
weight, CR, with an N before CR for net; or, when there is no valid weight, by STX `?` status CR. Status bits: 0 motion,
1 over capacity, 2 under zero, 3 outside the zero-capture range, 4 centre of zero, 5 net (some models: always 1), 6
always 1, 7 parity. The unit is not on the wire: the configuration states it. A weight is sent at rest only.

`Z` and `T` exist and are not sent. A line opened with 8 bits shows the parity as bit 7: no such byte is taken.
"""

from __future__ import annotations

import re
from functools import partial

from device_drivers.errors import BadFrame
from device_drivers.reading import State
from device_drivers.scales.text_scale import Dialect
from device_drivers.scales.weight import Weight, nothing, weighed

_WEIGHT = re.compile(rb" {0,3}(\d{1,5}\.\d{1,3})(N?)")
_MOTION, _OVER, _UNDER, _NO_ZERO, _CENTRE, _ALWAYS = 0x01, 0x02, 0x04, 0x08, 0x10, 0x40


def weight(raw: bytes, mass_unit: str) -> Weight:
    """`raw` without its CR; noise before STX is dropped. Raises BadFrame for everything else.

    The point must be there: without it a lost byte would turn 01.234 kg into 1,234 kg.
    """
    if any(byte & 0x80 for byte in raw):
        raise BadFrame(f"bit 7 is set, the line is not open with 7E1: {raw!r}")
    _, start, body = raw.rpartition(b"\x02")
    if not start:
        raise BadFrame(f"no STX: {raw!r}")
    if body[:1] == b"?":
        return _status(body[1:], raw)
    found = _WEIGHT.fullmatch(body)
    if found is None:
        raise BadFrame(f"not a weight in 8217: {raw!r}")
    return weighed(found[1].decode(), mass_unit, True, raw, "net" if found[2] else "gross")


def _status(status: bytes, raw: bytes) -> Weight:
    if len(status) != 1 or not status[0] & _ALWAYS:
        raise BadFrame(f"not a status byte: {raw!r}")
    bits = status[0]
    for mask, state in ((_OVER, State.OVERLOAD), (_UNDER, State.UNDERLOAD), (_NO_ZERO, State.ERROR)):
        if bits & mask:
            return nothing(state)
    # In motion; or at rest and still no number, as `?P` at the centre of zero: asked again it may come.
    return Weight(None, State.BUSY, center_of_zero=bool(bits & _CENTRE))


def toledo_8217(mass_unit: str) -> Dialect:
    """`mass_unit` kg or g; another unit makes every reading WRONG_UNIT."""
    return Dialect(
        name="Toledo 8217",
        now=b"W",
        weight=partial(weight, mass_unit=mass_unit),
        period_s=0.2,
        terminator=b"\r",
    )
