"""The name that a consumer wants on the pack: screened at once, sealed in the vault, printed where there is room."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from store_service.catalogue.queries import registers
from store_service.consultation.queries import find_service, pack_name
from store_service.labelling.serials import serials_of
from store_service.privacy.commands import RightsDesk
from store_service.privacy.retention import GRACE, sweep
from store_service.records.tables import blob
from store_service.trace.record import unit_record
from tests.desks import Desked, DeskKiosk, desk
from tests.faults.laws import all_hold, log_of
from tests.shops import OFFICER

NAME = "小满"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desked]:
    with desk(tmp_path_factory.mktemp("naming")) as made:
        yield made


@pytest.fixture
def kiosk(shared: Desked) -> Iterator[DeskKiosk]:
    yield shared.kiosk
    for one in shared.kiosk.begun:
        shared.kiosk.clear(one)
    shared.kiosk.begun.clear()
    all_hold(shared.shop.desk)


def wish(kiosk: DeskKiosk, unit_id: str, name: str) -> Any:
    return kiosk.ask(f"/services/{kiosk.state(unit_id)['service_id']}/units/{unit_id}/name", {"name": name})


def rules_of(answer: Any) -> set[str]:
    return {one["rule"] for one in answer.json()["refusals"]}


def finish(kiosk: DeskKiosk, unit_id: str) -> None:
    """From the plan to the printed label."""
    for step in (kiosk.start, kiosk.scan, kiosk.cup, kiosk.dose, kiosk.check, kiosk.sign, kiosk.print):
        step(unit_id)


def dots(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png)) as picture:
        return picture.convert("1").tobytes()


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("美白小满", {"R-LAB-09", "R-WORD-03"}),
        ("最 佳 小满", {"R-LAB-09", "R-WORD-01"}),
        ("whitening", {"R-LAB-09", "R-WORD-03"}),
        ("小满的保湿瓶", {"R-LAB-09"}),
    ],
)
def test_a_name_that_may_not_stand_on_a_label(shared: Desked, kiosk: DeskKiosk, name: str, rules: set[str]) -> None:
    unit_id = kiosk.unit("planned")
    refused = wish(kiosk, unit_id, name)
    assert refused.status_code == 409 and rules_of(refused) == rules
    assert pack_name(shared.shop.vault, unit_id) == ""
    assert not kiosk.get(f"/services/{kiosk.state(unit_id)['service_id']}")["units"][0]["named"]


def test_a_name_is_printed_and_stands_in_no_record(shared: Desked, kiosk: DeskKiosk) -> None:
    unit_id = kiosk.unit("planned")
    assert wish(kiosk, unit_id, f" {NAME} ").json()["units"][0]["named"] is True
    assert pack_name(shared.shop.vault, unit_id) == NAME
    finish(kiosk, unit_id)
    preview = kiosk.client.get(f"/units/{unit_id}/label/1.png").content
    labels = [one for one in kiosk.state(unit_id)["labels"] if one["state"] == "printed"]
    desk, sent = shared.shop.desk, shared.private.bench.printed[-len(labels) :]
    with desk.read() as connection:
        digests = [one.bitmap_sha256 for one in serials_of(connection, desk.site_id, unit_id)]
        query = select(blob.c.body).where(blob.c.sha256.in_(digests))
        kept = {dots(body) for body in connection.execute(query).scalars()}
        record = unit_record(connection, desk, registers(connection, desk.site_id, desk.now()), unit_id)
    assert len(kept) == len(sent)
    assert not kept & {rows for _, _, rows in sent}, "the picture that is kept does not bear the name"
    assert dots(preview) not in kept
    assert record["pack_name"] == shared.shop.vault.commitment("pack_name", unit_id)
    assert kiosk.release(unit_id)["state"] == "released"
    assert NAME not in "".join(str(dict(one.data)) for one in log_of(desk))


def test_a_name_is_refused_where_the_label_has_no_room(shared: Desked, kiosk: DeskKiosk) -> None:
    unit_id, bench = kiosk.unit("planned"), shared.private.station.settings.bench_id
    kiosk.do("/label-stock", {"bench_id": bench, "stock": "48x40"})
    try:
        refused = wish(kiosk, unit_id, NAME)
    finally:
        kiosk.do("/label-stock", {"bench_id": bench, "stock": "72x60"})
    assert rules_of(refused) == {"R-LAB-17"}, "a small pack bears what the law wants, the rest is on the leaflet"
    assert wish(kiosk, unit_id, NAME).is_success


def test_a_name_is_taken_back_and_comes_after_planning_only(shared: Desked, kiosk: DeskKiosk) -> None:
    unit_id = kiosk.unit("planned")
    wish(kiosk, unit_id, NAME)
    assert wish(kiosk, unit_id, "").json()["units"][0]["named"] is False
    assert pack_name(shared.shop.vault, unit_id) == ""
    kiosk.start(unit_id)
    assert wish(kiosk, unit_id, NAME).json()["state"] == "started"


def test_a_name_goes_with_its_person(shared: Desked, kiosk: DeskKiosk) -> None:
    shop, unit_id = shared.shop, kiosk.unit("planned")
    wish(kiosk, unit_id, NAME)
    with shop.desk.read() as connection:
        person = find_service(connection, shop.desk.site_id, kiosk.state(unit_id)["service_id"]).consumer_ref
    rights = RightsDesk(shop.desk, shop.vault)
    asked = rights.ask(OFFICER, person, "erase", "batch")
    assert "pack_name" in {one["kind"] for one in rights.show(OFFICER, asked)["records"]}
    rights.answer(OFFICER, asked)
    assert pack_name(shop.vault, unit_id) == ""


def test_a_name_for_a_unit_that_was_never_filled_is_swept(shared: Desked, kiosk: DeskKiosk) -> None:
    unit_id = kiosk.unit("planned")
    wish(kiosk, unit_id, NAME)
    now = shared.shop.desk.now()
    sweep(shared.shop.desk, shared.shop.vault, shared.shop.counter.texts.purpose_of, now + GRACE + timedelta(days=1))
    assert pack_name(shared.shop.vault, unit_id) == NAME, "its visit is open"
    service_id = kiosk.state(unit_id)["service_id"]
    kiosk.do(
        f"/services/{service_id}/units",
        {"envelope_id": "ENV-TONER", "shares_bp": [8500, 1500], "fill_mg": 15000, "pack_sku": "PK-15"}
        | {"instead_of": unit_id},
    )
    sweep(shared.shop.desk, shared.shop.vault, shared.shop.counter.texts.purpose_of, now + GRACE + timedelta(days=1))
    assert pack_name(shared.shop.vault, unit_id) == ""
