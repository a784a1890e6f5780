"""The simulated bench: one plant in front of a scale, a dispenser, a label printer and a page for the clerk's hands.

`python -m simulators.bench` serves all of it; `serve_bench` does so inside a running loop, `running_bench` in a thread.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import uvicorn

from simulators.bench_api import bench_api
from simulators.faults import FAULTS, MODEL_FAULTS, FaultBoard
from simulators.plant import Plant, ScaleSpec
from simulators.runner import Runner
from simulators.wire.languages import LANGUAGES as SCALE_LANGUAGES
from simulators.wire.languages import MODBUS
from simulators.wire.line import LineTime
from simulators.wire.modbus_quad import WATCHDOG_MS, ModbusQuad
from simulators.wire.pumps import MODELS, PumpLine, make_pumps, make_relay
from simulators.wire.raw9100 import LabelPrinter
from simulators.wire.scale_port import ScalePort

QUAD = "demo_quad"
PRINTER_LANGUAGES = ("escpos", "tspl", "zpl")
PORTS = ("http_port", "scale_port", "pump_port", "printer_port", "second_printer_port", "relay_port")


@dataclass(frozen=True, slots=True)
class BenchSettings:
    """Port 0 picks a free one. Baud 0 leaves out the line time. `speed` is plant seconds per real second."""

    host: str = "127.0.0.1"
    http_port: int = 8070
    scale_port: int = 4001
    pump_port: int = 4002
    printer_port: int = 4003
    second_printer_port: int = 4004
    printer_language: str = "escpos"
    second_printer_language: str | None = None
    """None: the bench has one printer. Both put their labels into one tray."""
    printer_dpi: int = 203
    second_printer_dpi: int = 203
    pty: bool = False
    pump_rtu: bool = False
    pump_model: str = QUAD
    """`demo_quad`, or a model of wire/pumps.py; one that runs on without its host gets a dead-man relay."""
    relay_port: int = 4005
    seed: int = 1
    speed: float = 1.0
    d_mg: int = 1
    rate_hz: float = 10.0
    scale_language: str = "mt_sics"
    scale_baud: int = 9600
    pump_baud: int = 19_200
    watchdog_ms: int = WATCHDOG_MS
    clock_offset_s: int = 0
    """Added to the wall clock that dates the labels: the demo may live on another day."""


@dataclass(frozen=True, slots=True)
class BenchAddresses:
    """Where the bench is to be found."""

    scale_port: int
    pump_port: int
    printer_port: int
    http_url: str
    scale_pty: str | None
    pump_pty: str | None
    second_printer_port: int | None = None
    relay_port: int | None = None


class Bench:
    """Everything on the bench, wired together. `clock` drives the plant, `now` dates the labels."""

    def __init__(
        self,
        settings: BenchSettings,
        *,
        clock: Callable[[], float] = monotonic,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        def shifted() -> datetime:
            return datetime.now(UTC) + timedelta(seconds=settings.clock_offset_s)

        self.settings = settings
        self.plant = Plant(seed=settings.seed, scale=ScaleSpec(d_mg=settings.d_mg, rate_hz=settings.rate_hz))
        self.runner = Runner(self.plant, speed=settings.speed, clock=clock)
        other = settings.pump_model != QUAD
        self.faults = FaultBoard(self.plant, FAULTS + MODEL_FAULTS if other else FAULTS)
        bits = 11 if settings.scale_language in MODBUS else 10
        line = LineTime(settings.scale_baud, bits_per_char=bits, latency_s=0.004)
        self.scale = SCALE_LANGUAGES[settings.scale_language](self.runner, self.faults, line)
        line = LineTime(settings.pump_baud, bits_per_char=11, latency_s=0.004)
        self.pump: PumpLine = (
            make_pumps(settings.pump_model, self.runner, self.faults)
            if other
            else ModbusQuad(self.runner, self.faults, line=line, watchdog_ms=settings.watchdog_ms)
        )
        fitted = other and MODELS[settings.pump_model].needs_relay
        self.relay = make_relay(self.runner, self.faults) if fitted else None
        self.printer = LabelPrinter(self.faults, now or shifted, settings.printer_language, dpi=settings.printer_dpi)
        self.second_printer: LabelPrinter | None = None
        if settings.second_printer_language is not None:
            self.second_printer = LabelPrinter(
                self.faults,
                now or shifted,
                settings.second_printer_language,
                number=2,
                dpi=settings.second_printer_dpi,
                labels=self.printer.labels,
            )


class _Server(uvicorn.Server):
    """The caller owns the signals and hears when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def serve_bench(
    settings: BenchSettings,
    stop: asyncio.Event,
    ready: Callable[[Bench, BenchAddresses], None] | None = None,
) -> None:
    """Serve until `stop` is set; `ready` is told once everything listens. OSError: a port is taken."""
    bench = Bench(settings)
    port = ScalePort(bench.scale)
    http = socket.create_server((settings.host, settings.http_port))
    # asyncio sets this only on sockets made with an explicit protocol; without it each answer waits 40 ms for an ACK.
    http.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        bench_api(bench), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    server = _Server(config)
    running: list[asyncio.Task[None]] = []
    try:
        scale = await port.listen(settings.host, settings.scale_port)
        scale_pty = await port.open_pty() if settings.pty else None
        pump = await bench.pump.listen(settings.host, settings.pump_port, rtu=settings.pump_rtu)
        pump_pty = await bench.pump.open_pty() if settings.pty else None
        printer = await bench.printer.listen(settings.host, settings.printer_port)
        second = None
        if bench.second_printer:
            second = await bench.second_printer.listen(settings.host, settings.second_printer_port)
        relay = await bench.relay.listen(settings.host, settings.relay_port, rtu=True) if bench.relay else None
        running.append(asyncio.create_task(bench.runner.run()))
        running.append(asyncio.create_task(server.serve(sockets=[http])))
        await server.up.wait()
        if ready is not None:
            url = f"http://{settings.host}:{http.getsockname()[1]}"
            ready(bench, BenchAddresses(scale, pump, printer, url, scale_pty, pump_pty, second, relay))
        await stop.wait()
    finally:
        server.should_exit = True
        if len(running) == 2:
            await running[1]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await bench.printer.close()
        if bench.second_printer:
            await bench.second_printer.close()
        await bench.pump.close()
        if bench.relay is not None:
            await bench.relay.close()
        await port.close()
        http.close()


class RunningBench:
    """A bench in its own thread, for tests: the addresses, the plant, and `do` to act in the bench's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, bench: Bench, addresses: BenchAddresses) -> None:
        self._loop = loop
        self.bench = bench
        self.plant = bench.plant
        self.faults = bench.faults
        self.printer = bench.printer
        self.scale_port = addresses.scale_port
        self.pump_port = addresses.pump_port
        self.printer_port = addresses.printer_port
        self.second_printer_port = addresses.second_printer_port
        self.relay_port = addresses.relay_port
        self.http_url = addresses.http_url
        self.scale_pty = addresses.scale_pty
        self.pump_pty = addresses.pump_pty

    def do(self, act: Callable[[Plant], Any]) -> Any:
        """Call `act(plant)` in the bench's thread with the plant at now; its result."""

        async def work() -> Any:
            self.bench.runner.catch_up()
            return act(self.plant)

        return asyncio.run_coroutine_threadsafe(work(), self._loop).result(10)

    def fault(self, name: str, on: bool = True, channel: int | None = None) -> None:
        """Switch a fault, as POST /api/faults does."""
        self.do(lambda _: self.faults.switch(name, on, channel))


@contextlib.contextmanager
def running_bench(**settings: Any) -> Iterator[RunningBench]:
    """A whole bench on free ports in a thread while the block runs. Keywords: the fields of BenchSettings."""
    chosen = BenchSettings(**(dict.fromkeys(PORTS, 0) | settings))
    up = threading.Event()
    found: list[RunningBench] = []
    failed: list[BaseException] = []
    stop: list[Callable[[], object]] = []

    async def main() -> None:
        loop, event = asyncio.get_running_loop(), asyncio.Event()
        stop.append(lambda: loop.call_soon_threadsafe(event.set))

        def ready(bench: Bench, addresses: BenchAddresses) -> None:
            found.append(RunningBench(loop, bench, addresses))
            up.set()

        await serve_bench(chosen, event, ready)

    def work() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            failed.append(error)
        finally:
            up.set()

    thread = threading.Thread(target=work, name="simulated-bench", daemon=True)
    thread.start()
    up.wait(20)
    if failed:
        raise failed[0]
    try:
        yield found[0]
    finally:
        if stop:
            stop[0]()
        thread.join(10)
        if failed:
            raise failed[0]


def _arguments(argv: list[str] | None) -> tuple[BenchSettings, bool]:
    base = BenchSettings()
    parser = argparse.ArgumentParser(
        prog="python -m simulators.bench",
        description="Simulated bench: scale, Modbus dispenser with four channels, label printer, bench page.",
    )
    parser.add_argument("--host", default=base.host, help="address to listen on (default %(default)s)")
    ports = {"http": "bench page and API", "scale": "scale", "pump": "pump", "printer": "printer", "relay": "relay"}
    for name, what in ports.items():
        default = getattr(base, f"{name}_port")
        parser.add_argument(
            f"--{name}-port", type=int, default=default, help=f"port of the {what} (default %(default)s, 0 free)"
        )
    parser.add_argument("--printer-language", choices=PRINTER_LANGUAGES, default=base.printer_language)
    parser.add_argument("--printer-dpi", type=int, choices=(203, 300), default=base.printer_dpi)
    parser.add_argument(
        "--second-printer-language",
        choices=PRINTER_LANGUAGES,
        help="of a second printer; none without it",
    )
    parser.add_argument("--second-printer-port", type=int, default=base.second_printer_port)
    parser.add_argument("--second-printer-dpi", type=int, choices=(203, 300), default=base.second_printer_dpi)
    parser.add_argument("--pty", action="store_true", help="also serve scale and dispenser on pseudo-terminals")
    parser.add_argument(
        "--pump",
        dest="pump_model",
        choices=(QUAD, *MODELS),
        default=base.pump_model,
        help="model of the dispenser (default %(default)s); one that nothing stops gets a dead-man relay",
    )
    parser.add_argument("--pump-rtu", action="store_true", help="RTU frames instead of Modbus TCP on the pump port")
    parser.add_argument("--seed", type=int, default=base.seed, help="seed of all randomness (default %(default)s)")
    parser.add_argument(
        "--speed", type=float, default=base.speed, help="plant seconds per second; scale rates scale with it"
    )
    parser.add_argument("--d-mg", type=int, choices=(1, 10), default=base.d_mg, help="readability of the scale, mg")
    parser.add_argument("--rate-hz", type=float, default=base.rate_hz, help="readings a second (default %(default)s)")
    parser.add_argument(
        "--scale-language", choices=sorted(SCALE_LANGUAGES), default=base.scale_language, help="default %(default)s"
    )
    parser.add_argument("--scale-baud", type=int, default=base.scale_baud, help="line time of the scale, 0 none")
    parser.add_argument("--pump-baud", type=int, default=base.pump_baud, help="line time of the pump, 0 none")
    parser.add_argument("--watchdog-ms", type=int, default=base.watchdog_ms, help="pump watchdog at power-on, 0 off")
    parser.add_argument("--clock-offset-s", type=int, default=0, help="added to the clock that dates the labels")
    parser.add_argument("--json", action="store_true", help="print the addresses as one JSON line")
    values = vars(parser.parse_args(argv))
    as_json = bool(values.pop("json"))
    return BenchSettings(**values), as_json


def _announce(addresses: BenchAddresses, settings: BenchSettings, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(addresses)), flush=True)
        return
    host, language = settings.host, settings.scale_language
    scheme = "tcp" if language in MODBUS else "socket"
    print(f"bench page   {addresses.http_url}/")
    print(f"scale        {scheme}://{host}:{addresses.scale_port}  ({language})")
    if addresses.scale_pty:
        print(f"scale pty    {addresses.scale_pty}")
        print(f"pump pty     {addresses.pump_pty}  (map {settings.pump_model})")
    words, scheme = ("Modbus, demo_quad, unit 1", "tcp")
    if settings.pump_model in MODELS:
        model = MODELS[settings.pump_model]
        words, scheme = f"{model.words}, map {model.name}, units from {model.first_unit}", model.scheme
    scheme = "rtu" if settings.pump_rtu and scheme == "tcp" else scheme
    print(f"dispenser    {scheme}://{host}:{addresses.pump_port}  ({words})")
    if addresses.relay_port is not None:
        print(f"relay        rtu://{host}:{addresses.relay_port}  (map waveshare_flash, unit 1, output 1)")
    print(
        f"printer      tcp://{host}:{addresses.printer_port}  ({settings.printer_language}, {settings.printer_dpi} dpi)"
    )
    if addresses.second_printer_port:
        second = f"({settings.second_printer_language}, {settings.second_printer_dpi} dpi)"
        print(f"printer 2    tcp://{host}:{addresses.second_printer_port}  {second}")
    print("Simulated devices, not hardware. Ctrl-C ends.", flush=True)


async def _main(settings: BenchSettings, as_json: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await serve_bench(settings, stop, lambda _, addresses: _announce(addresses, settings, as_json))


def main(argv: list[str] | None = None) -> int:
    """0 after Ctrl-C, 1 when a port is taken."""
    settings, as_json = _arguments(argv)
    logging.basicConfig(level=logging.WARNING)
    try:
        asyncio.run(_main(settings, as_json))
    except OSError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
