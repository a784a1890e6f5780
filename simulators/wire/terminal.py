"""A pseudo-terminal as a device's serial port: raw on both ends, bytes out of an asyncio reader.

A pty has no baud rate and refuses even parity, so line time is waited for by the device, and 7E1 or 8E1 need a socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tty

LONGEST_REQUEST = 4096


class Terminal:
    """The device's side. `path` is what a host opens."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self.reader = asyncio.StreamReader(limit=LONGEST_REQUEST)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._master, self._readable)

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            self.reader.feed_data(os.read(self._master, LONGEST_REQUEST))

    def write(self, data: bytes) -> None:
        # A pty that nobody reads fills up; a serial line would lose those bytes too.
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._master, data)

    def close(self) -> None:
        self._loop.remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)
