"""How numbers, dates and facts are written. Masses come as integer mg, shares as bp, instants as aware UTC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from store_service.rules.dates import BEIJING, beijing_date

NBSP = "\N{NO-BREAK SPACE}"


def grams(mg: int, unit: bool = True, sign: bool = False) -> str:
    """3912 -> '3.912 g'. Three decimals always, so that weights stand still; the minus is U+2212."""
    whole, rest = divmod(abs(mg), 1000)
    mark = "−" if mg < 0 else "+" if sign else ""
    return f"{mark}{whole}.{rest:03d}" + (f"{NBSP}g" if unit else "")


def content(mg: int) -> str:
    """Net content as a label says it: 30000 -> '30 g', 29950 -> '29.95 g'."""
    whole, rest = divmod(mg, 1000)
    tail = f".{rest:03d}".rstrip("0").rstrip(".")
    return f"{whole}{tail}{NBSP}g"


def percent(bp: int) -> str:
    """1250 -> '12.5 %'."""
    whole, rest = divmod(bp, 100)
    tail = f".{rest:02d}".rstrip("0").rstrip(".")
    return f"{whole}{tail}{NBSP}%"


def tenths(value: int) -> str:
    """225 -> '22.5'."""
    return f"{'−' if value < 0 else ''}{abs(value) // 10}.{abs(value) % 10}"


def day(value: date | datetime) -> str:
    """A Beijing date: 2026-11-22."""
    return (beijing_date(value) if isinstance(value, datetime) else value).isoformat()


def clock(value: datetime) -> str:
    """Beijing time to the minute: 14:02."""
    return value.astimezone(BEIJING).strftime("%H:%M")


def moment(value: datetime) -> str:
    """Beijing time to the second: 14:02:11."""
    return value.astimezone(BEIJING).strftime("%H:%M:%S")


def stamp(value: datetime) -> str:
    """Beijing date and time: 2026-11-22 14:02:11."""
    return f"{day(value)} {moment(value)}"


def fact(key: str, value: Any) -> str:
    """One compared value of a refusal; the key's ending tells the unit (`_mg`, `_bp`, `_c10`, `_pct10`, `_mm_x100`,
    `_ppm`)."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "✓" if value else "✕"
    if isinstance(value, int):
        if key.endswith("_mg"):
            return grams(value)
        if key.endswith("_bp"):
            return percent(value)
        if key.endswith("_c10"):
            return f"{tenths(value)}{NBSP}°C"
        if key.endswith("_pct10"):
            return f"{tenths(value)}{NBSP}%"
        if key.endswith("_mm_x100"):
            return f"{value // 100}.{value % 100:02d}{NBSP}mm"
        if key.endswith("_ppm"):
            return f"{value}{NBSP}ppm"
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | dict):
        return "、".join(fact(key, item) for item in value) or "—"
    return str(value)


FILTERS = {
    "grams": grams,
    "content": content,
    "percent": percent,
    "tenths": tenths,
    "day": day,
    "clock": clock,
    "moment": moment,
    "stamp": stamp,
}
