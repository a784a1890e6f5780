"""What is typed into the desk's forms, read; what stands in its tables, written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection

from kiosk_ui.formats import grams, stamp
from kiosk_ui.models import Words
from kiosk_ui.models.office import Cell, Field, Key, Opened
from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.http import FIRST, LAST
from store_service.privacy.queries import unit_of_code
from store_service.rules.dates import BEIJING
from store_service.shop import Shop

LARGEST = 50_000
SECOND = (Field("badge", required=False), Field("pin", "pin", required=False))
YES, NO = Key("yes", "sage"), Key("no", "amber")


def unit_id(shop: Shop, code: str) -> str:
    """The unit of a batch number or a label's code; nothing for nothing typed. Raises Missing."""
    if not code:
        return ""
    with shop.desk.read() as connection:
        return unit_of_code(connection, shop.desk.site_id, code).id


def number(text: str, name: str) -> Decimal:
    """A number as typed, comma or point, of a size that a shop has: 1e9999999 takes minutes to write out. Raises
    ValueError naming the field."""
    try:
        found = Decimal(text.replace("，", ".").replace(",", "."))
    except InvalidOperation:
        raise ValueError(f"{name}: {text[:12]} is no number") from None
    if not found.is_finite() or not -LARGEST <= found <= LARGEST:
        raise ValueError(f"{name}: {text[:12]} is out of range")
    return found


def mg(text: str, name: str) -> int:
    """Grams as typed, in mg. Raises ValueError naming the field."""
    found = number(text, name)
    if found < 0:
        raise ValueError(f"{name}: is no mass")
    return int(found * 1000)


def tenths(text: str, name: str) -> int | None:
    """Degrees as typed, in 0.1 °C; None for nothing typed."""
    return int(number(text, name) * 10) if text else None


def on_day(text: str, name: str) -> date:
    """A date as a browser sends it. Raises ValueError naming the field."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name}: {text[:12]} is no date such as 2027-05-31") from None
    if not FIRST.date() <= found <= LAST.date():
        raise ValueError(f"{name}: {text[:12]} is too far away")
    return found


def day(text: str, name: str) -> date | None:
    return on_day(text, name) if text else None


def moment(text: str, name: str) -> datetime | None:
    """A Beijing wall time as a browser sends it; None for nothing typed. Raises ValueError naming the field."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text).replace(tzinfo=BEIJING)
    except ValueError:
        raise ValueError(f"{name}: {text[:20]} is no time such as 2027-05-31T14:30") from None
    if not FIRST <= found <= LAST:
        raise ValueError(f"{name}: {text[:20]} is too far away")
    return found


def at(value: datetime | None) -> str:
    return stamp(value) if value else "—"


def on(value: date | None) -> str:
    return value.isoformat() if value else "—"


def g(value: int | None) -> str:
    return grams(value) if value is not None else "—"


def celsius(tenths_c: int | None) -> str:
    return "—" if tenths_c is None else f"{tenths_c / 10:.1f} °C"


def names(shop: Shop, connection: Connection) -> Callable[[str], Words]:
    """What a product or an envelope is called, with its id; the id alone where no register tells."""
    known = registers(connection, shop.desk.site_id, LAST_KNOWN)

    def name(key: str) -> Words:
        found = known.products.get(key) or known.envelopes.get(key)
        return Words(f"{found.name_zh} {key}", f"{found.name_en} {key}") if found else Words(key, key)

    return name


TOLD = (
    "symptoms",
    "places",
    "began",
    "words",
    "contact",
    "phone",
    "photo",
    "names",
    "name",
    "reasons",
    "purpose",
    "envelope_id",
    "model_version",
    "shares_bp",
)
"""What a person may read in an opened record, by name; the rest is shown under its own."""
OFFERED = ("symptoms", "places", "began")
"""What is chosen from a list whose words stand in the book."""

PURPOSE = "skin_analysis"
"""The one purpose that a picture may be kept for."""


def opened(shop: Shop, kind: str, ref: str, body: Mapping[str, Any], until: date | None = None) -> Opened:
    """A personal record as a person reads it."""
    title = (Key(f"kind_{kind}"), *((ref,) if ref else ()), *((Key("until"), on(until)) if until else ()))
    facts = {key: value for key, value in body.items() if key != "picture" and value not in ("", [])}
    return Opened(title, tuple(_fact(shop, *one) for one in facts.items()), str(body.get("picture", "")))


def _fact(shop: Shop, key: str, value: Any) -> tuple[Cell, Cell]:
    question = shop.counter.texts.question(key.removesuffix("_text"))
    if question is not None:
        options = {one.value: Words(one.zh, one.en) for one in question.options}
        return Words(question.zh, question.en), tuple(options.get(one, one) for one in value)
    name = Key(f"told_{key}") if key in TOLD else key
    if key in OFFERED and value:
        return name, tuple(Key(one) for one in value) if isinstance(value, list) else Key(value)
    if (key, value) == ("purpose", PURPOSE):
        return name, Key(value)
    if key == "reasons":
        return name, tuple(Words(one["zh"], one["en"]) for one in value)
    if key == "shares_bp":
        return name, tuple(f"{one / 100:.2f} %" for one in value)
    return name, tuple(map(str, value)) if isinstance(value, list) else str(value)
