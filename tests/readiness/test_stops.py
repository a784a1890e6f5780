"""A stop from head office acts at once, and must be read within minutes while the shop is open (R-SYN-04)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from store_service.blending import commands as blending
from store_service.catalogue.commands import accept_snapshot
from store_service.catalogue.queries import render
from store_service.catalogue.stops import newly_stopped
from store_service.evidence.keys import SigningKey
from store_service.evidence.snapshot import sign_snapshot
from store_service.people import commands as people
from store_service.readiness import commands
from store_service.readiness.queries import unread_stops
from store_service.rules.dossier import LotRegister
from store_service.rules.refusal import Refused
from tests.config.documents import snapshot
from tests.shops import BLENDER, OFFICER, private_shop

from .conftest import Change, Registered, row

MINUTE = 60
KEY = SigningKey.from_seed("hub.test/snapshots", b"\x07" * 32)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Registered]:
    with private_shop(tmp_path) as private:
        yield Registered(private)


def push(shop: Registered, kind: str, change: Change = lambda same: same) -> None:
    """Head office signs its register as `change` makes it, and the shop accepts it."""
    desk = shop.private.shop.desk
    version = shop.version(kind) + 1
    payload, now = render(change(shop.standing(kind))), desk.now().replace(microsecond=0)
    note = sign_snapshot(payload, kind, version, now, now + timedelta(days=3), KEY)
    assert accept_snapshot(desk, note, payload, [KEY.verifier])


def unread(shop: Registered) -> list[tuple[str, tuple[str, ...]]]:
    desk = shop.private.shop.desk
    with desk.read() as connection:
        return [(one.kind, one.items) for one in unread_stops(connection, desk.site_id)]


STOPS: list[tuple[str, Change, str]] = [
    ("lots", row("lots", "lot_no", "OC2609A", hold="QA"), "SRC-OILCTL/OC2609A"),
    ("lots", row("lots", "lot_no", "OC2609A", status="recalled"), "SRC-OILCTL/OC2609A"),
    ("lots", lambda register: LotRegister(lots=register.lots[1:]), "SRC-LOTION/LB2608A"),
    ("envelopes", row("envelopes", "envelope_id", "ENV-TONER", status="withdrawn"), "ENV-TONER"),
    ("envelopes", row("envelopes", "envelope_id", "ENV-TONER", version=99), "ENV-TONER"),
    ("products", row("products", "product_id", "SRC-HAND", filing_status="revoked"), "SRC-HAND"),
    ("products", row("products", "product_id", "SRC-HAND", formula_version="F9"), "SRC-HAND"),
]


HERE = {("SRC-OILCTL", "OC2609A"), ("SRC-LOTION", "LB2608A")}


@pytest.mark.parametrize(("kind", "change", "item"), STOPS)
def test_what_stops_something_here_must_be_read(kind: str, change: Change, item: str) -> None:
    before = snapshot(kind)
    after = change(before)
    assert newly_stopped(before, after, HERE) == (item,)
    assert newly_stopped(after, after, HERE) == (), "the same stop is not told twice"


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("lots", lambda same: same),
        ("lots", row("lots", "lot_no", "OC2609A", sample_ref="S-9")),
        ("lots", row("lots", "lot_no", "TN2609A", hold="QA")),
        ("products", row("products", "product_id", "SRC-HAND", name_en="Another name")),
        ("staff_register", row("staff", "staff_id", "s-03", banned=True)),
    ],
    ids=["nothing", "a reference", "a lot that never came here", "a name", "another register"],
)
def test_what_stops_nothing_here_need_not(kind: str, change: Change) -> None:
    before = snapshot(kind)
    assert newly_stopped(before, change(before), HERE) == ()


def test_fifteen_minutes_from_its_receipt_then_no_new_service(alone: Registered) -> None:
    private, desk, counter = alone.private, alone.private.shop.desk, alone.private.shop.counter
    push(alone, "lots", row("lots", "lot_no", "OC2609A", hold="QA"))
    private.dial.seconds = 15 * MINUTE
    assert counter.open(BLENDER)
    private.dial.seconds = 15 * MINUTE + 1
    with pytest.raises(Refused) as no:
        counter.open(BLENDER)
    assert {one.rule for one in no.value.verdict.refusals} == {"R-SYN-04"}
    push(alone, "lots")
    assert unread(alone) == [("lots", ("SRC-OILCTL/OC2609A",))]
    assert commands.read_stops(desk, OFFICER.staff_id) == ("lots-2",)
    assert counter.open(BLENDER)
    assert commands.read_stops(desk, OFFICER.staff_id) == ()


def test_the_minutes_run_only_while_the_shop_is_open(alone: Registered) -> None:
    private, desk, counter = alone.private, alone.private.shop.desk, alone.private.shop.counter
    people.close_shift(desk, OFFICER.staff_id)
    push(alone, "lots", row("lots", "lot_no", "OC2609A", hold="QA"))
    private.dial.seconds = 60 * MINUTE
    people.open_shift(desk, OFFICER.staff_id)
    assert counter.open(BLENDER)
    private.dial.seconds = 75 * MINUTE + 1
    with pytest.raises(Refused):
        counter.open(BLENDER)


def test_the_stop_itself_does_not_wait_to_be_read(alone: Registered) -> None:
    """The lot is refused in the same moment (R-BLD-04)."""
    private, desk = alone.private, alone.private.shop.desk
    unit_id, settings = private.planned_unit("ENV-TONER"), private.station.settings
    service_id = private.unit(unit_id).service_id
    assert private.shop.counter.verdict(BLENDER, settings, private.shop.settings.public_base, service_id).allowed
    blending.clear_line(desk, BLENDER, settings, unit_id, ("labels", "lots", "hands"))
    private.start(unit_id)
    push(alone, "lots", row("lots", "lot_no", "TN2609A", hold="QA"))
    with pytest.raises(Refused) as no:
        blending.scan_container(desk, BLENDER, settings, unit_id, "C-106")
    assert "R-BLD-04" in {one.rule for one in no.value.verdict.refusals}
