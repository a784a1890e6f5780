"""MT-SICS lines: what a balance sends, taken apart.

Source: Mettler-Toledo, MT-SICS reference manuals 11780711 (New Classic), 11781363 (weigh modules), 30324923 (XPR/XSR).
A weight reply is `<ID> <status> <value right-aligned in 10> <unit>`, 18 bytes with its CR LF: `S S     100.00 g`.
`SI` and `SIR` are answered with the ID `S`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from device_drivers.errors import BadFrame
from device_drivers.reading import Kind, Reading, State, mass_mg

SYNTAX, TRANSMISSION, LOGIC = "ES", "ET", "EL"
REFUSALS = frozenset({SYNTAX, TRANSMISSION, LOGIC})

_REPLY = re.compile(r"([A-Z@][A-Z0-9]{0,4}) ([A-Z+\-])(?: (.*))?")
_WITHOUT_VALUE = {"I": State.BUSY, "+": State.OVERLOAD, "-": State.UNDERLOAD, "L": State.ERROR}
_WITH_VALUE = {"S": State.STABLE, "D": State.MOVING, "A": State.STABLE}


@dataclass(frozen=True, slots=True)
class Reply:
    """`ident` is the answer's ID (or ES, ET, EL), `status` its letter (A done, B more follows, S, D, I, L, +, -)."""

    ident: str
    status: str
    text: str
    raw: bytes


def parse(raw: bytes) -> Reply:
    """One line without CR LF. Raises BadFrame when it is not MT-SICS."""
    try:
        line = raw.decode("ascii")
    except UnicodeDecodeError as error:
        raise BadFrame(f"not ASCII: {raw!r}") from error
    if line in REFUSALS:
        return Reply(line, "", "", raw)
    match = _REPLY.fullmatch(line)
    if match is None:
        raise BadFrame(f"not an MT-SICS line: {raw!r}")
    return Reply(match[1], match[2], match[3] or "", raw)


def reading(reply: Reply, kind: Kind, at: float, seq: int) -> Reading:
    """The weight in a reply with ID S, T, TI or TA. Raises BadFrame when the value is not a number.

    `S S Error 10b` (weigh modules: boot, EEPROM, adjustment …) is a reading in state ERROR, never a mass.
    """
    state = _WITHOUT_VALUE.get(reply.status)
    if state is not None:
        return Reading(None, state, "", kind, at, seq, reply.raw)
    words = reply.text.split()
    if words[:1] == ["Error"]:
        return Reading(None, State.ERROR, "", kind, at, seq, reply.raw)
    state = _WITH_VALUE.get(reply.status)
    if state is None or not 1 <= len(words) <= 2:
        raise BadFrame(f"not a weight: {reply.raw!r}")
    value, unit = words[0], words[1] if len(words) == 2 else ""
    try:
        mass = mass_mg(value, unit)
    except ValueError as error:
        raise BadFrame(f"not a weight: {reply.raw!r}") from error
    return Reading(mass, State.WRONG_UNIT if mass is None else state, unit, kind, at, seq, reply.raw)


def quoted(text: str) -> str:
    """The text of `I2 A "…"`; also without quotation marks, as some balances send it."""
    return text.strip().removeprefix('"').removesuffix('"').strip()
