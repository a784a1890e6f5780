"""The files of the tubes: what a dose adds, what a new tube begins anew, what a torn file costs."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from store_service.equipment.bench import DoseOrder, Tube
from store_service.equipment.tubes import MOST_POINTS, TubeFiles, calibrated

DAY = date(2026, 3, 1)


def order(channel: int | None = 2, product: str = "P-1") -> DoseOrder:
    return DoseOrder("d-1", product, channel, 20_000, 100, 100, 0, 200_000, 1_000, 30_000)


class Days:
    def __init__(self) -> None:
        self.today = DAY

    def __call__(self) -> date:
        return self.today


def worn(folder: Path, doses: int = 60, product: str = "P-1", per_kg: float = 0.05) -> tuple[TubeFiles, Days]:
    days = Days()
    tubes = TubeFiles(folder, "bench-1", days)
    for i in range(doses):
        days.today = DAY + timedelta(days=i // 10)
        tubes.note(order(product=product), 20_000, 1.0 - per_kg * (i + 1) * 0.02)
    return tubes, days


def test_a_tube_that_wears_has_a_day(tmp_path: Path) -> None:
    tubes, _ = worn(tmp_path)
    (tube,) = tubes.all()
    assert (tube.channel, tube.fitted, tube.pumped_mg) == (2, DAY.isoformat(), 1_200_000)
    assert tube.lost_bp == pytest.approx(600, abs=20)  # 1.2 kg at 5 % a kilogram
    assert tube.change_on is not None and tube.change_on > DAY + timedelta(days=5)
    # It is in the file, not in memory.
    assert TubeFiles(tmp_path, "bench-1", Days()).all() == [tube]
    assert TubeFiles(tmp_path, "bench-2", Days()).all() == []


def test_a_new_tube_begins_anew(tmp_path: Path) -> None:
    tubes, days = worn(tmp_path)
    days.today = date(2026, 4, 1)
    tubes.fit(2)
    assert tubes.all() == [Tube(2, "2026-04-01", 0, None, None)]


def test_the_worst_product_decides(tmp_path: Path) -> None:
    tubes, _ = worn(tmp_path, product="P-1", per_kg=0.01)
    for i in range(60):
        tubes.note(order(product="P-2"), 20_000, 1.0 - 0.04 * i * 0.02)
    (tube,) = tubes.all()
    assert tube.lost_bp is not None and tube.lost_bp > 700  # P-2 has seen the tube from 1.2 to 2.4 kg


@pytest.mark.parametrize("what", [order(channel=None), order()])
def test_what_was_poured_or_not_weighed_is_not_of_a_tube(tmp_path: Path, what: DoseOrder) -> None:
    tubes = TubeFiles(tmp_path, "bench-1", Days())
    tubes.note(what, 20_000 if what.channel is None else None, 1.0)
    assert tubes.all() == []


def test_the_file_stays_small(tmp_path: Path) -> None:
    tubes, _ = worn(tmp_path, doses=2 * MOST_POINTS, per_kg=0.002)
    (tube,) = tubes.all()
    assert tube.pumped_mg == 2 * MOST_POINTS * 20_000 and tube.lost_bp is not None
    assert (tmp_path / "bench-1-2-tube.json").stat().st_size < 40_000


@pytest.mark.parametrize(
    "torn", ["", "{", "[]", '{"fitted": "yesterday", "pumped_mg": 1, "products": {}}', '{"fitted": 3}']
)
def test_a_torn_file_is_a_new_tube(tmp_path: Path, torn: str) -> None:
    (tmp_path / "bench-1-2-tube.json").write_text(torn, "utf-8")
    tubes = TubeFiles(tmp_path, "bench-1", Days())
    assert tubes.all() == [Tube(2, DAY.isoformat(), 0, None, None)]
    tubes.note(order(), 20_000, 1.0)
    assert tubes.all()[0].pumped_mg == 20_000


def test_runs_become_the_figure_for_store_toml_or_a_reason() -> None:
    # Reckoned with 1000 µL a turn, the tube gave 1020 mg of a product of 1.02 g/mL for each.
    assert calibrated([(10_200, 10.0), (10_180, 10.0), (20_420, 20.0)], 1_020) == {
        "mg_per_rev": 1_020,
        "spread_bp": 12,
        "ul_per_rev": 1_000,
        "why": "",
    }
    none = calibrated([(10_200, 10.0), (12_000, 10.0), (20_420, 20.0)], 1_020)
    assert none["ul_per_rev"] is None and "differ" in none["why"]
