"""The scale's port: TCP (one client at a time) and a pty, in whatever language, with the line's own time and faults.

A serial scale does not notice who listens: a stream that was asked for goes on, also to the next client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Protocol

from simulators.faults import FaultBoard
from simulators.plant import Sample
from simulators.runner import Runner

from .line import LineTime
from .terminal import LONGEST_REQUEST, Terminal

GARBAGE = b"\xff\x00\x8aS S\x1b\x7f##!\r\n"
LATE_S = 0.7
JOIN_S = 0.4
PIECE, PIECE_S = 5, 0.02


class Language(Protocol):
    """A scale that speaks. `port` tells its ports apart; a frame is handed out with its terminator."""

    runner: Runner
    faults: FaultBoard
    line: LineTime

    def requests(self, buffer: bytes, port: str) -> tuple[list[bytes], bytes]:
        """Whole requests without their terminators, and what is still incomplete."""

    def interrupts(self, request: bytes) -> bool:
        """Whether it breaks off the request that is being served."""

    async def serve(self, request: bytes, port: str) -> list[bytes]:
        """The frames that answer."""

    def spontaneous(self, sample: Sample, port: str) -> bytes | None:
        """The frame that is sent for this sample without being asked."""


class Session:
    """One listener on the scale's line: reads requests, writes replies and the stream."""

    def __init__(
        self, device: Language, port: str, reader: asyncio.StreamReader, write: Callable[[bytes], None]
    ) -> None:
        self._device = device
        self._port = port
        self._reader = reader
        self._write = write
        self._line: LineTime = device.line
        self._turn = asyncio.Lock()
        self._held = b""
        self._later: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until the other side goes away."""
        stream = asyncio.create_task(self._stream())
        current: asyncio.Task[None] | None = None
        buffer = b""
        try:
            while chunk := await self._reader.read(512):
                buffer += chunk
                taken, rest = self._device.requests(buffer, self._port)
                if len(rest) > LONGEST_REQUEST:
                    break
                if taken:
                    await asyncio.sleep(self._line.seconds(len(buffer) - len(rest)) + self._line.latency_s)
                buffer = rest
                for request in taken:
                    if current is not None and not current.done():
                        if self._device.interrupts(request):
                            current.cancel()
                        else:
                            await current
                    current = asyncio.create_task(self._serve(request))
        except ConnectionError:
            pass
        finally:
            left = [task for task in (stream, current, *self._later) if task is not None]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _serve(self, request: bytes) -> None:
        for frame in await self._device.serve(request, self._port):
            await self._send(frame)

    async def _stream(self) -> None:
        while True:
            sample = await self._device.runner.next_sample()
            if (frame := self._device.spontaneous(sample, self._port)) is not None:
                await self._send(frame)

    async def _send(self, frame: bytes) -> None:
        on = self._device.faults.is_on
        if on("scale_silent") or on("scale_unplugged"):
            return
        data = GARBAGE if on("scale_garbage") or on("scale_renumbered") else frame
        if on("scale_late"):
            self._spawn(self._after(LATE_S, data))
        elif on("scale_joined"):
            self._held += data
            if len(self._held) == len(data):
                self._spawn(self._flush())
        else:
            await self._put(data)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def _after(self, seconds: float, data: bytes) -> None:
        await asyncio.sleep(seconds)
        await self._put(data)

    async def _flush(self) -> None:
        await asyncio.sleep(JOIN_S)
        data, self._held = self._held, b""
        await self._put(data)

    async def _put(self, data: bytes) -> None:
        async with self._turn:
            await asyncio.sleep(self._line.seconds(len(data)))
            if not self._device.faults.is_on("scale_split"):
                self._write(data)
                return
            for start in range(0, len(data), PIECE):
                self._write(data[start : start + PIECE])
                await asyncio.sleep(PIECE_S)


class ScalePort:
    """Opens the scale to the world. `close()` ends every session."""

    def __init__(self, device: Language) -> None:
        self._device = device
        self._server: asyncio.Server | None = None
        self._client: asyncio.StreamWriter | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._terminals: list[Terminal] = []

    async def listen(self, host: str, port: int) -> int:
        """Serve TCP; the port really bound (`port` 0 picks a free one)."""
        self._server = await asyncio.start_server(self._connected, host, port, limit=LONGEST_REQUEST)
        self._spawn(self._unplug())
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def open_pty(self) -> str:
        """Serve a pseudo-terminal; the path of its slave side."""
        terminal = Terminal()
        self._terminals.append(terminal)
        self._spawn(Session(self._device, "pty", terminal.reader, terminal.write).run())
        return terminal.path

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._client is not None:
            self._client.transport.abort()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for terminal in self._terminals:
            terminal.close()

    def _spawn(self, work: object) -> None:
        assert asyncio.iscoroutine(work)
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._client is not None or self._device.faults.is_on("scale_unplugged"):
            writer.transport.abort()
            return
        self._client = writer
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await Session(self._device, "tcp", reader, writer.write).run()
        except asyncio.CancelledError:
            pass  # the port is closing; asyncio's own connection task must not report it
        finally:
            self._client = None
            self._tasks.discard(task)
            writer.transport.abort()

    async def _unplug(self) -> None:
        """Drop the line when the cable is pulled; a real host's port would vanish just so. Renumbered, it vanishes too,
        and what opens again is a stranger."""
        was = False
        while True:
            await asyncio.sleep(0.02)
            pulled, changed = (self._device.faults.is_on(f"scale_{one}") for one in ("unplugged", "renumbered"))
            if self._client is not None and (pulled or changed != was):
                self._client.transport.abort()
            was = changed
