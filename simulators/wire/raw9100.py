"""A label printer on raw TCP port 9100, speaking ESC/POS, TSPL or ZPL: it keeps every label as a picture.

The mechanism is one: paper, ribbon, head, pause, jam. Printers that take whole pages (TSPL, ZPL) hold back a page that
they cannot print and print it when the trouble is over, unless it is cancelled: as real ones do.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from PIL import Image

from simulators.faults import FaultBoard
from simulators.wire.escpos_wire import EscPosTalk
from simulators.wire.labels import Label, make_label
from simulators.wire.tspl_wire import TsplTalk
from simulators.wire.zpl_wire import ZplTalk

STOPPING = ("paper_out", "cover_open", "ribbon_out", "paused", "jam", "paper_ends")


class Talk(Protocol):
    """One connection in one language."""

    async def run(self) -> None:
        """Read until the line ends (IncompleteReadError)."""

    def end(self) -> None:
        """The line is gone."""


class LineCut(ConnectionError):
    """The line is lost just now."""


class LabelPrinter:
    """`now` dates the labels; `labels` is the tray, which two printers may share. `dpi` is the head's."""

    def __init__(
        self,
        faults: FaultBoard,
        now: Callable[[], datetime],
        language: str = "escpos",
        *,
        number: int = 1,
        dpi: int = 203,
        labels: list[Label] | None = None,
    ) -> None:
        self.labels: list[Label] = [] if labels is None else labels
        self.language, self.number, self.dpi = language, number, dpi
        self.held: list[Image.Image] = []
        self.busy = False
        self._faults = faults
        self._now = now
        self._spoilt: set[str] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def is_on(self, fault: str) -> bool:
        """Whether a fault of this printer is on, by its name without the printer's."""
        return self._faults.is_on(f"printer{self.number if self.number > 1 else ''}_{fault}")

    def stopped(self) -> bool:
        """Whether nothing can be printed: paper that ends, or jams, does so in the middle of one label first."""
        self._mend()
        thermal = ("ribbon_out",) if self.language == "escpos" else ()  # without a ribbon
        return any(
            self.is_on(fault) and (fault not in ("jam", "paper_ends") or fault in self._spoilt)
            for fault in STOPPING
            if fault not in thermal
        )

    def _mend(self) -> None:
        """What is over spoils another label when it comes again."""
        self._spoilt = {fault for fault in self._spoilt if self.is_on(fault)}

    def no_paper(self) -> bool:
        self._mend()
        return self.is_on("paper_out") or (self.is_on("paper_ends") and "paper_ends" in self._spoilt)

    def spoils(self) -> bool:
        """Whether the label that is printed now is spoilt in its middle."""
        for fault in ("jam", "paper_ends"):
            if self.is_on(fault) and fault not in self._spoilt:
                self._spoilt.add(fault)
                return True
        return False

    def put(self, page: Image.Image) -> None:
        """Print a whole page, or hold it back. Raises LineCut under that fault, when the page is out."""
        if self.stopped():
            self.held.append(page)
            return
        if self.spoils():
            self.keep(page.crop((0, 0, page.width, max(1, page.height // 2))), complete=False)
            self.held.append(page)
            return
        self.keep(page)
        self.busy = True

    def catch_up(self) -> None:
        """What was held back comes out as soon as nothing is in the way."""
        while self.held and not self.stopped():
            self.keep(self.held.pop(0))

    def keep(self, picture: Image.Image, *, complete: bool = True) -> None:
        """A label is out. Raises LineCut under that fault."""
        made = make_label(
            len(self.labels) + 1,
            self._now(),
            picture,
            complete=complete,
            printer=self.number,
            language=self.language,
        )
        self.labels.append(made)
        if self.is_on("line_cut"):
            raise LineCut

    async def listen(self, host: str, port: int) -> int:
        """Serve; the port really bound."""
        self._server = await asyncio.start_server(self._connected, host, port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        talk = self._talk(reader, writer)
        try:
            if not self.is_on("offline"):
                await talk.run()
        except LineCut:
            writer.transport.abort()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            with contextlib.suppress(LineCut):
                talk.end()
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Talk:
        if self.language == "tspl":
            return TsplTalk(self, reader, writer)
        if self.language == "zpl":
            return ZplTalk(self, reader, writer)
        return EscPosTalk(self, reader, writer)
