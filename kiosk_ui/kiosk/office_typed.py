"""What is typed into the desk's forms, read; what stands in its tables, written."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from kiosk_ui.formats import grams, stamp
from kiosk_ui.models.office import Field, Key
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
