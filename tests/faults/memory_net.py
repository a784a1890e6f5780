"""An event loop in virtual time whose network is memory: servers and clients of one program, byte by byte, repeatable.

`asyncio.start_server`, `open_connection` and pymodbus work on it unchanged. `host_dies()` is `kill -9` as the devices
see it: nothing that a client writes arrives any more and every line drops, whatever the program goes on to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from device_drivers.errors import LineLost
from device_drivers.frame_queue import FrameQueue
from device_drivers.framing import Frame, FrameSplitter, Splitter
from device_drivers.transport import LineSettings
from simulators.dosebench.virtual import VirtualLoop


class MemoryTransport(asyncio.Transport):
    """One end of a line. What is written arrives at the other end's protocol in order."""

    def __init__(self, loop: MemoryLoop, protocol: asyncio.Protocol, name: tuple[str, int]) -> None:
        super().__init__({"peername": name, "sockname": name})
        self._loop, self._protocol, self._closing = loop, protocol, False
        self.peer: MemoryTransport | None = None
        self.cut = False

    def write(self, data: Any) -> None:
        if not self._closing and not self.cut and self.peer is not None:
            self._loop.call_soon(self.peer._arrive, bytes(data))

    def _arrive(self, data: bytes) -> None:
        if not self._closing and not self.cut:
            self._protocol.data_received(data)

    def close(self) -> None:
        self._end(None)

    def abort(self) -> None:
        self._end(ConnectionResetError("aborted"))

    def _end(self, error: Exception | None) -> None:
        if self._closing:
            return
        self._closing = True
        self._loop.call_soon(self._protocol.connection_lost, None)
        if self.peer is not None and not self.peer.cut:
            self._loop.call_soon(self.peer._gone, error)

    def _gone(self, error: Exception | None) -> None:
        if not self._closing:
            self._closing = True
            self._protocol.eof_received()
            self._protocol.connection_lost(error)

    def forget(self) -> None:
        """The loop ends; nobody is told any more."""
        self._closing = True

    def is_closing(self) -> bool:
        return self._closing

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def can_write_eof(self) -> bool:
        return False

    def pause_reading(self) -> None:
        raise AssertionError("no device says that much")

    def resume_reading(self) -> None:
        return


class _Door:
    """Looks like a listening socket as far as anyone asks."""

    def __init__(self, port: int) -> None:
        self._port = port

    def getsockname(self) -> tuple[str, int]:
        return ("127.0.0.1", self._port)


class MemoryServer(asyncio.Server):
    def __init__(self, loop: MemoryLoop, factory: Callable[[], Any], port: int) -> None:
        self.memory, self.factory, self.port = loop, factory, port

    @property
    def sockets(self) -> Any:
        return (_Door(self.port),)

    def close(self) -> None:
        self.memory.servers.pop(self.port, None)

    async def wait_closed(self) -> None:
        return

    async def start_serving(self) -> None:
        return

    async def serve_forever(self) -> None:
        await self.memory.create_future()

    def is_serving(self) -> bool:
        return self.port in self.memory.servers


class MemoryLoop(VirtualLoop):
    """Clients connect to servers by port; who dials is the host, who listens is a device."""

    def __init__(self) -> None:
        super().__init__()
        self.servers: dict[int, MemoryServer] = {}
        self.dialled: list[MemoryTransport] = []
        self.lines: list[MemoryTransport] = []
        self._next_port = 40_000
        self.host_is_dead = False
        self.jumped = 0.0
        """By how much the host's clock is off from the devices' time."""

    def host_time(self) -> float:
        return self.time() + self.jumped

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:
        # A wait too short to move a float would never end here, where nothing else moves the clock.
        return super().call_later(max(delay, 1e-6), callback, *args, context=context)

    async def create_server(  # type: ignore[override]
        self, protocol_factory: Callable[[], Any], host: Any = None, port: Any = None, **_: Any
    ) -> MemoryServer:
        self._next_port += 1
        server = MemoryServer(self, protocol_factory, int(port or self._next_port))
        self.servers[server.port] = server
        return server

    async def create_connection(  # type: ignore[override]
        self, protocol_factory: Callable[[], Any], host: Any = None, port: Any = None, **_: Any
    ) -> tuple[Any, Any]:
        if self.host_is_dead:
            await asyncio.sleep(0.5)
            raise ConnectionRefusedError("a dead program dials nobody")
        server = self.servers.get(int(port))
        if server is None:
            raise ConnectionRefusedError(f"nobody listens on {port}")
        near, far = protocol_factory(), server.factory()
        here, there = (MemoryTransport(self, one, (str(host), int(port))) for one in (near, far))
        here.peer, there.peer = there, here
        self.dialled.append(here)
        self.lines += [here, there]
        near.connection_made(here)
        self.call_soon(far.connection_made, there)
        return here, near

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        """At once: a thread would have real time, and there is none here."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    def close(self) -> None:
        for one in self.lines:
            one.forget()
        super().close()

    def host_dies(self) -> None:
        self.host_is_dead = True
        for one in self.dialled:
            one.cut = True
            if one.peer is not None:
                self.call_soon(one.peer._gone, None)
        self.dialled.clear()

    def host_returns(self) -> None:
        self.host_is_dead = False


class MemoryPort:
    """A `Port` of device_drivers.transport on this loop, made with the same words as `SerialPort`."""

    def __init__(
        self,
        url: str,
        settings: LineSettings | None = None,
        terminator: bytes = b"\r\n",
        clock: Callable[[], float] | None = None,
        splitter: Callable[[], Splitter] | None = None,
    ) -> None:
        self.url = url
        self._number = int(url.rpartition(":")[2])
        self._splitter = splitter or (lambda: FrameSplitter(terminator))
        self._frames = FrameQueue(url, LineLost(f"{url}: not open"))
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self.close()
        try:
            reader, self._writer = await asyncio.open_connection("127.0.0.1", self._number)
        except OSError as error:
            raise LineLost(f"{self.url}: {error}") from error
        self._frames = FrameQueue(self.url)
        self._reading = asyncio.create_task(self._read(reader, self._frames))

    async def close(self) -> None:
        if self._writer is not None and self._reading is not None:
            self._writer.close()
            self._reading.cancel()
            self._writer = self._reading = None
        self._frames.fail(LineLost(f"{self.url}: closed"))

    async def write(self, data: bytes) -> None:
        if self._frames.lost is not None or self._writer is None:
            raise self._frames.lost or LineLost(f"{self.url}: not open")
        self._writer.write(data)

    async def read_frame(self, timeout_s: float) -> Frame:
        return await self._frames.read(timeout_s)

    def discard(self) -> int:
        return self._frames.discard()

    async def _read(self, reader: asyncio.StreamReader, frames: FrameQueue) -> None:
        splitter = self._splitter()
        try:
            while chunk := await reader.read(4096):
                loop = asyncio.get_running_loop()
                assert isinstance(loop, MemoryLoop)
                for frame in splitter.feed(chunk, loop.host_time()):
                    frames.put(frame)
        except ConnectionError:
            pass
        frames.fail(LineLost(f"{self.url}: ended"))
