"""R-ADM of lots and packs: taken in with their papers, never dead, a cartridge traced to its filling."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from store_service.rules.case import Case, Container
from store_service.rules.checking import No, check, named, no, products_of, sources_of
from store_service.rules.dates import beijing_date, read_date
from store_service.rules.dossier import LotStatus
from store_service.rules.numbers import parse_filing_number
from store_service.rules.params import Parameters

from .products import LIVE

DEAD = ("quarantined", "recalled", "returned", "damaged")
ADMISSIBLE = ("retail_pack", "cartridge")


@check("R-ADM-13", "receive")
def receipt_complete(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-13: everything that the purchase check asks for is on the receipt, and agrees with the dossier."""
    if case.receipt is None:
        yield no("unknown", receipt=None)
        return
    fields = case.receipt.fields
    source = products_of(case)[0]
    if missing := [name for name in params.receipt_fields if not fields.get(name, "").strip()]:
        yield no("missing", **named(source), missing=missing)
    bought = fields.get("purchase_date", "").strip()
    day, today = read_date(bought), beijing_date(case.now)
    if bought and (day is None or day > today):
        yield no("date", **named(source), purchase_date=bought[:40], today=today)
    lot, read = case.receipt.lot, case.receipt.expiry
    if lot is not None and read is not None and read != lot.expiry:
        yield no("other_expiry", **named(source), lot_no=lot.lot_no, expiry=read, listed_expiry=lot.expiry)
    typed = fields.get("filing_number", "").strip()
    if typed and source.product is not None:
        written, filed_as = (parse_filing_number(n).normalised for n in (typed, source.product.filing_number))
        if written != filed_as:
            yield no("other_number", **named(source), written=written, filed_as=filed_as)


@check("R-ADM-14", *LIVE)
def not_dead_stock(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-14: nothing expired, returned, recalled, quarantined or damaged. The day of expiry itself still
    passes."""
    today = beijing_date(case.now)
    for source in sources_of(case):
        if source.lot is None:
            continue
        facts = {**named(source), "lot_no": source.lot.lot_no}
        if source.lot.expiry < today:
            yield no("expired", **facts, expiry=source.lot.expiry, today=today)
        if source.lot.status in DEAD:
            yield no("dead", **facts, lot_status=source.lot.status)


@check("R-ADM-15", "receive")
def new_packs_admissible(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-15 at the door: each pack that gets a code."""
    if case.receipt is None:
        return
    source = products_of(case)[0]
    for container in case.receipt.containers:
        yield from _traced(named(source), container, case.receipt.lot, beijing_date(case.now))


@check("R-ADM-15", "verdict", "scan", "dose")
def cartridge_traced(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-15: no bulk pail; a cartridge has its lot, its filling date and, once open, its opening."""
    for source in sources_of(case):
        if source.container is not None:
            yield from _traced(named(source), source.container, source.lot, beijing_date(case.now))


def _traced(name: dict[str, str], container: Container, lot: LotStatus | None, today: date) -> Iterator[No]:
    facts = {**name, "container_id": container.container_id}
    if container.kind not in ADMISSIBLE:
        yield no("bulk", **facts, container_kind=container.kind)
    if container.kind != "cartridge":
        return
    filled = container.filled_on
    missing = [
        field
        for field, known in (
            ("filled_on", filled is not None),
            ("lot_no", lot is not None),
            ("opened_at", container.state != "opened" or container.opened_at is not None),
        )
        if not known
    ]
    if missing:
        yield no("missing", **facts, missing=missing)
    latest = beijing_date(container.opened_at) if container.opened_at else today
    if filled is not None and lot is not None and not lot.produced <= filled <= min(latest, today):
        yield no("filled", **facts, filled_on=filled, produced=lot.produced, latest=min(latest, today))
