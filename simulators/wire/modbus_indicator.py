"""Three weight indicators behind Modbus, each with the registers of its own manual, over TCP or as RTU frames.

`laumas`: 40007 status, 40008-9 gross, 40010-11 net, 40012-13 peak (magnitudes, high word first), 40014 unit and
division; command register 40006: 7 tare, 8 zero, 9 gross. `tuna_id551`: 40001-2 displayed and 40003-4 gross as FLOAT,
40005 status, 40006 acts on a rising edge. `rs485_low_word_first`: 40001-2 INT32 low word first, no status, register
0x000B acts on a rising edge.
"""

from __future__ import annotations

import struct
from typing import Literal

from simulators.faults import FaultBoard
from simulators.plant import Sample
from simulators.runner import Runner

from .line import LineTime
from .modbus_frames import (
    BUSY,
    ILLEGAL_ADDRESS,
    ILLEGAL_FUNCTION,
    ILLEGAL_VALUE,
    READ_HOLDING,
    WRITE_MANY,
    WRITE_ONE,
    Request,
    parsed,
    split,
)
from .weigher import OUNCE_MG, Look, Weigher

Layout = Literal["laumas", "tuna_id551", "rs485_low_word_first"]
ZERO_BIT, TARE_BIT, CLEAR_BIT = 0x0800, 0x1000, 0x2000
_COMMAND_AT = {"laumas": 5, "tuna_id551": 5, "rs485_low_word_first": 11}
_SIZE = {"laumas": 42, "tuna_id551": 6, "rs485_low_word_first": 12}
_DIVISION = {1: 15, 10: 12}
_GRAMS, _POUNDS = 1, 3


def _words(value: int) -> list[int]:
    return [value >> 16 & 0xFFFF, value & 0xFFFF]


def _float(value: float) -> list[int]:
    return list(struct.unpack(">HH", struct.pack(">f", value)))


class ModbusIndicator(Weigher):
    """RTU frames on a pty, and with `rtu` on TCP too; else Modbus TCP. `asked` keeps the requests as they came."""

    def __init__(
        self,
        runner: Runner,
        faults: FaultBoard,
        layout: Layout,
        *,
        unit: int = 1,
        rtu: bool = False,
        line: LineTime | None = None,
    ) -> None:
        super().__init__(runner, faults)
        self.layout = layout
        self.unit = unit
        self.rtu = rtu
        self.line = line or LineTime(baud=9600, bits_per_char=11, latency_s=0.004)
        self.asked: list[bytes] = []
        self._command = 0

    def requests(self, buffer: bytes, port: str) -> tuple[list[bytes], bytes]:
        return split(buffer, self._speaks_rtu(port))

    def _speaks_rtu(self, port: str) -> bool:
        return self.rtu or port == "pty"

    def interrupts(self, request: bytes) -> bool:
        return False

    def spontaneous(self, sample: Sample, port: str) -> bytes | None:
        return None

    async def serve(self, request: bytes, port: str) -> list[bytes]:
        self.asked.append(request)
        asked = parsed(request, self._speaks_rtu(port))
        if asked is None or asked.unit != self.unit:
            return []
        return [self._answer(asked, await self.sample())]

    def _answer(self, asked: Request, sample: Sample) -> bytes:
        if self.faults.is_on("scale_not_ready"):
            return asked.refused(BUSY)
        if asked.function == READ_HOLDING:
            if asked.count < 1 or asked.address + asked.count > _SIZE[self.layout]:
                return asked.refused(ILLEGAL_ADDRESS)
            held = self.registers(self.look(sample))
            return asked.registers(held[asked.address : asked.address + asked.count])
        if asked.function not in (WRITE_MANY, WRITE_ONE) or (asked.function, self.layout) == (WRITE_ONE, "laumas"):
            return asked.refused(ILLEGAL_FUNCTION)
        if asked.address != _COMMAND_AT[self.layout] or len(asked.values) != 1:
            return asked.refused(ILLEGAL_ADDRESS)
        return asked.written() if self._obey(asked.values[0], sample) else asked.refused(ILLEGAL_VALUE)

    def _obey(self, value: int, sample: Sample) -> bool:
        before, self._command = self._command, value
        if self.layout == "laumas":
            act = {7: "tare", 8: "zero", 9: "clear"}.get(value, "")
        else:
            rising = value & ~before
            act = next((name for bit, name in _EDGES if rising & bit), "")
        if act == "zero":
            return not self.set_zero(sample)
        if act == "tare":
            return not self.set_tare(sample)
        if act == "clear":
            self.tare_mg = 0
        return True

    # --- registers ---

    def registers(self, look: Look) -> list[int]:
        """All holding registers of this layout, as they stand now."""
        match self.layout:
            case "laumas":
                return self._laumas(look)
            case "tuna_id551":
                return self._tuna(look)
            case _:
                shown = min(look.gross_mg, 9_999_990) // self.d_mg
                pair = _words(shown & 0xFFFFFFFF)[::-1]
                return [*pair, *[0] * 9, self._command]

    def _shown(self, mg: int) -> int:
        return round(mg / OUNCE_MG * 1000) if self.in_ounces else mg // self.d_mg

    def _laumas(self, look: Look) -> list[int]:
        gross, net = self._shown(look.gross_mg), self._shown(look.mg)
        status = 0
        for bit, on in (
            (2, look.state == "over"),
            (7, gross < 0),
            (8, net < 0),
            (10, self.tare_mg != 0),
            (11, look.stable),
            (12, abs(look.mg) <= self.d_mg // 4),
        ):
            status |= int(on) << bit
        # The Laumas has no ounces: whoever changed the unit left it at pounds.
        unit = _POUNDS if self.in_ounces else _GRAMS
        division = _DIVISION[10 if self.d_mg >= 10 else 1]
        held = [0x0102, 0x0020, 2026, 9999, 1, self._command, status]
        held += [*_words(abs(gross)), *_words(abs(net)), *_words(abs(gross)), unit << 8 | division]
        return held + [0] * (_SIZE["laumas"] - len(held))

    def _tuna(self, look: Look) -> list[int]:
        status = 0
        for bit, on in (
            (8, abs(look.mg) <= self.d_mg // 4),
            (9, look.state == "under"),
            (10, look.state == "over"),
            (11, self.tare_mg != 0),
            (12, not look.stable),
            (13, True),
            (15, True),
        ):
            status |= int(on) << bit
        scale = OUNCE_MG if self.in_ounces else 1000.0
        return [*_float(look.mg / scale), *_float(look.gross_mg / scale), status, self._command]


_EDGES = ((ZERO_BIT, "zero"), (TARE_BIT, "tare"), (CLEAR_BIT, "clear"))
