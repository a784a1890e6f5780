"""What is typed into the desk's forms, read; what stands in its tables, written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from sqlalchemy import Connection

from kiosk_ui.formats import grams, stamp
from kiosk_ui.models.office import Cell, Field, Key, Parts
from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.privacy.queries import unit_of_code
from store_service.rules.dates import BEIJING
from store_service.rules.params import Parameters
from store_service.shop import Shop

SECOND = (Field("badge", required=False), Field("pin", "pin", required=False))
YES, NO = Key("yes", "sage"), Key("no", "amber")


def unit_id(shop: Shop, code: str) -> str:
    """The unit of a batch number or a label's code; nothing for nothing typed. Raises Missing."""
    if not code:
        return ""
    with shop.desk.read() as connection:
        return unit_of_code(connection, shop.desk.site_id, code).id


def mg(text: str, name: str) -> int:
    """Grams as typed, in mg. Raises ValueError naming the field."""
    try:
        found = Decimal(text.replace("，", ".").replace(",", "."))
        if not found.is_finite() or not 0 <= found <= 50_000:
            raise ValueError(f"{name}: is no mass")
        return int(found * 1000)
    except InvalidOperation as wrong:
        raise ValueError(f"{name}: is no mass") from wrong


def tenths(text: str, name: str) -> int | None:
    """Degrees as typed, in 0.1 °C; None for nothing typed."""
    try:
        return int(Decimal(text) * 10) if text else None
    except (InvalidOperation, OverflowError, ValueError) as wrong:
        raise ValueError(f"{name}: is no temperature") from wrong


def day(text: str, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise ValueError(f"{name}: is no date") from wrong


def moment(text: str, name: str) -> datetime | None:
    """A Beijing wall time as a browser sends it; None for nothing typed."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING) if text else None
    except ValueError as wrong:
        raise ValueError(f"{name}: is no time") from wrong


def at(value: datetime | None) -> str:
    return stamp(value) if value else "—"


def on(value: date | None) -> str:
    return value.isoformat() if value else "—"


def g(value: int | None) -> str:
    return grams(value) if value is not None else "—"


def params(shop: Shop, connection: Connection) -> Parameters:
    known = registers(connection, shop.desk.site_id, LAST_KNOWN)
    return shop.desk.ruleset.fill(known.params(shop.desk))


def parts(groups: Iterable[tuple[str | Key, ...]], apart: str = "；") -> Cell:
    """Groups of words and texts in one cell; a dash for none."""
    cells: list[str | Key] = []
    for group in groups:
        told = [one for one in group if one != ""]
        cells += [apart, *told] if cells else told
    return Parts(tuple(cells)) if cells else "—"
