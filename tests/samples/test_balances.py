"""The mass balance of containers and lots (R-REC-06): where every milligram went, whatever happened in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store_service.catalogue.commands import free_lot
from store_service.catalogue.queries import registers
from store_service.records.desk import OutOfStep
from store_service.records.events.blending import DoseEnded, DoseStarted
from store_service.records.events.equipment import LineFlushed
from store_service.records.events.stock import ContainerMounted
from store_service.samples import commands as samples
from store_service.samples.queries import balances, lot_balances
from store_service.stock import commands as stock
from store_service.stock.queries import all_containers
from store_service.trace.recall import lot_reports
from tests.faults.laws import all_hold, log_of
from tests.samples.packs import a_pack
from tests.shops import OFFICER, PrivateShop, private_shop

PRODUCT, LOT = "SRC-HYDRA", "HS2609A"
PARTS = ("dosed_mg", "purged_mg", "sampled_mg", "residue_mg", "lost_mg", "to_weigh_mg", "left_mg")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("balances")) as opened:
        opened.released_unit("ENV-TONER")
        yield opened
        all_hold(opened.shop.desk)


@pytest.fixture(scope="module")
def cup(shop: PrivateShop) -> str:
    """A unit that is being made: doses land in it."""
    return shop.planned_unit("ENV-LOTION")


def taken(shop: PrivateShop, pack: str, how: str, mass_mg: int, cup: str = "") -> None:
    """So much leaves a pack of `PRODUCT`, as the bench records it."""
    desk = shop.shop.desk
    if how == "sample":
        samples.keep(desk, OFFICER, samples.NewSample(mass_mg, "柜", pack))
        return
    raw = {"raw_before": "", "raw_after": ""}
    read = None if how.startswith("un") else mass_mg
    of_dose = {"dose_id": desk.new_id("x"), "unit_id": cup, "product_id": PRODUCT, "container_id": pack, "lot_no": LOT}
    with desk.act(OFFICER.staff_id, keyed=False) as act:
        if how == "purge":
            act.record(ContainerMounted(container_id=pack, bench_id="b-9", position=1, purged_mg=mass_mg))
        elif "flush" in how:
            act.record(LineFlushed(bench_id="b-9", channel=1, container_id=pack, purpose="prime", moved_mg=read,
                                   delivered_ul=mass_mg, fault="", **raw))  # fmt: skip
        else:
            act.record(DoseStarted(**of_dose, kind="pump", channel=1, target_mg=mass_mg, gross_mg=0, bound_ul=mass_mg))
            act.record(DoseEnded(**of_dose, outcome="done", fault=None, gross_before_mg=0, gross_after_mg=read,
                                 landed_mg=read, trace_sha256=None, duration_ms=1, starts=1, **raw))  # fmt: skip


HISTORY = st.lists(
    st.tuples(
        st.sampled_from(("dose", "sample", "purge", "flush", "unread dose", "unweighed flush")), st.integers(1, 20_000)
    ),
    max_size=5,
)
END = st.sampled_from(("in use", "empty", "discarded"))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=HISTORY, end=END, residue=st.integers(0, 110_000), weighed=st.booleans())
def test_in_is_out_and_what_is_left(
    shop: PrivateShop, cup: str, history: list[tuple[str, int]], end: str, residue: int, weighed: bool
) -> None:
    """received − dosed − sampled − flushed − lost = remaining, of each container, and of each lot their sum."""
    desk, pack, out = shop.shop.desk, a_pack(shop, 120_000, PRODUCT), Counter[str]()
    for how, mass in history:
        taken(shop, pack, how, mass, cup)
        out[how] += mass
    if end != "in use":
        stock.finish_container(desk, "s-01", pack, residue // 2, discarded=end == "discarded")
        if weighed:
            outcome = samples.strike_balance(desk, "s-01", pack, residue)
            if outcome == "gain":
                with desk.read() as connection:
                    lot = next(one for one in balances(connection, desk.site_id) if one.id == pack)
                free_lot(desk, lot.product_id, lot.lot_no, reason="test", by="s-01", second="s-02")
    with desk.read() as connection:
        rows = balances(connection, desk.site_id)
        lots = lot_balances(connection, desk.site_id)
        reports = {one.product_id: one for one in lots}
        grams = [one.grams for lot in reports.values() for one in lot_reports(connection, desk.site_id, lot.lot_no)]
    row = next(one for one in rows if one.id == pack)
    assert (row.dosed_mg, row.sampled_mg, row.purged_mg) == (out["dose"], out["sample"], out["purge"] + out["flush"])
    left = 120_000 - out["dose"] - out["sample"] - out["purge"] - out["flush"]
    if end == "in use":
        assert row.remaining_mg == left and row.struck_at is None
    elif weighed:
        assert row.remaining_mg == row.residue_mg == residue == left - row.lost_mg
    else:
        assert row.remaining_mg == residue // 2 and row.lost_mg is None
    for lot in lots:
        assert lot.filled_mg == sum(getattr(lot, name) for name in PARTS), lot
        mine = [one for one in rows if (one.product_id, one.lot_no) == (lot.product_id, lot.lot_no)]
        for name in PARTS[:3]:
            assert getattr(lot, name) == sum(getattr(one, name) for one in mine)
    assert sum(one.dosed_mg for one in lots) > 29_000, "and of the unit that was made"
    assert all(one.received_mg == one.dosed_mg + one.purged_mg + one.sampled_mg + one.left_mg + one.other_mg
               for one in grams)  # fmt: skip


def finished(shop: PrivateShop, residue_mg: int) -> tuple[str, str]:
    """(container, outcome) of a pack of 100 g that gave a sample of 5 g and held so much when it was finished."""
    desk, container_id = shop.shop.desk, a_pack(shop)
    samples.keep(desk, OFFICER, samples.NewSample(5_000, "柜", container_id))
    stock.finish_container(desk, "s-01", container_id, residue_mg, discarded=False)
    return container_id, samples.strike_balance(desk, "s-01", container_id, residue_mg)


def test_a_balance_that_closes(shop: PrivateShop) -> None:
    for residue in (95_000, 92_000, 98_000):
        container_id, outcome = finished(shop, residue)
        assert outcome == "balanced", "3 % of 100 g"
    with pytest.raises(OutOfStep):
        samples.strike_balance(shop.shop.desk, "s-01", container_id, 0)
    with pytest.raises(OutOfStep):
        samples.strike_balance(shop.shop.desk, "s-01", a_pack(shop), 0)


def test_a_loss_is_a_deviation(shop: PrivateShop) -> None:
    container_id, outcome = finished(shop, 91_999)
    deviation = [one for one in log_of(shop.shop.desk) if one.type == "deviation.recorded"][-1]
    assert (outcome, deviation.data["subject"], deviation.data["kind"]) == ("loss", container_id, "mass_balance")


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(masses=st.lists(st.integers(1, 9_000), min_size=1, max_size=4), residue=st.integers(0, 120_000))
def test_container_in_is_doses_residue_and_losses(shop: PrivateShop, masses: list[int], residue: int) -> None:
    """Whatever is taken out of one pack, through the commands: in = doses + purges + samples + residue + loss."""
    desk, container_id = shop.shop.desk, a_pack(shop)
    for mass in masses:
        samples.keep(desk, OFFICER, samples.NewSample(mass, "柜", container_id))
    stock.finish_container(desk, "s-01", container_id, residue, discarded=True)
    samples.strike_balance(desk, "s-01", container_id, residue)
    struck = [one.data for one in log_of(desk) if one.type == "balance.struck"][-1]
    out = ("dosed_mg", "purged_mg", "sampled_mg", "residue_mg", "lost_mg")
    assert struck["container_id"] == container_id and struck["filled_mg"] == sum(struck[name] for name in out)
    assert struck["sampled_mg"] == sum(masses)
    expected = "gain" if struck["lost_mg"] < -struck["allowed_mg"] else "loss"
    assert struck["outcome"] == (expected if abs(struck["lost_mg"]) > struck["allowed_mg"] else "balanced")
    if struck["outcome"] == "gain":
        free_lot(desk, struck["product_id"], struck["lot_no"], reason="test", by="s-01", second="s-02")


def test_a_gain_holds_the_lot(shop: PrivateShop) -> None:
    desk = shop.shop.desk
    container_id, outcome = finished(shop, 98_001)
    with desk.read() as connection:
        known = registers(connection, desk.site_id, desk.now())
        found = next(one for one in all_containers(connection, desk.site_id) if one.container_id == container_id)
    assert outcome == "gain" and known.lots[found.product_id, found.lot_no].hold, "and it reaches the next dose"
