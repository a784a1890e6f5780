"""What the shops wait for as second signature, with what a person must see to answer it, and what became of answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from store_service.blending.queries import Component, Unit, components_of, find_unit
from store_service.catalogue.queries import LAST_KNOWN, registers
from store_service.records.desk import Missing
from store_service.records.projections.quality import deviation
from store_service.records.projections.site import finding, second_answer
from store_service.records.seconds import WAITS, Asked, leaf_of, waiting_everywhere

from .hub import Hub
from .seconds import recent


@dataclass(frozen=True, slots=True)
class Deviation:
    kind: str
    detail: str
    by: str
    at: datetime
    open: bool


@dataclass(frozen=True, slots=True)
class Request:
    """One request with what a person must see to answer it. `sha256` names it; `unit` is None for one that is about
    the shop's day. `names`: product id to its names. `refused_before`: head office's reasons, where it said no."""

    asked: Asked
    sha256: str
    unit: Unit | None
    parts: tuple[Component, ...]
    names: dict[str, tuple[str, str]]
    deviations: tuple[Deviation, ...]
    refused_before: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """An answer of the last day. `effect` is None while it is on its way, else `settled`, `declined` or
    `second_without_effect`, as the shop recorded it."""

    shop: str
    asked_idx: int
    rule: str
    subject: str
    agreed: bool
    reason: str
    by: str
    at: datetime
    effect: str | None


def queue(hub: Hub) -> list[Request]:
    """Every request that waits, over all shops, the newest first."""
    with hub.desk.read() as connection:
        asked = waiting_everywhere(connection, hub.now() - WAITS)
        given = {(row.shop, row.asked_idx) for row in recent(connection, hub)}
        return [_request(hub, connection, one) for one in reversed(asked) if (one.store_id, one.idx) not in given]


def find(hub: Hub, store_id: str, idx: int) -> Request:
    """One request of the queue. Raises Missing for what waits no longer."""
    for one in queue(hub):
        if (one.asked.store_id, one.asked.idx) == (store_id, idx):
            return one
    raise Missing("request for a second person", f"{store_id} {idx}")


def given(hub: Hub) -> list[Given]:
    """The answers of the last day, the newest first."""
    with hub.desk.read() as connection:
        return [
            Given(
                row.shop, row.asked_idx, row.rule, row.subject, row.agreed, row.reason, row.by, row.at,
                _effect(connection, row.shop, row.asked_idx),
            )
            for row in reversed(recent(connection, hub))
        ]  # fmt: skip


def _effect(connection: Connection, shop: str, idx: int) -> str | None:
    query = select(finding.c.kind).where(finding.c.store_id == shop, finding.c.asked_idx == idx)
    return connection.execute(query).scalar()


def _request(hub: Hub, connection: Connection, asked: Asked) -> Request:
    store = asked.store_id
    try:
        unit = find_unit(connection, store, asked.subject)
    except Missing:
        unit = None
    parts = tuple(components_of(connection, store, asked.subject)) if unit else ()
    products = registers(connection, hub.desk.site_id, LAST_KNOWN).products
    rows = connection.execute(
        select(deviation)
        .where(deviation.c.store_id == store, deviation.c.subject == asked.subject)
        .order_by(deviation.c.at)
    )
    before = connection.execute(
        select(second_answer.c.reason).where(
            second_answer.c.store_id == hub.desk.site_id, second_answer.c.shop == store,
            second_answer.c.subject == asked.subject, second_answer.c.rule == asked.rule, second_answer.c.agreed == 0,
        ).order_by(second_answer.c.at)
    )  # fmt: skip
    return Request(
        asked=asked,
        sha256=leaf_of(connection, store, asked.idx) or "",
        unit=unit,
        parts=parts,
        names={
            part.product_id: (products[part.product_id].name_zh, products[part.product_id].name_en)
            for part in parts
            if part.product_id in products
        },
        deviations=tuple(Deviation(row.kind, row.detail, row.by, row.at, bool(row.open)) for row in rows),
        refused_before=tuple(reason for (reason,) in before),
    )
