"""One value on a Modbus device: where it stands, how its words are put together, how it is read and written."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from device_drivers.dispensers.modbus_bus import ModbusBus

Table = Literal["coil", "holding", "input"]
Kind = Literal["bit", "u16", "u32", "f32"]
WordOrder = Literal["big", "little"]

_FORMAT = {"u32": ">I", "f32": ">f"}


@dataclass(frozen=True, slots=True)
class Register:
    """0-based address. A pair (`u32`, `f32`) takes two registers; `bit` is for coils only."""

    table: Table
    address: int
    kind: Kind

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Register:
        """From a map's table. Raises KeyError and ValueError."""
        table, kind = raw["table"], raw.get("kind", "bit" if raw["table"] == "coil" else "u16")
        if table not in get_args(Table) or kind not in get_args(Kind) or (table == "coil") != (kind == "bit"):
            raise ValueError(f"no such register: table {table!r}, kind {kind!r}")
        return cls(table, int(raw["address"]), kind)


def words_of(value: float, kind: Kind, order: WordOrder) -> list[int]:
    """Registers of a value. Raises ValueError when it does not fit."""
    try:
        if kind not in _FORMAT:
            return [*struct.unpack(">H", struct.pack(">H", int(value)))]
        packed = struct.pack(_FORMAT[kind], value if kind == "f32" else int(value))
    except (struct.error, OverflowError) as error:
        raise ValueError(f"{value} does not fit a {kind}") from error
    words = list(struct.unpack(">HH", packed))
    return words if order == "big" else words[::-1]


def value_of(words: Sequence[int], kind: Kind, order: WordOrder) -> float:
    """Value of one or two registers."""
    if kind not in _FORMAT:
        return words[0]
    high, low = words if order == "big" else (words[1], words[0])
    number: float = struct.unpack(_FORMAT[kind], struct.pack(">HH", high, low))[0]
    return number


async def get(bus: ModbusBus, unit: int, register: Register, order: WordOrder) -> float:
    """One request. A pair comes in one frame."""
    if register.table == "coil":
        return int(await bus.read_coil(register.address, unit))
    count = 2 if register.kind in _FORMAT else 1
    words = await bus.read(register.address, count, unit, inputs=register.table == "input")
    return value_of(words, register.kind, order)


async def put(bus: ModbusBus, unit: int, register: Register, value: float, order: WordOrder) -> None:
    """One request. A pair goes out in one frame."""
    if register.table == "coil":
        await bus.write_coil(register.address, bool(value), unit)
    else:
        await bus.write(register.address, words_of(value, register.kind, order), unit)
