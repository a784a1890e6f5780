"""One dose with one fault in one of its phases: the shop's own drivers and controller, the bench's own wires, in
virtual time. What is returned is what the plant knows beside what the host said.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from device_drivers.dispensers.base import BOUNDED_DOSE, Dispenser
from device_drivers.dosing.dose import run_dose
from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.learning import Learned
from device_drivers.dosing.plan import DosePlan, DoseResult
from device_drivers.errors import DeviceError
from device_drivers.scales.base import Scale
from simulators.bench_setup import Bench, BenchSettings
from simulators.faults import FAULTS, MODEL_FAULTS
from simulators.fitting import dispenser_section, scale_section
from simulators.wire.scale_port import ScalePort
from store_service.equipment import devices
from store_service.settings import DispenserSettings, ScaleSettings

from .memory_net import MemoryLoop, MemoryPort

CHANNEL, TARE_MG = 2, 20_000.0
LONGEST_S = 240.0
"""Of virtual time: a dose has 60 s, its end and what is looked at afterwards 60 more."""
PHASES = ("before", "start", "feed", "near_stop", "stopping", "settle", "jog", "weigh")
HOST_KILLED, CLOCK_JUMP, SECOND_HOST = "host_killed", "clock_jump", "second_host"
OF_THE_HOST = (HOST_KILLED, CLOCK_JUMP, SECOND_HOST)
"""`kill -9`; the clock of the running program leaps ahead; another program opens both ports."""
OTHER_PUMPS = ("kamoer", "dulco_flex", "watson_marlow_520", "runze_sy01b")
SCALES = ("mt_sics", "sbi", "sbi_brackets", "a_and_d", "ohaus", "laumas", "tuna_id551")
_BOARD = {one.name: one for one in FAULTS + MODEL_FAULTS}


@dataclass(frozen=True, slots=True)
class Bad:
    """What is to go wrong, where. `lasts_s` None: until the dose is over."""

    fault: str
    phase: str
    seed: int
    scale: str = "mt_sics"
    pump: str = "demo_quad"
    lasts_s: float | None = None

    def __str__(self) -> str:
        lasts = "" if self.lasts_s is None else f" for {self.lasts_s:.2f} s"
        return f"{self.fault} during {self.phase}{lasts}, seed {self.seed}, {self.scale} + {self.pump}"


@dataclass(slots=True)
class Told:
    """`reached`: the phase came and the fault was switched on. `after_mg`: what left the nozzle from then on.
    `weighed_again_mg`: the gross reading once everything was mended and connected anew.
    """

    bad: Bad
    reached: bool = False
    result: DoseResult | None = None
    target_mg: int = 0
    tol_mg: int = 0
    truth_mg: float = 0.0
    spilled_mg: float = 0.0
    at_fault_mg: float = 0.0
    left_mg: float = 0.0
    true_starts: int = 0
    later_starts: int = 0
    stands: bool = False
    flow_mg_s: float = 0.0
    tail_mg: float = 0.0
    bound_ul: int = 0
    only_its_volume: bool = False
    """Nothing but the volume that it was given ends this pump's dose when nobody is heard."""
    weighed_again_mg: int | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def after_mg(self) -> float:
        return self.left_mg - self.at_fault_mg


_OF_PLANT = ("container_empty", "air_bubble", "cup_removed", "cup_bumped", "cup_touched", "pan_overloaded", "vibration")
_OF_MODEL = tuple(one.name for one in MODEL_FAULTS)


def named_faults() -> tuple[str, ...]:
    """Every fault that can meet a dose, by the bench's names, and those of the host."""
    wires = [one.name for one in FAULTS if one.name.startswith(("scale_", "pump_"))]
    return (*wires, *_OF_PLANT, *_OF_MODEL, *OF_THE_HOST)


def cases(count: int, seed: int = 0) -> Iterator[Bad]:
    """`count` of them, round over every fault and every phase; devices and how long it lasts by lot."""
    rng, names = random.Random(f"fault suite {seed}"), named_faults()
    for number in range(count):
        fault, phase = names[number % len(names)], PHASES[number // len(names) % len(PHASES)]
        pump = "demo_quad"
        if fault in _OF_MODEL:
            pump = "kamoer" if fault.startswith("relay") or fault == "pump_rs485_off" else rng.choice(OTHER_PUMPS)
        elif rng.random() < 0.25:
            pump = rng.choice(OTHER_PUMPS)
        scale = rng.choice(SCALES) if rng.random() < 0.5 else "mt_sics"
        lasts = rng.uniform(0.15, 2.5) if rng.random() < 0.5 else None
        yield Bad(fault, phase, seed * 100_000 + number, scale, pump, lasts)


def play(bad: Bad) -> Told:
    """In a loop of its own; the same `bad` gives the same answer."""
    told: list[Told] = []

    async def main() -> None:
        async with asyncio.timeout(LONGEST_S):
            told.append(await _Play(bad).run())

    with (
        patch("store_service.equipment.devices.SerialPort", MemoryPort),
        patch("device_drivers.scales.registry.SerialPort", MemoryPort),
        asyncio.Runner(loop_factory=MemoryLoop) as runner,
    ):
        runner.run(main())
    return told[0]


class _Play:
    def __init__(self, bad: Bad) -> None:
        self.bad, self.rng = bad, random.Random(f"{bad}")
        loop = asyncio.get_running_loop()
        assert isinstance(loop, MemoryLoop)
        self.loop = loop
        d_mg = 10 if self.rng.random() < 0.3 and bad.scale != "tuna_id551" else 1
        self.settings = BenchSettings(
            seed=bad.seed, d_mg=d_mg, scale_language=bad.scale, pump_model=bad.pump, pump_baud=19_200
        )
        self.bench = Bench(self.settings, clock=loop.time)
        self.plant, self.faults = self.bench.plant, self.bench.faults
        self.channel = self.plant.channels[CHANNEL]
        self.told = Told(bad)
        self.over = asyncio.Event()
        self.killed = asyncio.Event()
        self.strangers: list[Any] = []
        self.made: list[Any] = []

    async def run(self) -> Told:
        async with self._serving() as (scale_at, pump_at, relay_at):
            scale_words = scale_section(self.settings, scale_at) | {
                "scale_id": "scale-1", "repeatability_mg": 2, "max_gross_mg": 220_000,
            }  # fmt: skip
            self.scale_words = ScaleSettings.model_validate(scale_words)
            self.pump_words = DispenserSettings.model_validate(dispenser_section(self.settings, pump_at, relay_at))
            self.ports = (scale_at, pump_at)
            scale, pump = self._drivers()
            await scale.connect()
            await pump.connect()
            self.told.only_its_volume = set(pump.ends_by_itself) == {BOUNDED_DOSE}
            self.plant.cup_on(TARE_MG)
            await asyncio.sleep(3.0)
            gross = (await scale.weigh(stable=True, timeout_s=6.0)).mass_mg
            assert gross is not None, f"no weight before the dose: {self.bad}"
            plan = self._plan(gross, pump)
            await self._dose(plan, scale, pump)
            await self._afterwards(scale, pump)
        return self.told

    @contextlib.asynccontextmanager
    async def _serving(self) -> AsyncIterator[tuple[int, int, int | None]]:
        bench, port = self.bench, ScalePort(self.bench.scale)
        relay = await bench.relay.listen("127.0.0.1", 0, rtu=True) if bench.relay else None
        places = (await port.listen("127.0.0.1", 0), await bench.pump.listen("127.0.0.1", 0), relay)
        running = asyncio.create_task(self._time_passes())
        try:
            yield places
        finally:
            running.cancel()
            await port.close()
            await asyncio.gather(running, return_exceptions=True)

    async def _time_passes(self) -> None:
        """As `Runner.run`, in longer steps: a command brings the plant to its own instant anyway."""
        while True:
            self.bench.runner.catch_up()
            await asyncio.sleep(0.01)

    def _drivers(self) -> tuple[Scale, Dispenser]:
        """As the shop makes them from its settings, on the host's clock."""
        made: list[Any] = [devices.scale(self.scale_words), devices.dispenser(self.pump_words)]
        for one in [*made, getattr(made[1], "_pump", None)]:
            if hasattr(one, "_clock"):
                one._clock = self.loop.host_time
        self.made += made
        return made[0], made[1]

    def _plan(self, gross: int, pump: Dispenser) -> DosePlan:
        target = self.rng.randrange(1_500, 7_000)
        tol = max(40, target // 100)
        told, product = self.told, self.channel.product
        told.target_mg, told.tol_mg = target, tol
        told.flow_mg_s = product.flow_mg_s * 1.1
        told.bound_ul = target * 14 // 10 + 500
        told.tail_mg = told.flow_mg_s * (product.tau_s + 0.05) + 30.0
        return DosePlan(
            channel=CHANNEL,
            target_mg=target,
            tol_under_mg=tol,
            tol_over_mg=tol,
            bound_ul=told.bound_ul,
            gross_before_mg=gross,
            density_ug_per_ul=1_020,
            max_gross_mg=220_000,
            time_budget_s=60.0,
            same_cup_mg=200,
            suck_back_ms=min(20, pump.suck_back_most_ms),
        )

    async def _dose(self, plan: DosePlan, scale: Scale, pump: Dispenser) -> None:
        told, loop = self.told, self.loop
        watching = asyncio.create_task(self._when())
        if self.bad.phase == "before":
            await asyncio.sleep(1.0)
        model = ScaleModel(d_mg=self.settings.d_mg, noise_mg=max(2.0, self.settings.d_mg))
        learned = Learned.fresh(1_020)
        dosing = asyncio.create_task(
            run_dose(plan, scale, pump, loop.host_time, asyncio.sleep, learned, scale_model=model)
        )
        ended = asyncio.create_task(self.killed.wait())
        await asyncio.wait({dosing, ended}, return_when=asyncio.FIRST_COMPLETED)
        if self.killed.is_set():
            await asyncio.sleep(4.0)  # whatever the dead host's tasks still try reaches nobody
            dosing.cancel()
            await asyncio.gather(dosing, return_exceptions=True)
        else:
            told.result = await dosing
        ended.cancel()
        self.over.set()
        await asyncio.gather(watching)

    async def _afterwards(self, scale: Scale, pump: Dispenser) -> None:
        """What came of it: everything has landed, and nothing starts by itself once the lines are back."""
        told = self.told
        told.true_starts = self.channel.dose_counter
        await asyncio.sleep(1.0)
        self.faults.clear()
        self.loop.host_returns()
        scale, pump = self._drivers() if self.killed.is_set() else (scale, pump)
        for one in self.strangers:
            one.close()
        for _ in range(5):
            with contextlib.suppress(DeviceError):  # a syringe that stalled says so until its mains are off
                await pump.connect()
            try:
                await scale.connect()
                await asyncio.sleep(1.5)
                told.weighed_again_mg = (await scale.weigh(stable=True, timeout_s=6.0)).mass_mg
                break
            except DeviceError as error:
                told.notes.append(f"{type(error).__name__} {error.detail}")
                await asyncio.sleep(0.5)
        await asyncio.sleep(2.0)
        told.stands = not any(one.turning for one in self.plant.channels.values())
        told.later_starts = self.channel.dose_counter - told.true_starts
        cups = [one for one in (self.plant.cup, *self.plant.shelf.values()) if one is not None]
        told.truth_mg = sum(one.content_mg for one in cups)
        told.spilled_mg = self.plant.spilled_mg
        told.left_mg = self.channel.left_mg
        for one in self.made:
            await one.close()

    # --- the fault ---

    async def _when(self) -> None:
        """Wait for the phase, switch the fault on, and off again after its time."""
        if not await self._phase():
            return
        self.told.reached = True
        self.told.at_fault_mg = self.channel.left_mg
        await self._act(True)
        if self.bad.lasts_s is not None and self.bad.fault != HOST_KILLED:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.bad.lasts_s):
                    await self.over.wait()
            await self._act(False)

    async def _phase(self) -> bool:
        target, rng, channel = self.told.target_mg, self.rng, self.channel
        full = self.told.flow_mg_s
        match self.bad.phase:
            case "before":
                await asyncio.sleep(rng.uniform(0.2, 1.15))
                return True
            case "start":
                return await self._until(lambda: channel.turning, rng.uniform(0.0, 0.15))
            case "feed":
                share = rng.uniform(0.1, 0.7)
                return await self._until(lambda: channel.left_mg > share * target, 0.0)
            case "near_stop":
                ahead = full * rng.uniform(0.1, 0.4)
                return await self._until(lambda: channel.left_mg > target - ahead, 0.0)
            case "stopping":
                return await self._stopped(rng.uniform(0.0, 0.08))
            case "settle":
                return await self._stopped(rng.uniform(0.1, 0.9))
            case "jog":
                return await self._until(lambda: channel.dose_counter > 1 and channel.turning, rng.uniform(0.0, 0.1))
            case _:
                return await self._stopped(rng.uniform(0.9, 2.2))

    async def _stopped(self, later_s: float) -> bool:
        started = await self._until(lambda: self.channel.turning, 0.0)
        return started and await self._until(lambda: not self.channel.turning, later_s)

    async def _until(self, true: Any, later_s: float) -> bool:
        while not self.over.is_set():
            if true():
                await asyncio.sleep(later_s)
                return not self.over.is_set()
            await asyncio.sleep(0.01)
        return False

    async def _act(self, on: bool) -> None:
        fault = self.bad.fault
        match fault:
            case "host_killed":
                self.loop.host_dies()
                self.killed.set()
            case "clock_jump":
                self.loop.jumped += self.rng.uniform(1.0, 3_600.0) if on else 0.0
            case "second_host":
                await self._second_host(on)
            case _:
                self.bench.runner.catch_up()
                self.faults.switch(fault, on, CHANNEL if _BOARD[fault].per_channel else None)

    async def _second_host(self, on: bool) -> None:
        """Another program opens both ports and talks."""
        if not on:
            for one in self.strangers:
                one.close()
            return
        for number in self.ports:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", number)
                writer.write(b"SI\r\n" if number == self.ports[0] else b"\0\1\0\0\0\6\1\3\0\0\0\2")
                self.strangers.append(writer)
