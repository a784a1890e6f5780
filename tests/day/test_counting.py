"""How a day is judged: what was written down against what truly landed."""

from __future__ import annotations

import pytest

from simulators.store_day import allowed_mg, off_mg


def dose(actual: int | None, landed: int, late: int = 0) -> dict[str, object]:
    return {"actual_mg": actual, "landed_mg": landed, "late_mg": late}


@pytest.mark.parametrize(
    ("actual", "landed", "late", "off"),
    [
        (1000, 1000, 0, 0),
        (1004, 1000, 0, 4),
        (997, 1000, 0, 3),
        (1000, 1000, 25, 0),
        (1025, 1000, 25, 0),
        (1027, 1000, 25, 2),
        (995, 1000, 25, 5),
        (None, 7, 0, 7),
    ],
)
def test_a_late_drip_may_be_in_it_or_not(actual: int | None, landed: int, late: int, off: int) -> None:
    assert off_mg(dose(actual, landed, late)) == off


def test_the_limit_is_a_step_and_three_deviations_of_a_difference() -> None:
    assert allowed_mg(1, 2) == pytest.approx(9.485, abs=0.001)
