"""Run applications on their addresses until somebody says stop; open streams end with it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable, Generator

import uvicorn
from fastapi import FastAPI


class AddressTaken(Exception):
    """Another process listens there; `zh` and `en` say what to do."""

    def __init__(self, address: str) -> None:
        self.zh = f"地址 {address} 已被占用：本程序可能已在运行。请先关闭它。"
        self.en = f"{address} is in use: the service may be running already. Stop it first."
        super().__init__(self.en)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def bind(address: str) -> socket.socket:
    """A listening socket on `host:port`. Raises AddressTaken."""
    host, _, port = address.rpartition(":")
    try:
        listening = socket.create_server((host, int(port)))
    except OSError as error:
        raise AddressTaken(address) from error
    # asyncio sets this only on sockets that it made itself; without it every answer waits 40 ms for an ACK.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def be_punctual() -> None:
    """Threads take turns every half millisecond: the bench must not wait 5 ms for each thread that renders a page."""
    sys.setswitchinterval(0.0005)


def run(apps: list[tuple[FastAPI, socket.socket]], *, ready: Callable[[], None], stopping: Callable[[], None]) -> None:
    """Serve every app on its socket until SIGINT or SIGTERM; `stopping` is told first, so that streams may end."""
    be_punctual()
    asyncio.run(_run(apps, ready, stopping))


async def _run(
    apps: list[tuple[FastAPI, socket.socket]], ready: Callable[[], None], stopping: Callable[[], None]
) -> None:
    servers = [
        _Server(
            uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1, server_header=False)
        )
        for app, _ in apps
    ]
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    tasks = [asyncio.create_task(one.serve(sockets=[sock])) for one, (_, sock) in zip(servers, apps, strict=True)]
    while not all(one.started for one in servers) and not stop.is_set():
        if any(task.done() for task in tasks):
            break
        await asyncio.sleep(0.02)
    ready()
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    stopping()
    for one in servers:
        one.should_exit = True
    waiting.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
