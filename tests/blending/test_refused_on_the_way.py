"""Every rule of blending, labels and words says its no to a command: the overlays, played in memory. The same service
without an overlay passes every gate."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from store_service.blending import commands as blending
from store_service.blending.queries import components_of, open_units
from store_service.catalogue.commands import import_register
from store_service.catalogue.queries import registers
from store_service.demo import play as demo
from store_service.equipment.commands import clean
from store_service.records.desk import NeedsReason
from store_service.records.ledger import events_of
from store_service.rules.refusal import Refused
from store_service.stock.commands import finish_container, quarantine_container
from store_service.stock.queries import all_containers
from tests.shops import BLENDER, CONFIG, EMPTY_MG, OFFICER, PACK_LOT, FakeBench, PrivateShop, private_shop

FOLDER = CONFIG / "demo" / "refusals"
FAMILIES = ("r-bld-", "r-lab-", "r-word-")
OVERLAYS = [
    path
    for path in sorted(FOLDER.glob("*.toml"))
    if path.name.startswith(FAMILIES) and tomllib.loads(path.read_text("utf-8"))["expect_at"] != "label_lint"
]
BEFORE = ("store", "filer", "opening")
TONER = {"envelope_id": "ENV-TONER", "fill_mg": 30_000, "pack_sku": "PK-30"}
OIL = "SRC-OILCTL"


def before(path: Path) -> dict[str, Any]:
    """What must stand before the shift is opened."""
    changes = tomllib.loads(path.read_text("utf-8")).get("set", {})
    return {key: one for key, one in changes.items() if key in BEFORE}


Told = tuple[str, str, set[str]]  # refuse or warn, gate, rules


def publish(place: PrivateShop, changes: Mapping[str, Any]) -> None:
    shop = place.shop
    documents = demo.changed_documents(CONFIG / "demo", shop.desk.now(), shop.settings.filer_id, changes)
    for document in documents.values():
        import_register(shop.desk, document, by="import", valid_to=shop.desk.now() + timedelta(days=7))


def played(place: PrivateShop, act: Mapping[str, Any]) -> Told:
    """One service up to its first no; ("released", …) when there was none."""
    try:
        _play(place, act)
    except Refused as no:
        return "refuse", no.verdict.gate, {one.rule for one in no.verdict.refusals}
    except NeedsReason as no:
        return "warn", no.verdict.gate, {one.rule for one in no.verdict.warnings}
    return "released", "", set()


def _play(place: PrivateShop, act: Mapping[str, Any]) -> None:
    desk, settings, bench = place.shop.desk, place.station.settings, place.bench
    service_id = place.service()
    with desk.read() as connection:
        known = registers(connection, desk.site_id, desk.now()).envelopes
    units = [
        blending.plan_unit(
            desk, BLENDER, service_id, one["envelope_id"], one.get("shares_bp", known[one["envelope_id"]].default_bp),
            one["fill_mg"], one["pack_sku"],
        )
        for one in act.get("units", [TONER])
    ]  # fmt: skip
    unit_id = units[0]
    place.shop.counter.verdict(BLENDER, settings, place.shop.settings.public_base, service_id)
    if "clearance" not in act.get("skip", ()):
        blending.clear_line(desk, BLENDER, settings, unit_id, ("labels", "lots", "hands"))
    place.start(unit_id)
    _scan(place, unit_id, act)
    bench.gross_mg = EMPTY_MG
    own = act.get("own_container", False)
    blending.place_cup(
        desk, BLENDER, settings, bench, unit_id, act.get("pack_lot", PACK_LOT), visual_ok=True, own_container=own
    )
    _dose(place, unit_id, act)
    bench.gross_mg -= act.get("spill_mg", 0)
    blending.weigh(desk, BLENDER, settings, bench, unit_id)
    even = act.get("homogeneous_ok", True)
    blending.inspect(
        desk, BLENDER, settings, unit_id, mixed=True, appearance_ok=True, odour_ok=True, homogeneous_ok=even
    )
    if act.get("print_before_sign"):
        place.printed_unit(unit_id)
    blending.sign(desk, BLENDER, settings, unit_id, OFFICER.staff_id)
    place.printed_unit(unit_id)
    if "scan_back" in act:
        place.station.press.scan_back(BLENDER, unit_id, act["scan_back"])
    assert place.scanned_unit(unit_id)


def _scan(place: PrivateShop, unit_id: str, act: Mapping[str, Any]) -> None:
    desk = place.shop.desk
    with desk.read() as connection:
        wanted = [part.product_id for part in components_of(connection, desk.site_id, unit_id)]
        opened = [one for one in all_containers(connection, desk.site_id) if one.state == "opened"]
    for product_id in wanted:
        code = next(one.container_id for one in opened if one.product_id == product_id)
        code = act.get("container", code) if product_id == OIL else code
        typed = act.get("typed_code", False)
        blending.scan_container(desk, BLENDER, place.station.settings, unit_id, code, manual=typed)


def _dose(place: PrivateShop, unit_id: str, act: Mapping[str, Any]) -> None:
    desk, settings, bench = place.shop.desk, place.station.settings, place.bench
    if "second_container" in act:
        bench.outcome, bench.error_mg = "stopped", -2_000
    bench.lands_mg = {OIL: 4_500 + act["pour_extra_mg"]} if "pour_extra_mg" in act else {}
    place.station.doser.begin(BLENDER, unit_id)
    bench.run()
    if "second_container" in act:
        blending.resume(desk, BLENDER, settings, bench, unit_id, PACK_LOT)
        finish_container(desk, BLENDER.staff_id, "C-107", 0, discarded=False)
        blending.scan_container(desk, BLENDER, settings, unit_id, act["second_container"])
    if "pause_minutes" in act or "swap_cup" in act:
        blending.stop(desk, BLENDER, bench, unit_id, "clerk")
        place.dial.seconds += 60 * act.get("pause_minutes", 0)
        bench.gross_mg = EMPTY_MG + 500 if act.get("swap_cup") else bench.gross_mg
        blending.resume(desk, BLENDER, settings, bench, unit_id, PACK_LOT)
    if "hold_lot" in act:
        publish(place, {"lots": {f"lots[lot_no={act['hold_lot']}].hold": "QA"}})
    place.dosed_unit(unit_id)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("plain")) as place:
        yield place


@pytest.fixture
def shared(plain: PrivateShop) -> Iterator[PrivateShop]:
    """The module's shop; afterwards head office has published its own documents again and the bench is free."""
    yield plain
    now, desk = plain.shop.desk.now(), plain.shop.desk
    for document in demo.documents(CONFIG / "demo", now, plain.shop.settings.filer_id):
        import_register(desk, document, by="import", valid_to=now + timedelta(days=7))
    with desk.read() as connection:
        left = open_units(connection, desk.site_id)
    for one in left:
        blending.discard(desk, BLENDER, plain.bench, one.id, "test")
    plain.bench.__dict__.update(FakeBench(queue=plain.bench.queue).__dict__)


def test_the_same_service_passes_every_gate(shared: PrivateShop) -> None:
    assert played(shared, {}) == ("released", "", set())
    decant = TONER | {"envelope_id": "ENV-DECANT"}
    assert played(shared, {"units": [TONER, decant]}) == ("released", "", set())


@pytest.mark.parametrize("path", [one for one in OVERLAYS if not before(one)], ids=lambda path: path.stem)
def test_an_overlay_is_refused_by_a_command(path: Path, shared: PrivateShop) -> None:
    _as_expected(path, shared)


AGAIN = ("r-bld-10-verification-lapsed", "r-lab-18-does-not-fit")
"""Rules that another test of this file refuses as well."""


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(one, marks=[pytest.mark.soak] if one.stem in AGAIN else [], id=one.stem)
        for one in OVERLAYS
        if before(one)
    ],
)
def test_an_overlay_of_the_opening_is_refused_by_a_command(path: Path, tmp_path: Path) -> None:
    with private_shop(tmp_path, changes=before(path)) as place:
        _as_expected(path, place)


def _as_expected(path: Path, place: PrivateShop) -> None:
    wanted = tomllib.loads(path.read_text("utf-8"))
    publish(place, {key: one for key, one in wanted.get("set", {}).items() if key not in BEFORE})
    said, gate, rules = played(place, wanted.get("act", {}))
    assert (said, gate) == (wanted.get("outcome", "refuse"), wanted["expect_at"])
    assert wanted["rule"] in rules


def _allergic(place: PrivateShop, allergen: str) -> Told:
    """A second service, of a consumer who declares an allergen."""
    service_id = place.service()
    place.shop.counter.answer(BLENDER, service_id, "allergy", [allergen])
    place.shop.counter.finish(BLENDER, service_id)
    place.planned_unit("ENV-TONER", service_id)
    place.planned_unit("ENV-LOTION", service_id)
    settings, base = place.station.settings, place.shop.settings.public_base
    try:
        place.shop.counter.verdict(BLENDER, settings, base, service_id)
    except Refused as no:
        return "refuse", no.verdict.gate, {one.rule for one in no.verdict.refusals}
    return "passed", "", set()


def test_an_allergen_on_the_tools_is_cleaned_away_first(shared: PrivateShop) -> None:
    desk, settings = shared.shop.desk, shared.station.settings
    clean(desk, OFFICER, settings.bench_id, "台面、工具", "75 % 乙醇", 0)
    shared.dial.seconds += 1
    assert "R-BLD-23" not in _allergic(shared, "oat")[2]
    assert played(shared, {"units": [TONER | {"envelope_id": "ENV-DECANT"}, TONER]})[0] == "released"
    said, gate, rules = _allergic(shared, "oat")
    assert (said, gate) == ("refuse", "verdict") and "R-BLD-23" in rules
    shared.dial.seconds += 1
    clean(desk, OFFICER, settings.bench_id, "台面、工具", "75 % 乙醇", 0)
    assert "R-BLD-23" not in _allergic(shared, "oat")[2]


def test_a_warning_answered_at_the_verdict_does_not_come_back_at_the_print(shared: PrivateShop) -> None:
    publish(shared, {"envelopes": {"envelopes[envelope_id=ENV-TONER].name_zh": "澄壤永久清爽精华水"}})
    unit_id = shared.planned_unit("ENV-TONER")
    counter, base = shared.shop.counter, shared.shop.settings.public_base
    service_id = shared.unit(unit_id).service_id
    with pytest.raises(NeedsReason):
        counter.verdict(BLENDER, shared.station.settings, base, service_id)
    reason = next(iter(getattr(shared.shop.desk.ruleset, "reasons", {})), "checked")
    counter.verdict(BLENDER, shared.station.settings, base, service_id, {"R-WORD-06": reason})
    shared.cup_unit(unit_id)
    shared.dosed_unit(unit_id)
    shared.signed_unit(unit_id)
    assert shared.printed_unit(unit_id)


def test_a_component_of_which_nothing_is_left_stops_the_service(tmp_path: Path) -> None:
    """R-BLD-24: with a container, and with none."""
    with private_shop(tmp_path) as place:
        unit_id = place.planned_unit("ENV-TONER")
        counter, base = place.shop.counter, place.shop.settings.public_base
        asked = (BLENDER, place.station.settings, base, place.unit(unit_id).service_id)
        assert counter.verdict(*asked).allowed
        for code in ("C-107", "C-108"):
            quarantine_container(place.shop.desk, OFFICER.staff_id, code, "leaks")
        with pytest.raises(Refused) as no:
            counter.verdict(*asked)
    assert "R-BLD-24" in {one.rule for one in no.value.verdict.refusals}


def test_a_refused_service_has_every_units_rules_on_record(tmp_path: Path) -> None:
    """Judged once: the answer, the refusal and the verdict on record say the same."""
    with private_shop(tmp_path) as place:
        place.planned_unit("ENV-LOTION", service_id := place.service())
        place.planned_unit("ENV-TONER", service_id)
        publish(place, {"envelopes": {"envelopes[envelope_id=ENV-LOTION].mixing_step": "heat",
                                      "envelopes[envelope_id=ENV-TONER].challenge_test_ref": ""}})  # fmt: skip
        counter, base = place.shop.counter, place.shop.settings.public_base
        with pytest.raises(Refused) as no:
            counter.verdict(BLENDER, place.station.settings, base, service_id)
        with place.shop.desk.read() as connection:
            *_, refused, given = events_of(connection, place.shop.desk.site_id)
    rules = {one.rule for one in no.value.verdict.refusals}
    assert {"R-SCP-07", "R-BLD-02"} <= rules
    assert (refused.type, set(refused.data["rules"])) == ("act.refused", rules)
    assert (given.type, given.data["allowed"], set(given.data["refusals"])) == ("verdict.given", False, rules)


def test_a_text_that_does_not_fit_names_the_stocks_that_would_take_it(tmp_path: Path) -> None:
    with private_shop(tmp_path, changes={"opening": {"label_stock.stock": "48x40"}}) as place:
        unit_id = place.planned_unit("ENV-TONER")
        with pytest.raises(Refused) as no:
            place.shop.counter.verdict(
                BLENDER,
                place.station.settings,
                place.shop.settings.public_base,
                place.unit(unit_id).service_id,
            )
    (told,) = [one for one in no.value.verdict.refusals if one.rule == "R-LAB-18"]
    assert told.facts["stock"] == "48x40" and set(told.facts["fits_on"]) == {"72x60", "72x100"}
    assert "72x100" in told.message_zh
