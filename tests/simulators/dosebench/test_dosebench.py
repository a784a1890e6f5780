"""DoseBench end to end on a small seeded sample; the gates in full by `make soak` (and `make bench-dosing`)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from simulators.dosebench.__main__ import main
from simulators.dosebench.baselines import AutoFreeFall, TwoSpeed, baselines
from simulators.dosebench.bench import Job, play
from simulators.dosebench.bound import best_held, held, within
from simulators.dosebench.cells import PRODUCTS, STANDARD, Cell, Variation, cells
from simulators.dosebench.doses import Dose, empty_gross
from simulators.dosebench.feeder import run_rule
from simulators.dosebench.hurried import at_its_pace
from simulators.dosebench.oracle import run_oracle
from simulators.dosebench.plants import ReferencePlant, factory
from simulators.dosebench.score import ORACLE, SHIPPED, Run, missed, score
from simulators.dosebench.shipped import run_shipped
from simulators.dosebench.tuning import grid, key, stored

PLANT = "simulators.dosebench.plants:ReferencePlant"
SERUM = PRODUCTS[1]


class DryPlant(ReferencePlant):
    """Somebody else's plant: nothing ever drips from it."""

    def start(self, number: int, bound_ul: float) -> int:
        counter = super().start(number, bound_ul)
        self.keep_drop()
        return counter


def test_the_command_scores_writes_and_names_what_is_missed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulators.dosebench.score.SLOWEST", {500: 0.5})  # nobody is faster than clairvoyance
    plant = f"{__name__}:DryPlant"
    small = ["--quick", "--targets", "500", "--products", "toner", "--processes", "1", "--seed", "sample"]
    code = main([*small, "--plant", plant, "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    assert code == 1 and "GATE MISSED  0.5 g, suck-back on: time / oracle" in printed
    assert "| 0.5 g | shipped | 100.00% | 0.00% |" in printed and "| 0.5 g | B3t tuned |" in printed
    assert "bound, 0.5 g, +-30 mg, suck-back off: error of 6 mg: 99." in printed
    rows = list(csv.DictReader((tmp_path / "doses.csv").read_text("utf-8").splitlines()))
    assert len(rows) == 2 * 8 * 22  # nozzles, controllers, doses with the cold ones
    assert all(float(row["seconds"]) >= float(row["oracle_s"]) for row in rows if row["controller"] == SHIPPED)
    for svg in ("error-500-suck-back.svg", "error-500-plain.svg", "trace.svg"):
        assert ElementTree.parse(tmp_path / svg).getroot().tag.endswith("svg")


def test_the_command_is_content_when_every_gate_is_met(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--quick", "--targets", "2000", "--products", "cream", "--processes", "1", "--seed", "sample"]
    assert main([*small, "--no-rivals", "--nozzle", "suck-back", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "every gate of DESIGN.md, section 6, is met" in printed and "B3 auto free fall" in printed
    assert "B0" not in printed and "bound" not in printed


@pytest.mark.parametrize("target", [500, 10_000])
def test_the_shipped_controller_lands_what_the_same_luck_allows(target: int) -> None:
    cell = Cell(SERUM, target, suck_back=True)
    doses = run_shipped(ReferencePlant, cell, "sample", 16)
    oracle = run_oracle(ReferencePlant, cell, "sample", 16)
    assert max(abs(dose.error_mg) for dose in doses) <= 1.5 * cell.tol_mg
    assert sum(abs(dose.error_mg) <= cell.tol_mg for dose in doses[10:]) == 6
    assert all(dose.seconds > best.seconds for dose, best in zip(doses, oracle, strict=True))
    assert doses == run_shipped(ReferencePlant, cell, "sample", 16)


def test_a_dripping_nozzle_has_a_bound() -> None:
    assert best_held(0.0, 30.0, 0.3)[1] == 1.0, "an error of nothing has room for the drop below the target"
    assert held(0.0, 0.0, 25.0, 0.4) == pytest.approx(0.6 + 0.4 * 0.5), "half the drops are heavier than 25 mg"
    assert best_held(6.0, 30.0, 0.0) == (0, pytest.approx(within(0.0, 6.0, 30.0)))
    shares = [best_held(6.0 * step, 30.0, 0.3)[1] for step in range(5)]
    assert shares == sorted(shares, reverse=True) and shares[0] > shares[-1]
    assert all(held(aim, 6.0, 30.0, 0.3) <= best_held(6.0, 30.0, 0.3)[1] for aim in range(-30, 1))


def test_a_hurried_plant_does_the_same_in_less_time() -> None:
    found = []
    for pace in (1.0, 2.0):
        cell = Cell(SERUM, 500, suck_back=True, variation=Variation("hurried", pace=pace))
        plant = at_its_pace(ReferencePlant)(cell)
        plant.next_dose("luck", 0.0)
        empty_gross(plant, "luck")
        plant.start(1, 500.0)
        samples = list(plant.advance(3.0 / pace))
        found.append((len(samples), (samples[-1].t - samples[0].t) * pace, plant.landed_mg))
    assert found[1][0] == pytest.approx(found[0][0], abs=1)
    assert found[1][1:] == pytest.approx(found[0][1:], rel=0.05)


def test_the_oracle_knows_all_but_the_drop() -> None:
    cell = Cell(SERUM, 2_000, suck_back=False)
    grid_mg = 0.5 * 0.005 * SERUM.flow_mg_s * 1.1
    errors = [dose.error_mg for dose in run_oracle(ReferencePlant, cell, "sample", 30)]
    dripped = [error for error in errors if error > grid_mg + 1.0]
    assert 3 <= len(dripped) <= 15 and all(20.0 - grid_mg - 1.0 <= error <= 30.0 + grid_mg + 1.0 for error in dripped)
    assert all(abs(error) <= grid_mg + 1.0 for error in errors if error not in dripped)


def test_free_fall_compensation_learns_and_a_timer_does_not() -> None:
    cell = Cell(SERUM, 10_000, suck_back=True)
    auto = run_rule(AutoFreeFall(cell, TwoSpeed(1_000.0, 0.2)), ReferencePlant, cell, "sample", 20)
    timed = run_rule(baselines(cell, TwoSpeed(1_000.0, 0.2))["B0 timed"], ReferencePlant, cell, "sample", 20)
    assert abs(auto[0].error_mg) > 100.0 > max(abs(dose.error_mg) for dose in auto[10:])
    assert timed[-1].error_mg < timed[0].error_mg - 300.0  # the tube wears by 10 % over the run


def test_every_scored_cell_has_a_tuned_rival() -> None:
    for cell in cells(suck_back=True):
        assert stored()[key(cell)] in set(grid(cell))


def test_the_same_luck_meets_every_controller() -> None:
    def tares(use: Callable[[ReferencePlant], object]) -> list[int]:
        plant, found = ReferencePlant(Cell(SERUM, 500, suck_back=True)), []
        for number in range(3):
            plant.next_dose(f"luck {number}", 0.0)
            found.append(empty_gross(plant, f"luck {number}"))
            use(plant)
            plant.advance(10.0)
        return found

    assert tares(lambda plant: None) == tares(lambda plant: plant.start(1, 700.0))


def runs(controller: str, errors: list[float], seconds: float, *, suck_back: bool = True) -> Run:
    cell = Cell(SERUM, 2_000, suck_back, STANDARD)
    doses = [Dose(0.0, seconds, 1, "done")] * 10 + [Dose(error, seconds, 1, "done") for error in errors]
    return Run(controller, cell, doses, [Dose(0.0, 3.0, 1)] * len(doses))


def gates(*found: Run) -> list[str]:
    return missed(score([run]) for run in found)


def test_each_gate_is_named_when_it_is_missed() -> None:
    good = [0.0] * 1_000
    rival = runs("B3t tuned", good, 4.0)
    assert gates(runs(SHIPPED, good, 4.0), rival) == []
    assert ["median" in gate for gate in gates(runs(SHIPPED, good, 4.1), rival)] == [True]
    assert gates(runs(SHIPPED, good, 4.1), runs("B3t tuned", [*good, *[31.0] * 6], 4.0)) == []  # no rival: it misses
    assert ["time / oracle" in gate for gate in gates(runs(SHIPPED, good, 4.6))] == [True]
    assert ["in tolerance" in gate for gate in gates(runs(SHIPPED, [*good, *[-31.0] * 6], 4.0))] == [True]
    assert ["over tolerance" in gate for gate in gates(runs(SHIPPED, [*good, *[31.0] * 4], 4.0))] == [True]
    cold = runs(SHIPPED, good, 4.0)
    wild = Run(SHIPPED, cold.cell, [Dose(46.0, 4.0, 1), *cold.doses[1:]], cold.oracle)
    assert ["cold" in gate for gate in gates(wild)] == [True]
    plain = [runs(SHIPPED, [-31.0, *good], 4.0, suck_back=False), runs(ORACLE, good, 3.0, suck_back=False)]
    assert ["the oracle" in gate for gate in gates(*plain)] == [True]


def test_a_plant_is_named_as_module_and_factory() -> None:
    assert factory(PLANT) is ReferencePlant
    with pytest.raises(ValueError, match="module:Factory"):
        factory("simulators.dosebench.plants")


@pytest.mark.soak
@pytest.mark.parametrize("suck_back", [True, False], ids=["suck-back", "plain"])
@pytest.mark.parametrize("target", [500, 2_000, 10_000, 30_000])
def test_the_gates_are_met(target: int, suck_back: bool) -> None:
    played = [run for cell in cells(suck_back, (target,)) for run in play(Job(cell, PLANT, 200))]
    names = dict.fromkeys(run.controller for run in played)
    assert missed(score([run for run in played if run.controller == name]) for name in names) == []
