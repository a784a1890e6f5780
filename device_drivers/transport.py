"""One interface to every serial line: `/dev/…`, a pty, `socket://host:port`, `rfc2217://host:port`.

pyserial opens and reads; a thread of our own does the blocking part, so that a frame is dated where it arrives and not
where a busy event loop comes round to it. What is above sees frames, each with the monotonic second of its last byte.
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

import serial

from device_drivers.errors import LineLost, PortBusy
from device_drivers.frame_queue import FrameQueue
from device_drivers.framing import Frame, FrameSplitter, Splitter

_FRAMING = re.compile(r"(\d{3,7})\s+([5-8])([NEO])([12])")
_POLL_S = 0.1
_LONGEST_BATCH = 4096


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Speed and character framing, written `9600 8N1` in the configuration."""

    baudrate: int = 9600
    bytesize: int = 8
    parity: str = "N"
    stopbits: int = 1

    @classmethod
    def parse(cls, text: str) -> LineSettings:
        """Raises ValueError on anything but `<baud> <bits><N|E|O><stop bits>`."""
        match = _FRAMING.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"line settings must look like '9600 8N1', not {text!r}")
        return cls(int(match[1]), int(match[2]), match[3], int(match[4]))

    def __str__(self) -> str:
        return f"{self.baudrate} {self.bytesize}{self.parity}{self.stopbits}"


class Port(Protocol):
    """What a line driver needs. One owner at a time; after LineLost the owner may `open` again."""

    async def open(self) -> None:
        """Raises PortBusy when someone else holds the port, LineLost when it cannot be opened."""

    async def close(self) -> None:
        """Idempotent; wakes a waiting reader with LineLost."""

    async def write(self, data: bytes) -> None:
        """Raises LineLost."""

    async def read_frame(self, timeout_s: float) -> Frame:
        """The oldest unread frame. Raises NoAnswer after `timeout_s`, LineLost as soon as the line is gone."""

    def discard(self) -> int:
        """Drop everything received and not read; returns how many frames."""


def is_pty(url: str) -> bool:
    """Whether the path leads to a pseudo-terminal (also through a symbolic link)."""
    return "://" not in url and os.path.realpath(url).startswith("/dev/pts/")


class SerialPort:
    """`Port` over pyserial's `serial_for_url`, opened exclusively."""

    def __init__(
        self,
        url: str,
        settings: LineSettings | None = None,
        terminator: bytes = b"\r\n",
        clock: Callable[[], float] = time.monotonic,
        splitter: Callable[[], Splitter] | None = None,
    ) -> None:
        self.url = url
        # A Linux pty has no wire: it refuses parity and 7 bits with EINVAL, so there framing is dropped.
        self.settings = LineSettings() if settings is None or is_pty(url) else settings
        self._splitter = splitter or (lambda: FrameSplitter(terminator))
        self._clock = clock
        self._serial: Any = None
        self._reader: threading.Thread | None = None
        self._closing = threading.Event()
        self._worker: ThreadPoolExecutor | None = None
        self._frames = FrameQueue(url, LineLost(f"{url}: not open"))

    async def open(self) -> None:
        await self.close()
        worker = ThreadPoolExecutor(1, thread_name_prefix="serial-write")
        loop = asyncio.get_running_loop()
        opening = loop.run_in_executor(worker, self._open_blocking)
        try:
            self._serial = await asyncio.shield(opening)
        except BaseException:
            opening.add_done_callback(_close_unwanted)
            worker.shutdown(wait=False)
            raise
        self._worker = worker
        self._closing = threading.Event()
        self._frames = FrameQueue(self.url)
        of_this_line = (loop, self._serial, self._closing, self._frames)
        self._reader = threading.Thread(target=self._read_blocking, args=of_this_line, name="serial-read", daemon=True)
        self._reader.start()

    async def close(self) -> None:
        port, reader, worker = self._serial, self._reader, self._worker
        self._serial = self._reader = self._worker = None
        if port is None or worker is None or reader is None:
            return
        self._closing.set()
        self._frames.fail(LineLost(f"{self.url}: closed"))
        loop = asyncio.get_running_loop()
        try:
            await asyncio.shield(loop.run_in_executor(worker, _close_blocking, port, reader))
        finally:
            worker.shutdown(wait=False)

    async def write(self, data: bytes) -> None:
        if self._frames.lost is not None or self._worker is None:
            raise self._frames.lost or LineLost(f"{self.url}: not open")
        try:
            await asyncio.get_running_loop().run_in_executor(self._worker, self._serial.write, data)
        except (OSError, TypeError, AttributeError) as error:  # pyserial's own errors are OSErrors
            lost = LineLost(f"{self.url}: {error}")
            self._frames.fail(lost)
            raise lost from error

    async def read_frame(self, timeout_s: float) -> Frame:
        return await self._frames.read(timeout_s)

    def discard(self) -> int:
        return self._frames.discard()

    def _open_blocking(self) -> Any:
        s = self.settings
        try:
            return serial.serial_for_url(
                self.url,
                baudrate=s.baudrate,
                bytesize=s.bytesize,
                parity=s.parity,
                stopbits=s.stopbits,
                timeout=_POLL_S,
                write_timeout=1.0,
                exclusive=True,
            )
        except (OSError, ValueError) as error:
            if "exclusively lock" in str(error):
                raise PortBusy(f"{self.url}: {error}") from error
            raise LineLost(f"{self.url}: {error}") from error

    def _read_blocking(
        self, loop: asyncio.AbstractEventLoop, port: Any, closing: threading.Event, frames: FrameQueue
    ) -> None:
        splitter = self._splitter()
        lost: Exception | None = None
        try:
            while lost is None and not closing.is_set():
                chunk, lost = _read_batch(port)
                for frame in splitter.feed(chunk, self._clock()):
                    loop.call_soon_threadsafe(frames.put, frame)
            if lost is not None and not closing.is_set():
                loop.call_soon_threadsafe(frames.fail, LineLost(f"{self.url}: {lost}"))
        except RuntimeError:
            return  # the loop has been closed: nobody listens any more


def _close_unwanted(opening: asyncio.Future[Any]) -> None:
    """Nobody waits for this line any more; left open, it would keep its next owner out."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _read_batch(port: Any) -> tuple[bytes, Exception | None]:
    """All that has come, waiting a moment for the first byte; and the error that ended the line, if one did.

    A socket hands out one byte at a time; the batch must be whole to know which frame is its newest.
    """
    chunk = b""
    try:
        chunk = port.read(1)
        while chunk and len(chunk) < _LONGEST_BATCH and (waiting := port.in_waiting):
            chunk += port.read(waiting)
    except (OSError, TypeError, AttributeError) as error:  # the latter two: pyserial's file is taken away under a read
        return chunk, error
    return chunk, None


def _close_blocking(port: Any, reader: threading.Thread) -> None:
    reader.join(timeout=5 * _POLL_S)
    inner = getattr(port, "_socket", None)
    try:
        port.close()
    except OSError:
        return  # the device is already gone; there is nothing left to release
    finally:
        if inner is not None:
            inner.close()  # pyserial leaves a socket open that the other side closed first
