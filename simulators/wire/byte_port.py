"""Bytes in, bytes out, on TCP sockets and a pseudo-terminal: the port of any device that answers on a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from .terminal import LONGEST_REQUEST, Terminal

Write = Callable[[bytes], None]
Talk = Callable[[asyncio.StreamReader, Write], Awaitable[None]]
"""Serve one listener until its line ends (IncompleteReadError, ConnectionError)."""


class BytePort:
    """`unplugged` tells whether the cable is out: then lines drop and none opens."""

    def __init__(self, unplugged: Callable[[], bool] = lambda: False) -> None:
        self._unplugged = unplugged
        self._servers: list[asyncio.Server] = []
        self._writers: set[asyncio.StreamWriter] = set()
        self._terminals: list[Terminal] = []
        self._tasks: set[asyncio.Task[Any]] = set()

    async def listen(self, host: str, port: int, talk: Talk) -> int:
        """Serve TCP; the port really bound (`port` 0 picks a free one)."""

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._connected(reader, writer, talk)

        server = await asyncio.start_server(connected, host, port, limit=LONGEST_REQUEST)
        self._servers.append(server)
        if len(self._servers) == 1:
            self._spawn(self._watch_cable())
        bound: int = server.sockets[0].getsockname()[1]
        return bound

    async def open_pty(self, talk: Talk) -> str:
        """Serve a pseudo-terminal; the path of its slave side."""
        terminal = Terminal()
        self._terminals.append(terminal)
        self._spawn(_quietly(talk, terminal.reader, terminal.write))
        return terminal.path

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        self._drop()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for terminal in self._terminals:
            terminal.close()

    def _drop(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[Any] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, talk: Talk) -> None:
        if self._unplugged():
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            await _quietly(talk, reader, writer.write)
        except asyncio.CancelledError:
            pass  # the port is closing; asyncio's own connection task must not report it
        finally:
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort()

    async def _watch_cable(self) -> None:
        while True:
            await asyncio.sleep(0.02)
            if self._unplugged():
                self._drop()


async def _quietly(talk: Talk, reader: asyncio.StreamReader, write: Write) -> None:
    try:
        await talk(reader, write)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return
