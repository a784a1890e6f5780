"""What a channel learned belongs to a lot and a tube; what comes next begins with it, and doubts it as it should."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_drivers.dosing.learning import Learned
from store_service.equipment.bench import DoseOrder
from store_service.equipment.learned import MOST_ROWS, LearnedFiles, TubeAge
from store_service.equipment.tubes import TubeFiles

DAY = date(2026, 3, 1)
ORDER = DoseOrder("d-1", "P-1", 2, 20_000, 100, 100, 0, 200_000, 1_000, 30_000, lot_no="L-1")
NEW, WORN = TubeAge(1, 60_000), TubeAge(1, 3_000_000)


def files(folder: Path) -> LearnedFiles:
    return LearnedFiles(folder, "bench-1", lambda: DAY)


def taught(flow: float = 1_700.0, per_ul: float = 0.98) -> Learned:
    learned = Learned.fresh(1_000)
    for _ in range(12):
        for quantity, value in (
            (learned.flow_mg_s, flow),
            (learned.lag_s, 0.2),
            (learned.yield_mg_per_ul, per_ul),
            (learned.tail_s, 0.01),
            (learned.void_mg, 3.0),
        ):
            quantity.observe(value)
    assert not learned.unknown
    return learned


def test_the_same_lot_and_tube_go_on_where_they_were(tmp_path: Path) -> None:
    files(tmp_path).keep(ORDER, NEW, taught())
    assert files(tmp_path).of(ORDER, NEW) == taught()


def test_another_lot_begins_with_the_means_and_a_wider_spread(tmp_path: Path) -> None:
    files(tmp_path).keep(ORDER, NEW, taught())
    other = files(tmp_path).of(replace(ORDER, lot_no="L-2"), NEW)
    before = taught()
    for name in before.__dataclass_fields__:
        was, now = getattr(before, name), getattr(other, name)
        assert now.mean == was.mean and now.sd > was.sd and now.count == 1
    assert other.yield_mg_per_ul.sd < Learned.fresh(1_000).yield_mg_per_ul.sd


def test_a_new_tube_is_not_a_worn_one(tmp_path: Path) -> None:
    store = files(tmp_path)
    store.keep(ORDER, NEW, taught(1_700.0, 0.98))
    store.keep(ORDER, WORN, taught(1_590.0, 0.92))
    fitted = store.of(ORDER, TubeAge(2, 0))
    assert (fitted.flow_mg_s.mean, fitted.yield_mg_per_ul.mean) == pytest.approx((1_700.0, 0.98))
    assert fitted.unknown, "the first dose through a new tube is fed by volume"
    assert fitted.lag_s.sd == taught().lag_s.sd, "the liquid is the same"


def test_a_tube_that_wore_on_other_doses_is_known_less_well(tmp_path: Path) -> None:
    store = files(tmp_path)
    store.keep(ORDER, NEW, taught())
    later = store.of(ORDER, TubeAge(1, NEW.pumped_mg + 2_000_000))
    assert later.yield_mg_per_ul.sd == pytest.approx(0.04 * 0.98, rel=0.1)
    assert later.yield_mg_per_ul.mean == taught().yield_mg_per_ul.mean


@given(st.booleans(), st.booleans(), st.integers(0, 20))
def test_a_change_never_makes_anything_surer(lot: bool, tube: bool, doses: int) -> None:
    learned = Learned.fresh(1_000)
    for number in range(doses):
        learned.yield_mg_per_ul.observe(0.9 + 0.01 * number)
    before = deepcopy(learned)
    learned.changed(lot=lot, tube=tube)
    for name in learned.__dataclass_fields__:
        was, now = getattr(before, name), getattr(learned, name)
        assert now.mean == was.mean and now.sd >= was.sd and now.count <= was.count
    assert lot or tube or learned == before


def test_what_is_known_is_listed_and_forgotten_row_by_row(tmp_path: Path) -> None:
    store = files(tmp_path)
    store.keep(ORDER, NEW, taught())
    store.keep(ORDER, WORN, taught())
    store.keep(replace(ORDER, lot_no="L-2"), WORN, taught())
    store.keep(replace(ORDER, channel=3, product_id="P-2"), NEW, taught())
    assert {(one.channel, one.product_id, one.lot_no, one.tube, one.doses) for one in store.all()} == {
        (2, "P-1", "L-1", 1, 2), (2, "P-1", "L-2", 1, 1), (3, "P-2", "L-1", 1, 1),
    }  # fmt: skip
    assert store.all()[0].figures["flow_mg_s"].count == 12
    assert not store.forget((2, "P-1", "L-3", 1)) and not store.forget((9, "P-1", "L-1", 1))
    assert store.forget((2, "P-1", "L-1", 1)) and not store.forget((2, "P-1", "L-1", 1))
    assert store.of(ORDER, WORN).flow_mg_s.count == 1, "the other lot still teaches it"
    assert store.forget((2, "P-1", "L-2", 1))
    assert store.of(ORDER, WORN) == Learned.fresh(1_000)
    assert [one.channel for one in store.all()] == [3]
    assert LearnedFiles(tmp_path, "bench-2", lambda: DAY).all() == []


def test_an_old_file_is_a_first_guess(tmp_path: Path) -> None:
    (tmp_path / "bench-1-2-P-1.json").write_text(json.dumps(taught().to_json()), "utf-8")
    store = files(tmp_path)
    first = store.of(ORDER, NEW)
    assert first.flow_mg_s.mean == taught().flow_mg_s.mean and first.unknown
    store.keep(ORDER, NEW, taught())
    assert store.forget((2, "P-1", "L-1", 1))
    assert store.of(ORDER, NEW) == Learned.fresh(1_000), "forgotten is forgotten, the old file too"


@pytest.mark.parametrize("torn", ["", "[]", '{"rows": [{}]}', '{"rows": [{"lot_no": "L-1", "tube": 1, "learned": 3}]}'])
def test_a_torn_file_is_a_fresh_start(tmp_path: Path, torn: str) -> None:
    (tmp_path / "bench-1-2-P-1-learned.json").write_text(torn, "utf-8")
    store = files(tmp_path)
    assert store.of(ORDER, NEW) == Learned.fresh(1_000) and store.all() == []


def test_the_file_stays_small(tmp_path: Path) -> None:
    store = files(tmp_path)
    for number in range(MOST_ROWS + 5):
        store.keep(replace(ORDER, lot_no=f"L-{number}"), NEW, taught())
    kept = {one.lot_no for one in store.all()}
    assert len(kept) == MOST_ROWS and f"L-{MOST_ROWS + 4}" in kept and "L-0" not in kept


def test_a_tube_that_is_fitted_has_the_next_number(tmp_path: Path) -> None:
    tubes = TubeFiles(tmp_path, "bench-1", lambda: DAY)
    assert tubes.age(2) == TubeAge(1, 0)
    tubes.note(ORDER, 20_000, 1.0)
    assert tubes.age(2) == TubeAge(1, 20_000)
    tubes.fit(2)
    tubes.fit(2)
    assert tubes.age(2) == TubeAge(3, 0) and tubes.age(4) == TubeAge(1, 0)
