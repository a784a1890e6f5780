"""Register maps of Modbus weight indicators: data in `maps/*.toml`, checked when loaded.

There is no standard. A map states where weight, status, decimals and unit stand within ONE read, how they are written,
its source, what of it nobody has verified, and its provenance (`manual`, `simulated`, `hardware-verified`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent / "maps"
PROVENANCE = ("manual", "simulated", "hardware-verified")
FLAGS = frozenset(
    {"error", "overload", "underload", "motion", "stable", "net", "valid", "center_of_zero"}
    | {"gross_negative", "net_negative"}
)  # fmt: skip
_WIDTH = 2


class MapError(ValueError):
    """A map that cannot be used; the message names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A byte of one register of the block, as an index into `table`."""

    at: int
    byte: Literal["high", "low"]
    table: tuple[Any, ...]

    def find(self, registers: list[int]) -> Any:
        """None when the index is beyond the table."""
        index = registers[self.at] >> 8 if self.byte == "high" else registers[self.at] & 0xFF
        return self.table[index] if index < len(self.table) else None


@dataclass(frozen=True, slots=True)
class Command:
    """Values written one after another to one register; an edge is `[0, bit]`."""

    at: int
    function: Literal[6, 16]
    write: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IndicatorMap:
    """`first` and `count` are the one read. Offsets count from `first`; a command's address does not."""

    name: str
    model: str
    provenance: str
    source: str
    unverified: tuple[str, ...]
    first: int
    count: int
    answer_s: float
    period_s: float
    format: Literal["u32", "i32", "f32"]
    word_order: Literal["big", "little"]
    sign: Literal["status", "number"]
    gross: int
    net: int | None
    decimals: Literal["number", "settings"] | Lookup
    unit: Literal["settings"] | Lookup
    status_at: int | None
    bits: Mapping[str, int]
    """Flag → mask."""
    still_steps: int
    still_ms: int
    """Without a status word: at rest is what stayed within so many steps for so long."""
    commands: Mapping[str, Command]


def known_maps(folder: Path = FOLDER) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_indicator_map(name: str, folder: Path = FOLDER) -> IndicatorMap:
    """The map `<name>.toml`. Raises MapError when there is none, or it lacks or contradicts something."""
    path = folder / f"{name}.toml"
    if name not in known_maps(folder):
        raise MapError(f"no indicator map {name!r}; known: {', '.join(known_maps(folder))}")
    try:
        return _built(tomllib.loads(path.read_text(encoding="utf-8")))
    except KeyError as error:
        raise MapError(f"{path.name}: key {error.args[0]!r} is missing") from error
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise MapError(f"{path.name}: {error}") from error


def _built(raw: dict[str, Any]) -> IndicatorMap:
    weight, count = raw["weight"], int(raw["count"])
    status = raw.get("status")
    still = raw.get("stability", {})
    bits = {flag: sum(1 << int(bit) for bit in places) for flag, places in (status or {"bits": {}})["bits"].items()}
    made = IndicatorMap(
        name=raw["name"],
        model=raw["model"],
        provenance=_one_of(raw["provenance"], PROVENANCE),
        source=raw["source"],
        unverified=tuple(raw["unverified"]),
        first=int(raw["first"]),
        count=count,
        answer_s=float(raw["answer_s"]),
        period_s=float(raw["period_s"]),
        format=_one_of(weight["format"], ("u32", "i32", "f32")),
        word_order=_one_of(weight["word_order"], ("big", "little")),
        sign=_one_of(weight["sign"], ("status", "number")),
        gross=int(weight["gross"]),
        net=int(weight["net"]) if "net" in weight else None,
        decimals=_source(raw["decimals"], ("number", "settings")),
        unit=_source(raw["unit"], ("settings",)),
        status_at=int(status["at"]) if status else None,
        bits=bits,
        still_steps=int(still.get("within_steps", 0)),
        still_ms=int(still.get("for_ms", 0)),
        commands={name: _command(raw["commands"][name]) for name in raw["commands"]},
    )
    _agrees(made)
    return made


def _one_of(value: Any, allowed: tuple[str, ...]) -> Any:
    if value not in allowed:
        raise ValueError(f"{value!r} must be one of {allowed}")
    return value


def _source(raw: dict[str, Any], words: tuple[str, ...]) -> Any:
    if raw["from"] == "register":
        return Lookup(int(raw["at"]), _one_of(raw["byte"], ("high", "low")), tuple(raw["table"]))
    return _one_of(raw["from"], words)


def _command(raw: dict[str, Any]) -> Command:
    if raw["function"] not in (6, 16):
        raise ValueError("a command is written with function 6 or 16")
    return Command(int(raw["at"]), raw["function"], tuple(int(value) for value in raw["write"]))


def _agrees(made: IndicatorMap) -> None:
    """Everything that a reading needs lies within the one read, and rest and sign can be told."""
    ends = [made.gross + _WIDTH, 0 if made.net is None else made.net + _WIDTH]
    ends += [one.at + 1 for one in (made.decimals, made.unit) if isinstance(one, Lookup)]
    ends += [0 if made.status_at is None else made.status_at + 1]
    if max(ends) > made.count:
        raise ValueError(f"the read of {made.count} registers does not hold the whole reading")
    if not set(made.bits) <= FLAGS:
        raise ValueError(f"unknown status bits: {sorted(set(made.bits) - FLAGS)}")
    if made.sign == "status" and "gross_negative" not in made.bits:
        raise ValueError("sign = status without the bit gross_negative")
    if "net" in made.bits and (made.net is None or (made.sign == "status" and "net_negative" not in made.bits)):
        raise ValueError("the status tells net, the map does not say where the net weight and its sign stand")
    if not {"stable", "motion"} & set(made.bits) and not (made.still_steps > 0 and made.still_ms > 0):
        raise ValueError("nothing tells when the weight is at rest: neither stable nor motion nor [stability]")
    if (made.format == "f32") != (made.decimals == "number"):
        raise ValueError("decimals = number belongs to f32 and to nothing else")
