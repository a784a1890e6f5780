"""Sartorius SBI: Entris, Cubis, Secura, Quintix and their elders.

Source: Entris II technical note (data interface), Cubis MSE operating instructions. Requests are `ESC <char>`, CR LF
optional. Replies have fixed columns: 16 characters with their CR LF (1 sign, 2-10 value, 11 blank, 12-14 unit) or 22
with a six-character ID before them. The unit stands there only when the value is stable. Non-verified digits may stand
in brackets, `123.5[6]`; they are part of the value. In place of a value: `Stat` with High, Low, Cal. or an error.

A moving value names no unit. It is taken in the unit of the last stable value of this connection, and before the first
one it is no mass. With automatic output on, `ESC P` would switch it off: such a scale is listened to, and never asked.
Entris takes commands also without ESC, where `S` restarts and `W` adjusts it: everything sent here begins with ESC.
"""

from __future__ import annotations

import re

from device_drivers.errors import BadFrame
from device_drivers.reading import Kind, State
from device_drivers.scales.text_scale import Dialect
from device_drivers.scales.weight import Weight, ascii_text, nothing, weighed

_VALUE = re.compile(r" *(\d*\.?\d*)(?:\[(\d+)\])? *")
_ERROR = re.compile(r"ERR *\d+|(APP|DIS|PRT)\.ERR")
_WORDS = {
    "HIGH": State.OVERLOAD, "H": State.OVERLOAD, "HH": State.OVERLOAD,
    "LOW": State.UNDERLOAD, "L": State.UNDERLOAD, "LL": State.UNDERLOAD,
    "CAL.": State.BUSY, "CAL. EXT.": State.BUSY, "C": State.BUSY, "--": State.BUSY, "- -": State.BUSY,
}  # fmt: skip
_KINDS: dict[str, Kind] = {"": "unknown", "N": "net", "G": "gross"}
_SHORT, _LONG, _IDENT = 14, 20, 6


class SbiFrames:
    """Takes frames apart; remembers the unit of the last stable one."""

    def __init__(self) -> None:
        self._unit: str | None = None

    def forget(self) -> None:
        self._unit = None

    def weight(self, raw: bytes) -> Weight:
        """Raises BadFrame for everything that is neither 16 nor 22 characters of SBI."""
        text = ascii_text(raw)
        if len(text) == _LONG:
            ident, body = text[:_IDENT].rstrip(), text[_IDENT:]
        elif len(text) == _SHORT:
            ident, body = "", text
        else:
            raise BadFrame(f"neither 16 nor 22 characters: {raw!r}")
        said = text[4:].strip() if text.startswith("Stat") else body.strip()
        if (state := _status(said)) is not None:
            return nothing(state)
        value, unit = _VALUE.fullmatch(body[1:11]), body[11:].strip()
        # A serial number is a line of the same length: only the columns and a unit of letters tell it from a weight.
        shaped = body[0] in "+- " and body[10] in " ]" and (not unit or unit.isalpha())
        if ident not in _KINDS or not shaped or value is None or not any(map(str.isdigit, value[1])):
            raise BadFrame(f"not a weight in SBI: {raw!r}")
        digits = body[0].strip() + value[1] + (value[2] or "")
        if unit:
            self._unit = unit
        elif self._unit is None:
            return nothing(State.BUSY)
        return weighed(digits, unit or self._unit or "", bool(unit), raw, _KINDS[ident])


def _status(said: str) -> State | None:
    word = said.upper()
    return State.ERROR if _ERROR.fullmatch(word) else _WORDS.get(word)


def _text(raw: bytes) -> str:
    return raw.decode("ascii", "replace").strip()


def sbi() -> Dialect:
    frames = SbiFrames()
    return Dialect(
        name="Sartorius SBI",
        now=b"\x1bP\r\n",
        weight=frames.weight,
        forget=frames.forget,
        zero=b"\x1bV\r\n",
        tare=b"\x1bU\r\n",
        identity=(b"\x1bx1_\r\n", b"\x1bx2_\r\n", b"\x1bx3_\r\n"),
        identity_text=_text,
        asking_toggles=True,
    )
