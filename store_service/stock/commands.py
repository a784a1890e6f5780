"""Take in lots, containers and packs; open, mount, quarantine and finish containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import select

from store_service.catalogue.queries import registers
from store_service.people.queries import acting
from store_service.records.desk import Desk, Missing, OutOfStep
from store_service.records.events.stock import (
    ContainerFinished,
    ContainerMounted,
    ContainerOpened,
    ContainerQuarantined,
    ContainerRegistered,
    ContainerUnmounted,
    FieldRead,
    LabelStockLoaded,
    LotReceived,
    PackReceived,
)
from store_service.records.ledger import Act
from store_service.records.projections.stock import container
from store_service.rules.case import Case, Container, Receipt, Source

from .queries import find_container, find_pack


@dataclass(frozen=True, slots=True)
class NewContainer:
    """A pack of a delivery that gets a container code of its own. Masses in mg."""

    container_id: str
    kind: str
    net_mg: int
    heel_mg: int = 0
    filled_on: date | None = None


RECEIPT_FIELDS = (
    "product_name",
    "filing_number",
    "use_period",
    "net_content",
    "quantity",
    "supplier_name",
    "supplier_address",
    "supplier_contact",
    "supplier_proof",
    "inspection_ref",
    "purchase_date",
)
ON_THE_PACK = ("lot_no", "expiry", "product_name", "filing_number")
"""What must come off the pack itself, never off head office's list."""
How = Literal["scan", "typed", "compared"]


def receive_lot(
    desk: Desk,
    actor: str,
    product_id: str,
    lot_no: str,
    expiry: date,
    fields: Mapping[str, str],
    containers: tuple[NewContainer, ...],
    read: Mapping[str, How] | None = None,
) -> str:
    """Take in one delivery line after incoming inspection (R-ADM-13); returns its receipt id. Gate `receive`.

    `fields` are the texts read at the door, keyed as LotReceived's fields; `read` says how those of `ON_THE_PACK` came
    off it, `typed` where it says nothing. ValueError for a code given twice.
    """
    read = read or {}
    if len({one.container_id for one in containers}) < len(containers):
        raise ValueError("container_id: one code is given to two packs")
    receipt_id = desk.new_id("r")
    with desk.act(actor, {"receipt": receipt_id}) as act:
        now = desk.now()
        known = registers(act.connection, desk.site_id, now)
        product, lot = known.products.get(product_id), known.lots.get((product_id, lot_no))
        case = Case(
            now=now,
            site=desk.site,
            params=known.params(desk),
            roster=known.roster,
            person=acting(act.connection, desk.site_id, known, actor, now),
            receipt=Receipt(
                product_id=product_id,
                product=product,
                lot=lot,
                fields=fields,
                expiry=expiry,
                containers=tuple(_offered(one, product_id, lot_no) for one in containers),
            ),
            source=Source(product_id=product_id, product=product, lot=lot, register_attested_at=known.attested_at),
        )
        desk.require(act, "receive", case, f"{product_id}/{lot_no}")
        act.record(
            LotReceived(
                receipt_id=receipt_id,
                product_id=product_id,
                lot_no=lot_no,
                expiry=expiry,
                **{key: fields[key] for key in RECEIPT_FIELDS},
                read=tuple(FieldRead(field=one, how=read.get(one, "typed")) for one in ON_THE_PACK),
            )
        )
        for one in containers:
            if find_container(act.connection, desk.site_id, one.container_id) is not None:
                raise OutOfStep("registered", "new")
            act.record(
                ContainerRegistered(
                    container_id=one.container_id,
                    product_id=product_id,
                    lot_no=lot_no,
                    kind=one.kind,
                    net_mg=one.net_mg,
                    heel_mg=one.heel_mg,
                    filled_on=one.filled_on,
                )
            )
    return receipt_id


def _offered(one: NewContainer, product_id: str, lot_no: str) -> Container:
    return Container(
        container_id=one.container_id,
        product_id=product_id,
        lot_no=lot_no,
        kind=one.kind,
        state="closed",
        opened_at=None,
        remaining_mg=one.net_mg,
        heel_mg=one.heel_mg,
        filled_on=one.filled_on,
    )


def _standing(desk: Desk, act: Act, container_id: str) -> Container:
    found = find_container(act.connection, desk.site_id, container_id)
    if found is None:
        raise Missing("container", container_id)
    return found


def open_container(desk: Desk, actor: str, container_id: str, opened_at: datetime | None = None) -> None:
    """Open a closed container: its period after opening begins, or began at the stated `opened_at`, never later than
    now (ValueError). What was discarded is not opened again."""
    if opened_at is not None and opened_at > desk.now():
        raise ValueError("opened_at: lies in the future")
    with desk.act(actor, {"container": container_id}) as act:
        found = _standing(desk, act, container_id)
        if found.state == "opened":
            return
        if found.state != "closed":
            raise OutOfStep(found.state, "closed")
        act.record(ContainerOpened(container_id=container_id, opened_at=opened_at))


def mount_container(
    desk: Desk, actor: str, container_id: str, bench_id: str, position: int, purged_mg: int = 0
) -> None:
    """Put an opened container on a dispenser channel; another one on that channel comes off."""
    with desk.act(actor, {"container": container_id}) as act:
        found = _standing(desk, act, container_id)
        if found.state not in ("closed", "opened"):
            raise OutOfStep(found.state, "opened")
        for other in _on_channel(desk, act, bench_id, position):
            if other != container_id:
                act.record(ContainerUnmounted(container_id=other, bench_id=bench_id, position=position))
        if found.state == "closed":
            act.record(ContainerOpened(container_id=container_id))
        act.record(
            ContainerMounted(container_id=container_id, bench_id=bench_id, position=position, purged_mg=purged_mg)
        )


def _on_channel(desk: Desk, act: Act, bench_id: str, position: int) -> list[str]:
    query = select(container.c.id).where(
        container.c.store_id == desk.site_id, container.c.bench_id == bench_id, container.c.position == position
    )
    return [found for (found,) in act.connection.execute(query)]


def quarantine_container(desk: Desk, actor: str, container_id: str, reason: str) -> None:
    """Nobody doses from it any more. Raises OutOfStep for what is used up or quarantined already."""
    with desk.act(actor, {"container": container_id}) as act:
        found = _standing(desk, act, container_id)
        if found.state not in ("closed", "opened"):
            raise OutOfStep(found.state, "closed/opened")
        act.record(ContainerQuarantined(container_id=container_id, reason=reason))


def finish_container(desk: Desk, actor: str, container_id: str, residue_mg: int, *, discarded: bool) -> None:
    """A container is empty or thrown away; its residue was weighed (R-REC-06)."""
    with desk.act(actor, {"container": container_id}) as act:
        found = _standing(desk, act, container_id)
        if found.state in ("empty", "discarded"):
            raise OutOfStep(found.state, "in use")
        state = "discarded" if discarded else "empty"
        act.record(ContainerFinished(container_id=container_id, residue_mg=residue_mg, state=state))


def receive_packs(
    desk: Desk, actor: str, pack_lot: str, sku: str, quantity: int, supplier: str, certificate: str
) -> None:
    """Take in a lot of validated packs with its certificate (R-BLD-15). A lot is of one pack: else ValueError."""
    with desk.act(actor, {"pack_lot": pack_lot}) as act:
        known = find_pack(act.connection, desk.site_id, pack_lot)
        if known is not None and known.sku != sku:
            raise ValueError(f"sku: lot {pack_lot} is of {known.sku}")
        act.record(
            PackReceived(pack_lot=pack_lot, sku=sku, quantity=quantity, supplier=supplier, certificate=certificate)
        )


def load_label_stock(desk: Desk, actor: str, bench_id: str, stock: str) -> None:
    with desk.act(actor, {"bench_id": bench_id, "stock": stock}) as act:
        act.record(LabelStockLoaded(bench_id=bench_id, stock=stock))
