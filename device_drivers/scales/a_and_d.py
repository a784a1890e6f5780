"""A&D standard format: FX, FZ, GF, GX, EK and the indicators that speak it.

Source: A&D manuals (EK-L, FX-i, GX). 17 bytes with CR LF: header of two letters, comma, sign and eight digits with the
point among them, unit right-aligned in three, `ST,+00123.45  g`. ST stable, US moving, QT stable count, OL out of range
(the sign says which side; the digits are filler, `+999999.9` in one model, `+9999999E+19` in another). A comparator
puts HI, OK or LO behind the header. Indicators put GS or NT there, with seven digits and a unit of two.

Letters: `Q` now, `S` when stable, `SIR` stream, `C` ends it, `Z` zero, `T` tare, `?TN` model, `?SN` serial; `EC,E11`
and the like refuse. Scales set to acknowledge send ACK (06) first. On old Ohaus scales `C` calibrates: this driver
sends it only where a connect has shown that A&D's format is spoken.
"""

from __future__ import annotations

import re

from device_drivers.errors import BadFrame, Rejected
from device_drivers.reading import Kind, State
from device_drivers.scales.text_scale import Dialect
from device_drivers.scales.weight import Weight, ascii_text, nothing, weighed

_WEIGHT = re.compile(r"(ST|US|QT),(?:(HI|OK|LO),)?([+-][\d.]{8})([ A-Za-z%]{3})")
_INDICATOR = re.compile(r"(ST|US),(GS|NT),([+-][\d.]{7})([ A-Za-z]{2})")
_OUT = re.compile(r"OL,(?:(?:HI|OK|LO|GS|NT),)?([+-])[\d.]{5,8}(?:E\+\d\d)?[ A-Za-z%]{0,3}")
_ERROR = re.compile(r"EC,E(\d\d)")
_NOT_NOW = ("02", "03", "11")
_KINDS: dict[str, Kind] = {"GS": "gross", "NT": "net"}


def weight(raw: bytes) -> Weight:
    """Raises BadFrame when it is none of these frames, Rejected for an error code that waiting does not cure."""
    text = ascii_text(raw)
    if error := _ERROR.fullmatch(text):
        if error[1] in _NOT_NOW:  # not ready, timed out, not stable
            return nothing(State.BUSY)
        raise Rejected(f"E{error[1]}", f"the scale refused the command: {text}")
    if out := _OUT.fullmatch(text):
        return nothing(State.OVERLOAD if out[1] == "+" else State.UNDERLOAD)
    found = _WEIGHT.fullmatch(text) or _INDICATOR.fullmatch(text)
    if found is None:
        raise BadFrame(f"not a weight in A&D's format: {raw!r}")
    header, second, digits, unit = found.groups()
    return weighed(digits, unit.strip(), header != "US", raw, _KINDS.get(second, "unknown"))


def _text(raw: bytes) -> str:
    head, _, rest = raw.decode("ascii", "replace").partition(",")
    return rest.strip() if head in ("TN", "SN") else ""


def a_and_d() -> Dialect:
    return Dialect(
        name="A&D",
        now=b"Q\r\n",
        stable=b"S\r\n",
        stream=b"SIR\r\n",
        quiet=b"C\r\n",
        weight=weight,
        zero=b"Z\r\n",
        tare=b"T\r\n",
        identity=(b"?TN\r\n", b"?SN\r\n"),
        identity_text=_text,
        acks=frozenset({b"\x06"}),
    )
