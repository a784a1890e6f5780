"""The bench that drives devices: a thread with an event loop of its own, so that nothing else delays a stop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import structlog

from device_drivers.dispensers.base import Dispenser
from device_drivers.dosing.dose import run_dose
from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.faults import Fault
from device_drivers.dosing.plan import DoseResult, Sample
from device_drivers.dosing.pour import run_pour
from device_drivers.errors import DeviceError, NoAnswer
from device_drivers.printers.base import Printer
from device_drivers.reading import Reading, State
from device_drivers.scales.base import Scale
from store_service.settings import BenchSettings

from .bench import (
    DeviceHealth,
    DeviceTrouble,
    DoseOrder,
    DoseReport,
    Flushed,
    FlushOrder,
    Gauge,
    Seen,
    Weighed,
)
from .flushing import budget_s, flush
from .keeper import Keeper
from .learned import LearnedFiles
from .memory import Memory
from .orders import dose_plan, pour_plan
from .printing import printer_health
from .reports import report as _report
from .told import Told
from .troubles import busy, no_mass, trouble
from .tubes import TubeFiles

T = TypeVar("T")
log = structlog.get_logger()

POLL_S, WATCH_S, PRINTER_S = 0.1, 1.0, 5.0
STABLE_WITHIN_S, FIRST_READING_S = 6.0, 2.0
SHUT_WITHIN_S = 15.0
FLUSH_ENDS_S = 1.5


class LiveBench:
    """A `Bench` over drivers. `folder` keeps what the channels have learned (outside the log, resettable)."""

    def __init__(
        self,
        settings: BenchSettings,
        scale: Scale,
        dispenser: Dispenser | None,
        printer: Printer | None,
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
        second_printer: Printer | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self.settings = settings
        self._scale, self._dispenser = scale, dispenser
        found = {"printer": printer, "printer-2": second_printer}
        self._printers = {name: one for name, one in found.items() if one is not None}
        self._clock = clock
        self._files = LearnedFiles(folder, settings.bench_id, today)
        self.learned = self._files.all
        self._tubes = TubeFiles(folder, settings.bench_id, today)
        self.tubes, self.fit_tube = self._tubes.all, self._tubes.fit
        self._memory = Memory(folder / f"{settings.bench_id}-seen.json")
        self._model = ScaleModel(
            d_mg=settings.scale.resolution_mg,
            noise_mg=max(settings.scale.repeatability_mg, settings.scale.resolution_mg),
        )
        self._last: Reading | None = None
        self._dose: DoseOrder | None = None
        self._phase = "idle"
        self._cancel = asyncio.Event()
        self._finish = asyncio.Event()
        self._under_way = asyncio.Event()
        self._closing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._scale_keeper = Keeper("scale", scale.connect, scale.close)
        self._pump_keeper = Keeper("dispenser", dispenser.connect, dispenser.close) if dispenser else None
        self._printers_ok: dict[str, DeviceHealth] = {}
        self._told = Told(folder, settings.bench_id)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"bench {settings.bench_id}", daemon=True)

    def open(self) -> None:
        """Start the thread and wait for one round of connecting: afterwards whatever is there answers."""
        self._thread.start()
        self._ready.wait(timeout=10)

    def close(self) -> None:
        """Stop what moves, release the lines, end the thread."""
        if not self._thread.is_alive():
            return
        try:
            self._call(self._shut(), timeout_s=SHUT_WITHIN_S)
        except DeviceTrouble:
            log.error("bench.not_shut", bench=self.settings.bench_id, seconds=SHUT_WITHIN_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        if not self._thread.is_alive():
            self._loop.close()

    def weigh(self) -> Weighed:
        return self._call(self._weigh(), timeout_s=STABLE_WITHIN_S + 4)

    def begin(self, order: DoseOrder, ended: Callable[[DoseReport], None]) -> None:
        self._call(self._begin(order, ended), timeout_s=10)

    def settle(self, dose_id: str) -> None:
        if self._dose is not None and self._dose.dose_id == dose_id:
            self._loop.call_soon_threadsafe(self._finish.set)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._cancel.set)
        with suppress(DeviceTrouble):
            self._call(self._stop_pump(), timeout_s=5)

    def flush(self, order: FlushOrder) -> Flushed:
        return self._call(self._flush(order), timeout_s=budget_s(order) + 20)

    def forget(self, known: tuple[int, str, str, int]) -> bool:
        if self._dose is not None:
            raise busy()
        return self._files.forget(known)

    def print(self, bitmaps: list[tuple[int, int, bytes]], second: bool = False) -> None:
        self._call(self._print(bitmaps, "printer-2" if second else "printer"), timeout_s=60)

    def gauge(self) -> Gauge:
        last, order = self._last, self._dose
        age_ms = int((self._clock() - last.at) * 1000) if last else 0
        fresh = last is not None and age_ms < 1000 and self._scale_keeper.fault is None
        state = "ok" if fresh else "lost"
        if fresh and last is not None and last.state in (State.OVERLOAD, State.UNDERLOAD):
            state = last.state.value
        return Gauge(
            mg=last.mass_mg if last else None,
            stable=bool(last and last.stable and fresh),
            age_ms=age_ms,
            state=state,
            dose_id=order.dose_id if order else None,
            phase=self._phase,
            seen=self._memory.seen,
        )

    def health(self) -> list[DeviceHealth]:
        keepers = [one for one in (self._scale_keeper, self._pump_keeper) if one is not None]
        return [one.health() for one in keepers] + [one for _, one in sorted(self._printers_ok.items())]

    # From here on everything runs in the bench's own loop.

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._turn = asyncio.Lock()
        self._spawn(self._watch_scale())
        if self._dispenser is not None:
            self._spawn(self._watch_pump(self._dispenser))
        for name in self._printers:
            self._spawn(self._watch_printer(name))
        self._loop.run_forever()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _call(self, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        if not self._thread.is_alive():
            work.close()
            raise trouble("bench", NoAnswer("the bench is closed"))
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(timeout=timeout_s)
        except TimeoutError:
            future.cancel()
            silent = NoAnswer("no answer in time")
            raise DeviceTrouble(
                "bench", "silent", silent.words_zh, silent.words_en, silent.detail, uncertain=True
            ) from None

    async def _shut(self) -> None:
        # Python 3.11's wait_for, inside pymodbus, can swallow a cancellation: what watches also looks at a flag.
        self._closing = True
        keepers = [one for one in (self._pump_keeper, self._scale_keeper) if one is not None]
        for keeper in keepers:
            keeper.retire()  # before anything is awaited: a dose that is just being asked for must not begin
        self._cancel.set()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(FLUSH_ENDS_S), self._turn:
                pass  # a flush stops its pump by itself and needs the lines for it
        for left in await asyncio.gather(*(one.shut() for one in keepers), return_exceptions=True):
            if left is not None:
                log.error("bench.line_not_closed", bench=self.settings.bench_id, error=repr(left))

    async def _watch_scale(self) -> None:
        """Keep the line open and the gauge alive while no dose has the scale to itself."""
        while not self._closing:
            try:
                async with self._turn:
                    await self._scale_keeper.keep()
                    self._last = await self._scale.weigh(stable=False, timeout_s=1.0)
            except DeviceError as error:
                await self._scale_keeper.lost(error)
            self._ready.set()
            self._told.keep(self.health())
            await asyncio.sleep(POLL_S if self._scale_keeper.fault is None else WATCH_S)

    async def _watch_pump(self, dispenser: Dispenser) -> None:
        keeper = self._pump_keeper
        while keeper is not None and not self._closing:
            if self._dose is None:
                try:
                    await keeper.keep()
                    await dispenser.status(1)
                except DeviceError as error:
                    await keeper.lost(error)
            await asyncio.sleep(WATCH_S)

    async def _watch_printer(self, name: str) -> None:
        while not self._closing:
            await self._ask_printer(name)
            await asyncio.sleep(PRINTER_S)

    async def _ask_printer(self, name: str) -> None:
        self._printers_ok[name] = await printer_health(name, self._printers[name])

    async def _weigh(self) -> Weighed:
        async with self._turn:
            try:
                await self._scale_keeper.keep()
                reading = await self._scale.weigh(stable=True, timeout_s=STABLE_WITHIN_S)
            except DeviceError as error:
                await self._scale_keeper.lost(error)
                raise trouble("scale", error) from error
        self._last = reading
        if reading.mass_mg is None:
            raise no_mass(reading)
        return Weighed(reading.mass_mg, reading.raw.decode("ascii", "replace"))

    async def _flush(self, order: FlushOrder) -> Flushed:
        if self._dose is not None:
            raise busy()
        keepers, most = (self._scale_keeper, self._pump_keeper), self.settings.scale.max_gross_mg
        pump, clock, cancel = self._dispenser, self._clock, self._cancel
        try:
            async with self._turn:
                moved = await flush(order, self._scale, pump, keepers, most, clock, cancel, self._model)
        except DeviceError as error:
            raise trouble("bench", error) from error
        self._tubes.add(order.channel, moved.moved_mg or 0)
        return moved

    async def _begin(self, order: DoseOrder, ended: Callable[[DoseReport], None]) -> None:
        if self._dose is not None:
            raise busy()
        try:
            await self._scale_keeper.keep()
            if order.channel is not None and self._pump_keeper is not None:
                await self._pump_keeper.keep()
        except DeviceError as error:
            raise trouble("bench", error) from error
        if order.channel is not None and self._dispenser is None:
            raise DeviceTrouble("dispenser", "pump_lost", "本工位没有配置泵。", "This bench has no pump configured.")
        self._cancel.clear()
        self._finish.clear()
        self._under_way.clear()
        self._dose, self._phase = order, "dosing"
        self._spawn(self._carry_out(order, ended))
        # A clerk pours as soon as the screen says so: the first reading must have been taken before it does.
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_READING_S):
                await self._under_way.wait()

    async def _carry_out(self, order: DoseOrder, ended: Callable[[DoseReport], None]) -> None:
        began = self._clock()
        try:
            async with self._turn:
                result = await self._run_order(order)
            report = _report(order, result)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("dose.failed", dose=order.dose_id)
            with suppress(DeviceError):
                await self._stop_pump()
            elapsed = int((self._clock() - began) * 1000)
            report = DoseReport(
                order.dose_id, "fault", Fault.INTERNAL.value, None, "", repr(error)[:80], None, elapsed, 0
            )
        finally:
            self._dose, self._phase = None, "idle"
            self._under_way.set()
        ended(report)

    async def _run_order(self, order: DoseOrder) -> DoseResult:
        if order.channel is None or self._dispenser is None:
            plan = pour_plan(order)
            return await run_pour(plan, self._scale, self._clock, asyncio.sleep, self._show, self._finish, self._cancel)
        learned = self._files.of(order, self._tubes.age(order.channel))
        result = await run_dose(
            dose_plan(order, order.channel, self._dispenser.suck_back_most_ms),
            self._scale,
            self._dispenser,
            self._clock,
            asyncio.sleep,
            learned,
            self._show,
            self._cancel,
            self._model,
        )
        self._tubes.note(order, result.landed_mg, learned.yield_mg_per_ul.mean)
        if result.pump_starts:
            self._files.keep(order, self._tubes.age(order.channel), learned)
        return result

    def _show(self, sample: Sample) -> None:
        self._phase = sample.phase
        state = State.STABLE if sample.stable else State.MOVING
        if sample.gross_mg is not None:
            self._under_way.set()
            self._last = Reading(sample.gross_mg, state, "g", "gross", self._clock(), 0, b"")
            if self._dose is not None:
                self._memory.keep(Seen(self._dose.dose_id, sample.gross_mg))

    async def _stop_pump(self) -> None:
        if self._dispenser is None:
            return
        try:
            await self._dispenser.stop(None)
        except DeviceError as error:
            raise trouble("dispenser", error) from error

    async def _print(self, bitmaps: list[tuple[int, int, bytes]], name: str) -> None:
        printer = self._printers.get(name)
        if printer is None:
            raise DeviceTrouble("printer", "absent", "本工位没有配置打印机。", "This bench has no printer configured.")
        try:
            for width, height, rows in bitmaps:
                await printer.print_bitmap(width, height, rows)
        except DeviceError as error:
            raise trouble("printer", error) from error
        finally:
            await self._ask_printer(name)
