"""Serves a simulated bench: `serve_bench` inside a running loop, `running_bench` in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from typing import Any

import uvicorn

from simulators.bench_api import bench_api
from simulators.bench_setup import PORTS, Bench, BenchAddresses, BenchSettings
from simulators.plant import Plant
from simulators.wire.scale_port import ScalePort


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
    async with contextlib.AsyncExitStack() as opened:
        opened.callback(http.close)
        for one in (port, bench.relay, bench.pump, bench.second_printer, bench.printer):
            if one is not None:
                opened.push_async_callback(one.close)
        scale = await port.listen(settings.host, settings.scale_port)
        scale_pty = await port.open_pty() if settings.pty else None
        pump = await bench.pump.listen(settings.host, settings.pump_port, rtu=settings.pump_rtu)
        pump_pty = await bench.pump.open_pty() if settings.pty else None
        printer = await bench.printer.listen(settings.host, settings.printer_port)
        second = None
        if bench.second_printer:
            second = await bench.second_printer.listen(settings.host, settings.second_printer_port)
        relay = await bench.relay.listen(settings.host, settings.relay_port, rtu=True) if bench.relay else None
        opened.push_async_callback(_ended, asyncio.create_task(bench.runner.run()))
        serving = asyncio.create_task(server.serve(sockets=[http]))
        opened.push_async_callback(_served, server, serving)
        await server.up.wait()
        if ready is not None:
            url = f"http://{settings.host}:{http.getsockname()[1]}"
            ready(bench, BenchAddresses(scale, pump, printer, url, scale_pty, pump_pty, second, relay))
        await stop.wait()


async def _served(server: _Server, serving: asyncio.Task[None]) -> None:
    server.should_exit = True
    await serving


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class RunningBench:
    """A bench in its own thread, for tests: the addresses, the plant, and `do` to act in the bench's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, bench: Bench, addresses: BenchAddresses) -> None:
        self._loop = loop
        self.bench = bench
        self.addresses = addresses
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
    try:
        up.wait(60)
        if failed:
            raise failed[0]
        yield found[0]
    finally:
        if stop:
            with contextlib.suppress(RuntimeError):  # its loop has ended by itself
                stop[0]()
        thread.join(10)
        if failed:
            raise failed[0]
