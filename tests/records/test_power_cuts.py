"""Power cuts: what was answered for is there, whole, whatever the disk forgot."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.records.power import Disk, acts_of_a_ledger, entries_left, recorded

ACTS = 40


def entries_by_act() -> list[int]:
    """How many entries the log holds once act n was answered for; act 0 makes the tables."""
    held = [0]
    for one in range(ACTS):
        held.append(held[-1] + (3 if one % 5 == 0 else 2))
    return held


def cut(disk: Disk, folder: Path, cuts: int, seed: int) -> int:
    """Cut the power `cuts` times; how many acknowledged acts were lost in all."""
    held, lost = entries_by_act(), 0
    rng = random.Random(seed)
    for number in range(cuts):
        here = folder / f"cut-{number % 2}"
        here.mkdir(exist_ok=True)
        for old in here.iterdir():
            old.unlink()
        acknowledged = disk.cut(rng, here)
        if not (here / "store.db").exists():
            assert acknowledged == 0
            continue
        left = entries_left(here)
        assert left in held, "an act is there whole or not at all"
        lost += max(0, held.index(left) - acknowledged < 0)
    return lost


def run(folder: Path, cuts: int, seed: int, synchronous: str = "FULL") -> int:
    (folder / "plain").mkdir()
    (folder / "disk").mkdir()
    with recorded(folder / "disk", acts_of_a_ledger(folder / "plain", ACTS), synchronous) as disk:
        pass
    return cut(disk, folder, cuts, seed)


def test_nothing_that_was_answered_for_is_lost(tmp_path: Path) -> None:
    assert run(tmp_path, 300, seed=1) == 0


@pytest.mark.soak
def test_nothing_that_was_answered_for_is_lost_in_ten_thousand_cuts(tmp_path: Path) -> None:
    assert run(tmp_path, 10_000, seed=2) == 0


def test_the_simulator_does_find_what_a_lesser_setting_loses(tmp_path: Path) -> None:
    """`synchronous=NORMAL` does not sync at commit: a test of this test."""
    assert run(tmp_path, 100, seed=3, synchronous="NORMAL") > 0
