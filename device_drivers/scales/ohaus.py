"""Ohaus, new command set: Navigator, Scout, Ranger 3000, Defender 3000. (After `PSI` a Ranger speaks MT-SICS instead.)

Source: RS232 manual of Navigator (weight right-aligned in 10, blank, unit in 5, blank, `?` when unstable, blank, legend
in 10), Ranger and Defender 3000 (polarity, blanks, weight in 7, blank, unit in 2 or 5, `?`, legend NET, B/G, N, G).
`IP` prints now, `SP` when stable, `CP` without end, `0P` ends it, `Z`, `T`, `PSN` serial, `PV` version; `ES` unknown,
`OK!` done. A total, a tare or a time behind the weight is another quantity or an answer to nobody: not taken.

Not in those manuals, judged: `Err 8.3` and `Err 8.4`, which the display shows for too much and too little, are taken as
such if they are ever printed.
"""

from __future__ import annotations

import re

from device_drivers.errors import BadFrame, Rejected
from device_drivers.reading import Kind, State
from device_drivers.scales.text_scale import Dialect
from device_drivers.scales.weight import Weight, ascii_text, nothing, weighed

_WEIGHT = re.compile(r"( *)(-?)( *)(\d{1,6}(?:\.\d{1,5})?) +([A-Za-z:%]{1,5}) *(\?)? *(NET|N|B/G|G)? *")
_ERROR = re.compile(r"Err *(\d{1,2}\.\d)")
_ERRORS = {"8.3": State.OVERLOAD, "8.4": State.UNDERLOAD}
_KINDS: dict[str, Kind] = {"NET": "net", "N": "net", "B/G": "gross", "G": "gross"}
_NARROWEST, _WIDEST = 9, 12


def weight(raw: bytes) -> Weight:
    """Raises BadFrame when it is no weight line, Rejected for `ES`."""
    text = ascii_text(raw)
    if text == "ES":
        raise Rejected("ES", "the scale does not know the command")
    if error := _ERROR.fullmatch(text.strip()):
        return nothing(_ERRORS.get(error[1], State.ERROR))
    found = _WEIGHT.fullmatch(text)
    if found is None or not _NARROWEST <= found.end(4) <= _WIDEST:
        raise BadFrame(f"not a weight in Ohaus' format: {raw!r}")
    _, sign, _, digits, unit, unstable, legend = found.groups()
    return weighed(sign + digits, unit, unstable is None, raw, _KINDS.get(legend, "unknown"))


def _text(raw: bytes) -> str:
    text = raw.decode("ascii", "replace").strip()
    return "" if text in ("ES", "OK!") else text


def ohaus() -> Dialect:
    return Dialect(
        name="Ohaus",
        now=b"IP\r\n",
        stable=b"SP\r\n",
        stream=b"CP\r\n",
        quiet=b"0P\r\n",
        weight=weight,
        zero=b"Z\r\n",
        tare=b"T\r\n",
        identity=(b"PV\r\n", b"PSN\r\n"),
        identity_text=_text,
        acks=frozenset({b"OK!"}),
    )
