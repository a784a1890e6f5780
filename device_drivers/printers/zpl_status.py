"""The two status questions of ZPL printers (Zebra, ZPL II Programming Guide).

`~HQES` is answered in every state: errors and warnings as flags in hexadecimal. `~HS` is answered with three framed
lines, but not while paper or ribbon is out or the head is open; it tells a pause and how much is still to be printed.
"""

from __future__ import annotations

import re

from device_drivers.printers.base import PrinterStatus

ASK_ERRORS, ASK_STATE = b"~HQES", b"~HS"
_ERRORS = re.compile(rb"ERRORS:\s*[01]\s+[0-9A-Fa-f]{8}\s+([0-9A-Fa-f]{8})")
_LINE_END = b"\x03\r\n"
_PAPER, _RIBBON, _HEAD, _PAUSED = 0x1, 0x2, 0x4, 0x10000
_FIRST_FIELDS, _SECOND_FIELDS = 12, 11


def is_errors(answer: bytes) -> bool:
    """Whether the line feed after the last mark follows is not said everywhere: it is not waited for."""
    return b"\x03" in answer


def is_state(answer: bytes) -> bool:
    return answer.count(_LINE_END) == 3


def decode_errors(answer: bytes) -> PrinterStatus:
    """`detail` is empty when no error stands. Raises ValueError for what is no answer to `~HQES`."""
    found = _ERRORS.search(answer)
    if found is None:
        raise ValueError(f"{answer[:60]!r} is no answer to ~HQES")
    flags = int(found[1], 16)
    other = flags & ~(_PAPER | _RIBBON | _HEAD | _PAUSED)
    words = [
        *(["head open"] if flags & _HEAD else []),
        *(["paper out"] if flags & _PAPER else []),
        *(["ribbon out"] if flags & _RIBBON else []),
        *(["paused"] if flags & _PAUSED else []),
        *([f"error {other:08X} (cutter, jam, temperature or head)"] if other else []),
    ]
    return PrinterStatus(
        online=True,
        paper_ok=not flags & _PAPER,
        cover_closed=not flags & _HEAD,
        mechanism_ok=not other,
        detail=", ".join(words),
        ribbon_ok=not flags & _RIBBON,
        paused=bool(flags & _PAUSED),
    )


def decode_state(answer: bytes) -> PrinterStatus:
    """Raises ValueError for what is no answer to `~HS`."""
    lines = [line.strip(b"\x02\r\n").split(b",") for line in answer.split(_LINE_END)]
    if len(lines) < 3 or len(lines[0]) != _FIRST_FIELDS or len(lines[1]) != _SECOND_FIELDS:
        raise ValueError(f"{answer[:60]!r} is no answer to ~HS")
    first, second = ([int(field) for field in line] for line in lines[:2])
    paper_out, paused, formats, partial = first[1], first[2], first[4], first[7]
    ram_lost, cold, hot = first[9:12]
    head_up, ribbon_out, left = second[2], second[3], second[8]
    told = {
        "head open": head_up,
        "paper out": paper_out,
        "ribbon out": ribbon_out,
        "paused": paused,
        "configuration lost": ram_lost,
        "too cold": cold,
        "too hot": hot,
    }
    return PrinterStatus(
        online=True,
        paper_ok=not paper_out,
        cover_closed=not head_up,
        mechanism_ok=not (ram_lost or cold or hot),
        detail=", ".join(words for words, on in told.items() if on),
        ribbon_ok=not ribbon_out,
        paused=bool(paused),
        busy=bool(formats or partial or left),
    )
