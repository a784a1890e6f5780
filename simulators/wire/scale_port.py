"""The balance's port: MT-SICS over TCP (one client at a time) and over a pty, with the line's own time.

A serial balance does not notice who listens: a stream that was asked for goes on, also to the next client.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from .line import LineTime
from .mt_sics import MtSics
from .terminal import LONGEST_REQUEST, Terminal

GARBAGE = b"\xff\x00\x8aS S\x1b\x7f##!\r\n"
LATE_S = 0.7


class Session:
    """One listener on the balance's line: reads requests, writes replies and the stream."""

    def __init__(self, device: MtSics, port: str, reader: asyncio.StreamReader, write: Callable[[bytes], None]) -> None:
        self._device = device
        self._port = port
        self._reader = reader
        self._write = write
        self._line: LineTime = device.line
        self._turn = asyncio.Lock()
        self._late: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until the other side goes away."""
        stream = asyncio.create_task(self._stream())
        current: asyncio.Task[None] | None = None
        try:
            while True:
                raw = await self._reader.readuntil(b"\n")
                await asyncio.sleep(self._line.seconds(len(raw)) + self._line.latency_s)
                command = raw.decode("ascii", "replace").rstrip("\r\n")
                if current is not None and not current.done():
                    if command == "@":
                        current.cancel()
                    else:
                        await current
                current = asyncio.create_task(self._serve(command))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        finally:
            for task in (stream, current, *self._late):
                if task is not None:
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await task

    async def _serve(self, command: str) -> None:
        reply = await self._device.answer(command, self._port)
        if reply is not None:
            for line in reply.split("\r\n"):
                await self._send(line)

    async def _stream(self) -> None:
        while True:
            sample = await self._device.runner.next_sample()
            if self._device.stream_port != self._port:
                continue
            if (line := self._device.streamed(sample)) is not None:
                await self._send(line)

    async def _send(self, line: str) -> None:
        faults = self._device.faults
        if faults.is_on("scale_silent") or faults.is_on("scale_unplugged"):
            return
        data = GARBAGE if faults.is_on("scale_garbage") else f"{line}\r\n".encode("ascii")
        if faults.is_on("scale_late"):
            task = asyncio.create_task(self._send_late(data))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        else:
            await self._put(data)

    async def _send_late(self, data: bytes) -> None:
        await asyncio.sleep(LATE_S)
        await self._put(data)

    async def _put(self, data: bytes) -> None:
        async with self._turn:
            await asyncio.sleep(self._line.seconds(len(data)))
            self._write(data)


class ScalePort:
    """Opens the balance to the world. `close()` ends every session."""

    def __init__(self, device: MtSics) -> None:
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
        """Drop the line when the cable is pulled; a real host's port would vanish just so."""
        while True:
            await asyncio.sleep(0.02)
            if self._client is not None and self._device.faults.is_on("scale_unplugged"):
                self._client.transport.abort()
