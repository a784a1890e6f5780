"""Any order of commands, at a bench that sometimes fails: no order releases a unit that missed a gate (Hypothesis)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from store_service.blending import commands as blending
from store_service.blending.doses import over
from store_service.blending.lease import Held
from store_service.blending.queries import components_of, doses_of, find_unit
from store_service.equipment.bench import DeviceTrouble
from store_service.records.desk import Missing, NeedsReason, OutOfStep
from store_service.rules.refusal import Refused
from store_service.trace.identifiers import digital_link
from tests.faults.laws import all_hold
from tests.shops import BLENDER, EMPTY_MG, FILL_MG, OFFICER, PACK, PACK_LOT, PrivateShop, private_shop

EXPECTED = (OutOfStep, Refused, Missing, NeedsReason, Held, DeviceTrouble, ValueError)
UNITS = st.integers(0, 1)
NOISE_MG = 5


class OneUnitsLife(RuleBasedStateMachine):
    """Two units of one service at one bench; every command may come at any time, for either."""

    template: Path | None = None

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="any-order-"))
        self.in_cup: dict[str, int] = {}

    @initialize(stages=st.integers(0, 8))
    def open_the_shop(self, stages: int) -> None:
        """The first unit may have come some way already."""
        self.place: PrivateShop = self.stack.enter_context(private_shop(self.folder))
        service_id = self.place.service()
        plan = self.place.shop.desk
        self.units = [
            blending.plan_unit(plan, BLENDER, service_id, "ENV-TONER", (8500, 1500), FILL_MG, PACK) for _ in range(2)
        ]
        self.place.shop.counter.verdict(BLENDER, self.settings, self.place.shop.settings.public_base, service_id)
        for _ in range(stages):
            self._next(0)

    @property
    def settings(self):  # type: ignore[no-untyped-def]  # the station's
        return self.place.station.settings

    def _try(self, act: Callable[[], object]) -> None:
        with suppress(*EXPECTED):
            act()

    @rule(n=UNITS)
    def clear(self, n: int) -> None:
        self._try(lambda: blending.clear_line(self.place.shop.desk, BLENDER, self.settings, self.units[n], ("all",)))

    @rule(n=UNITS)
    def start(self, n: int) -> None:
        self._try(lambda: self.place.start(self.units[n]))

    @rule(n=UNITS, code=st.sampled_from(["C-106", "C-107", "C-106", "C-107", "C-101", "B-1001"]))
    def scan(self, n: int, code: str) -> None:
        self._try(lambda: blending.scan_container(self.place.shop.desk, BLENDER, self.settings, self.units[n], code))

    @rule(n=UNITS, mass_mg=st.sampled_from([EMPTY_MG, EMPTY_MG, EMPTY_MG, 0]))
    def cup(self, n: int, mass_mg: int) -> None:
        bench = self.place.bench
        if self._state(n) == "started":
            bench.gross_mg = mass_mg
        desk = self.place.shop.desk
        self._try(
            lambda: blending.place_cup(desk, BLENDER, self.settings, bench, self.units[n], PACK_LOT, visual_ok=True)
        )

    @rule(n=UNITS, outcome=st.sampled_from(["done", "done", "done", "short", "fault"]))
    def dose(self, n: int, outcome: str, over_mg: int = 3) -> None:
        bench = self.place.bench
        bench.error_mg = over_mg
        bench.lands_mg = {"SRC-OILCTL": 4_500 + over_mg, "SRC-TONER": 25_500 + over_mg} if over_mg > 3 else {}
        bench.outcome, bench.fault = outcome, "container_empty" if outcome == "fault" else None
        self._try(lambda: self.place.station.doser.begin(BLENDER, self.units[n]))

    @rule(n=UNITS, over_mg=st.sampled_from([400, 900, 6_000]))
    def pour_over(self, n: int, over_mg: int) -> None:
        self.dose(n, "done", over_mg)
        self.let_the_bench_work()

    @rule(n=UNITS, as_shown=st.sampled_from([True, True, False]))
    def decide(self, n: int, as_shown: bool) -> None:
        """Take the new targets that the screen offers, or others that it does not."""
        desk, base = self.place.shop.desk, self.place.shop.settings.public_base
        with desk.read() as connection:
            found = blending.offer(desk, connection, BLENDER.staff_id, self.settings, base, self.units[n])
        fill = found.proposal.fill_mg if found and found.proposal else FILL_MG
        fill += 0 if as_shown else 1
        self._try(lambda: blending.accept(desk, BLENDER, self.settings, base, self.units[n], fill))

    @rule()
    def let_the_bench_work(self) -> None:
        self.place.bench.run()

    @rule(n=UNITS)
    def stop(self, n: int) -> None:
        self._try(lambda: blending.stop(self.place.shop.desk, BLENDER, self.place.bench, self.units[n], "clerk"))

    @rule(n=UNITS, moved_mg=st.sampled_from([0, 0, 0, 5_000]))
    def resume(self, n: int, moved_mg: int) -> None:
        bench, desk = self.place.bench, self.place.shop.desk
        bench.gross_mg += moved_mg
        self._try(lambda: blending.resume(desk, BLENDER, self.settings, bench, self.units[n], PACK_LOT))
        bench.gross_mg -= moved_mg

    @rule(n=UNITS)
    def weigh(self, n: int) -> None:
        self._try(lambda: blending.weigh(self.place.shop.desk, BLENDER, self.settings, self.place.bench, self.units[n]))

    @rule(n=UNITS, good=st.sampled_from([True, True, False]))
    def inspect(self, n: int, good: bool) -> None:
        seen = {"mixed": True, "appearance_ok": good, "odour_ok": good, "homogeneous_ok": good}
        desk = self.place.shop.desk
        self._try(lambda: blending.inspect(desk, BLENDER, self.settings, self.units[n], **seen))

    @rule(n=UNITS, signer=st.sampled_from([OFFICER.staff_id, BLENDER.staff_id]))
    def sign(self, n: int, signer: str) -> None:
        self._try(lambda: blending.sign(self.place.shop.desk, BLENDER, self.settings, self.units[n], signer))

    @rule(n=UNITS, paper=st.sampled_from([True, True, False]))
    def print(self, n: int, paper: bool) -> None:
        self.place.bench.printer_fault = None if paper else "paper_out"
        self._try(lambda: self.place.station.press.print(BLENDER, self.units[n]))

    @rule(n=UNITS, newest=st.sampled_from([True, True, False]))
    def scan_back(self, n: int, newest: bool) -> None:
        printed = self.place.serials(self.units[n])
        for one in printed if newest else printed[:1]:
            link = digital_link(self.place.shop.settings.public_base, one.gtin, one.serial)
            self._try(lambda link=link: self.place.station.press.scan_back(BLENDER, self.units[n], link))

    @rule(n=UNITS, tag=st.sampled_from(["T-1", "T-2"]))
    def park(self, n: int, tag: str) -> None:
        self._try(lambda: blending.park(self.place.shop.desk, BLENDER, self.units[n], tag, "printer"))

    @rule(n=UNITS, tag=st.sampled_from(["T-1", "T-2"]))
    def unpark(self, n: int, tag: str) -> None:
        self._try(lambda: blending.unpark(self.place.shop.desk, BLENDER, self.settings, self.units[n], tag))

    @rule(n=UNITS)
    def discard(self, n: int) -> None:
        self._try(lambda: blending.discard(self.place.shop.desk, BLENDER, self.place.bench, self.units[n], "spilt"))

    @rule(n=UNITS, stages=st.integers(1, 9))
    def straight_on(self, n: int, stages: int) -> None:
        """What a clerk does who does everything right, for a while: without it few runs get far."""
        for _ in range(stages):
            self._next(n)

    def _next(self, n: int) -> None:
        steps: dict[str, tuple[Callable[[], None], ...]] = {
            "planned": (lambda: self.clear(n), lambda: self.start(n)),
            "started": (lambda: self.scan(n, "C-106"), lambda: self.scan(n, "C-107"), lambda: self.cup(n, EMPTY_MG)),
            "cup": (lambda: self.dose(n, "done"), self.let_the_bench_work),
            "dosing": (lambda: self.decide(n, True), lambda: self.dose(n, "done"), self.let_the_bench_work),
            "stopped": (lambda: self.resume(n, 0),),
            "dosed": (lambda: self.weigh(n), lambda: self.inspect(n, True)),
            "checked": (lambda: self.inspect(n, True), lambda: self.sign(n, OFFICER.staff_id)),
            "signed": (lambda: self.print(n, True), lambda: self.scan_back(n, True)),
            "printed": (lambda: self.scan_back(n, True),),
        }
        for step in steps.get(self._state(n), ()):
            step()

    def _state(self, n: int) -> str:
        return self.place.unit(self.units[n]).state

    @invariant()
    def the_laws_hold(self) -> None:
        if not hasattr(self, "units"):
            return
        desk = self.place.shop.desk
        all_hold(desk)
        with desk.read() as connection:
            for unit_id in self.units:
                unit = find_unit(connection, desk.site_id, unit_id)
                doses = doses_of(connection, desk.site_id, unit_id)
                assert sum(one.outcome is None for one in doses) <= 1
                parts = components_of(connection, desk.site_id, unit_id)
                assert sum(one.target_mg for one in parts) == unit.target_mg
                assert sum(one.share_bp for one in parts) == 10_000
                if unit.state not in ("cup", "dosing", "stopped", "discarded"):
                    assert not any(over(one) for one in parts), "nothing over its band goes on"
                if unit.net_mg is not None:
                    landed = sum(one.landed_mg or 0 for one in doses)
                    assert abs(unit.net_mg - landed) <= NOISE_MG * (len(doses) + 1)

    def teardown(self) -> None:
        self.stack.close()
        shutil.rmtree(self.folder, ignore_errors=True)


TestAnyOrder = OneUnitsLife.TestCase
TestAnyOrder.settings = settings(
    max_examples=6, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


class LongLife(OneUnitsLife):
    """The same for longer."""


TestAnyOrderForLong = LongLife.TestCase
TestAnyOrderForLong.pytestmark = [pytest.mark.soak]
TestAnyOrderForLong.settings = settings(
    max_examples=200, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
)
