"""Every scale driver in front of its simulator, over a real socket: what the contract suite is parametrised over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from device_drivers.scales.base import Scale
from device_drivers.scales.registry import ScaleSetup, make_scale
from simulators.faults import FaultBoard
from simulators.plant import Plant, ScaleSpec
from simulators.runner import Runner
from simulators.wire.languages import LANGUAGES
from simulators.wire.line import LineTime
from simulators.wire.scale_port import Language, ScalePort

SPEED = 20.0
ANSWER_S = 0.6


@dataclass(frozen=True, slots=True)
class Case:
    """One driver and the simulator that it is set against. `tol_mg`: its step and the plant's noise.

    `says_under`, `says_unit`, `says_moving`: what the protocol can tell at all.
    """

    name: str
    language: str
    driver: str
    scheme: str = "socket"
    map: str | None = None
    mass_unit: str | None = None
    decimals: int | None = None
    tol_mg: int = 8
    says_under: bool = True
    says_over: bool = True
    says_unit: bool = True
    says_moving: bool = True
    writes: bool = True

    def make(self, port: int) -> Scale:
        url = f"{self.scheme}://127.0.0.1:{port}"
        return make_scale(ScaleSetup(self.driver, url, map=self.map, mass_unit=self.mass_unit, decimals=self.decimals))


CASES = (
    Case("mt_sics", "mt_sics", "mt_sics"),
    Case("sbi_22", "sbi", "sbi"),
    Case("sbi_16", "sbi_16", "sbi"),
    Case("sbi_brackets", "sbi_brackets", "sbi"),
    Case("sbi_autoprint", "sbi_autoprint", "sbi"),
    Case("a_and_d", "a_and_d", "a_and_d"),
    Case("ohaus", "ohaus", "ohaus"),
    Case(
        "toledo_8217", "toledo_8217", "toledo_8217",
        mass_unit="kg", tol_mg=510, says_unit=False, says_moving=False, writes=False,
    ),
    Case("laumas", "laumas", "modbus_indicator", "tcp", "laumas", says_under=False),
    Case("tuna_id551", "tuna_id551", "modbus_indicator", "tcp", "tuna_id551", mass_unit="g", says_unit=False),
    Case(
        "rs485_low_word_first", "rs485_low_word_first", "modbus_indicator", "tcp", "rs485_low_word_first",
        mass_unit="g", decimals=3, says_unit=False, says_under=False, says_over=False,
    ),
)  # fmt: skip


class Rig:
    """A plant whose clock runs `SPEED` times as fast as the wires, its scale, and the driver."""

    def __init__(self, case: Case, d_mg: int = 1) -> None:
        self.case = case
        self.plant = Plant(seed=7, scale=ScaleSpec(d_mg=d_mg, sigma_mg=0.3 * d_mg))
        self.runner = Runner(self.plant, speed=SPEED)
        self.faults = FaultBoard(self.plant)
        self.device: Language = LANGUAGES[case.language](self.runner, self.faults, LineTime(baud=0))
        self.port = ScalePort(self.device)
        self.number = 0
        self.scale: Scale

    def put(self, mg: float) -> None:
        """Exactly this load on the pan."""
        self.runner.catch_up()
        self.plant.cup_off()
        if mg:
            self.plant.cup_on(mg)

    async def rest(self) -> None:
        """Until the plant's own balance has come to rest on the load."""
        load = self.plant.cup.tare_mg if self.plant.cup else 0.0
        sample = await self.runner.next_sample()
        while not sample.stable or abs(sample.gross_mg - load) > 5:
            sample = await self.runner.next_sample()

    async def fault(self, name: str, on: bool = True) -> None:
        """Switch it, and let pass what a scale that sends by itself has already sent."""
        self.runner.catch_up()
        self.faults.switch(name, on)
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def rig_of(case: Case) -> AsyncIterator[Rig]:
    rig = Rig(case)
    rig.number = await rig.port.listen("127.0.0.1", 0)
    running = asyncio.create_task(rig.runner.run())
    rig.scale = case.make(rig.number)
    try:
        await rig.runner.next_sample()
        await rig.scale.connect()
        yield rig
    finally:
        await rig.scale.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await rig.port.close()
