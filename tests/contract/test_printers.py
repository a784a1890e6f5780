"""One contract for every language of label printers, against the simulated ones over their sockets."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from device_drivers.errors import (
    CoverOpen,
    DeviceError,
    PaperOut,
    PrinterJam,
    PrinterOffline,
    PrinterPaused,
    PrintUncertain,
    RibbonOut,
)
from device_drivers.printers.base import Ask, Language, Printer, PrinterStatus
from device_drivers.printers.doors import TcpPrinter, language_of, open_printer
from simulators.bench import RunningBench, running_bench
from simulators.wire.labels import Label

LANGUAGES = ("escpos", "tspl", "zpl")
SIZES = {203: (576, 480), 300: (850, 708)}
STOPS: dict[str, type[DeviceError]] = {
    "paper_out": PaperOut,
    "cover_open": CoverOpen,
    "ribbon_out": RibbonOut,
    "jam": PrinterJam,
    "paused": PrinterPaused,
    "offline": PrinterOffline,
}


def picture(width: int, height: int, seed: int = 1) -> bytes:
    stride = (width + 7) // 8
    keep = (0xFF << (stride * 8 - width)) & 0xFF
    rows = bytearray((n * 37 * seed + n // stride) & 0xFF for n in range(stride * height))
    for last in range(stride - 1, len(rows), stride):
        rows[last] &= keep
    return bytes(rows)


@dataclass
class At:
    """A printer on the simulated bench and its driver."""

    bench: RunningBench
    language: str
    dpi: int
    number: int = 1

    def __post_init__(self) -> None:
        self.size = SIZES[self.dpi]
        self.rows = picture(*self.size)
        self.mark = len(self.bench.printer.labels)

    @property
    def printer(self) -> Printer:
        port = self.bench.printer_port if self.number == 1 else self.bench.second_printer_port
        return open_printer(f"tcp://127.0.0.1:{port}", language_of(self.language, dpi=self.dpi), timeout_s=2.0)

    def print(self, rows: bytes | None = None) -> None:
        asyncio.run(self.printer.print_bitmap(*self.size, rows or self.rows))

    def status(self) -> PrinterStatus:
        return asyncio.run(self.printer.status())

    def fault(self, name: str, on: bool = True) -> None:
        self.bench.fault(f"printer{self.number if self.number > 1 else ''}_{name}", on)

    @property
    def out(self) -> list[Label]:
        """What has come out since the test began."""
        return self.bench.printer.labels[self.mark :]


@pytest.fixture(scope="module", params=[(one, dpi) for one in LANGUAGES for dpi in (203, 300)], ids=str)
def bench(request: pytest.FixtureRequest) -> Iterator[tuple[RunningBench, str, int]]:
    language, dpi = request.param
    with running_bench(
        printer_language=language, printer_dpi=dpi, second_printer_language=language, second_printer_dpi=dpi
    ) as running:
        yield running, language, dpi


@pytest.fixture
def at(bench: tuple[RunningBench, str, int]) -> Iterator[At]:
    yield At(*bench)
    bench[0].do(lambda _: bench[0].faults.clear())
    bench[0].do(lambda _: bench[0].printer.held.clear())


def whole(label: Label, at: At) -> bool:
    """Exactly the bitmap, dot for dot; ESC/POS pads its lines to whole bytes."""
    width = (at.size[0] + 7) // 8 * 8 if at.language == "escpos" else at.size[0]
    same = label.raster_sha256 == sha256(at.rows).hexdigest()
    return same and label.complete and (label.width, label.height) == (width, at.size[1])


def test_it_prints_exactly_the_bitmap(at: At) -> None:
    at.print()
    assert [whole(label, at) for label in at.out] == [True]
    assert at.status().online


def test_another_print_is_another_label(at: At) -> None:
    at.print()
    at.print(picture(*at.size, seed=3))
    assert len({label.raster_sha256 for label in at.out}) == 2


@pytest.mark.parametrize("fault", STOPS)
def test_a_printer_that_says_no_beforehand_gets_no_job(at: At, fault: str) -> None:
    error = STOPS[fault]
    at.fault(fault)
    if at.language == "escpos" and fault == "ribbon_out":
        at.print()  # receipt printers have no ribbon: nothing is asked, nothing is wrong
        assert [whole(label, at) for label in at.out] == [True]
        return
    if at.language == "escpos" and fault == "paused":
        error = PrinterOffline  # DLE EOT has no word for it
    with pytest.raises(error) as told:
        at.print()
    assert not isinstance(told.value, PrintUncertain)
    at.fault(fault, on=False)
    at.status()
    assert at.out == [], "nothing waits in the printer to come out later"
    at.print()
    assert [whole(label, at) for label in at.out] == [True]


def test_paper_that_ends_in_mid_label_is_told_and_nothing_void_comes_out_later(at: At) -> None:
    at.fault("paper_ends")
    with pytest.raises(PaperOut):
        at.print()
    assert [label.complete for label in at.out] == [False]
    at.fault("paper_ends", on=False)
    assert at.status().paper_ok
    assert len(at.out) == 1, "the job was cancelled"


class Pondering:
    """A language whose user is cancelled while he asks about the job that the printer has just been sent."""

    def __init__(self, spoken: Language) -> None:
        self.name, self.cancel, self.job = spoken.name, spoken.cancel, spoken.job
        self._spoken, self._asks, self.pondering = spoken, 0, asyncio.Event()

    async def ask(self, ask: Ask) -> PrinterStatus:
        self._asks += 1
        if self._asks == 2:
            self.pondering.set()
            await asyncio.Event().wait()
        return await self._spoken.ask(ask)


def test_a_print_that_is_given_up_does_not_come_out_when_there_is_paper_again(at: At) -> None:
    async def main() -> None:
        language = Pondering(language_of(at.language, dpi=at.dpi))
        printer = TcpPrinter("127.0.0.1", at.bench.printer_port, language, 2.0)
        printing = asyncio.create_task(printer.print_bitmap(*at.size, at.rows))
        async with asyncio.timeout(10):
            await language.pondering.wait()
        printing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await printing

    at.fault("paper_ends")
    asyncio.run(main())
    at.fault("paper_ends", on=False)
    at.status()
    assert [label.complete for label in at.out] == [False], "the job was cancelled"


def test_a_print_that_is_given_up_at_any_turn_leaves_nothing_in_the_printer(at: At) -> None:
    async def main(turns: int) -> None:
        printing = asyncio.create_task(at.printer.print_bitmap(*at.size, at.rows))
        for _ in range(turns):
            await asyncio.sleep(0)
        printing.cancel()
        await asyncio.gather(printing, return_exceptions=True)

    for turns in range(4, 60, 8):
        at.fault("paper_ends")
        asyncio.run(main(turns))
        at.fault("paper_ends", on=False)
        assert at.status().paper_ok
    gc.collect()
    assert not any(label.complete for label in at.out)


def test_a_line_that_is_lost_in_mid_job_is_uncertain(at: At) -> None:
    at.fault("line_cut")
    with pytest.raises(PrintUncertain):
        at.print()
    assert [whole(label, at) for label in at.out] == [True], "the label is out, and the driver cannot know"


def test_a_printer_that_never_finishes_is_uncertain(at: At) -> None:
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        at.bench.printer.busy = True

    host = "127.0.0.1"
    slow = TcpPrinter(host, at.bench.printer_port, language_of(at.language, dpi=at.dpi), 2.0, nap)
    job = slow.print_bitmap(*at.size, at.rows)
    if at.language == "escpos":
        asyncio.run(job)  # its status never says that it is at work
        assert naps == []
        return
    with pytest.raises(PrintUncertain, match="still"):
        asyncio.run(job)
    at.bench.printer.busy = False
    assert len(naps) == 100


def test_a_question_that_is_given_up_leaves_no_line_open(at: At) -> None:
    """Cancelled at any turn of the loop; an open line would be a ResourceWarning, which is an error here."""

    async def main() -> None:
        for turns in range(40):
            asking = asyncio.create_task(at.printer.status())
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    asyncio.run(main())
    gc.collect()
    assert at.status().online


def test_nobody_there_is_offline() -> None:
    for language in LANGUAGES:
        with pytest.raises(PrinterOffline):
            asyncio.run(open_printer("tcp://127.0.0.1:9", language_of(language), 0.5).status())


def test_what_answers_nonsense_is_offline(at: At) -> None:
    async def main() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n" * 40)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        printer = open_printer(f"tcp://127.0.0.1:{port}", language_of("zpl" if at.language == "tspl" else at.language))
        with pytest.raises(PrinterOffline):
            await printer.status()
        server.close()
        await server.wait_closed()

    asyncio.run(main())


def test_two_printers_share_a_tray_and_not_their_faults(at: At) -> None:
    second = At(at.bench, at.language, at.dpi, number=2)
    at.fault("paper_out")
    with pytest.raises(PaperOut):
        at.print()
    second.print()
    assert [(label.printer, whole(label, second)) for label in at.out] == [(2, True)]
    listed = httpx.get(f"{at.bench.http_url}/api/labels").json()[-1]
    assert (listed["printer"], listed["language"]) == (2, at.language)
    second.fault("cover_open")
    with pytest.raises(CoverOpen):
        second.print()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_takes_the_same_bytes_and_says_that_it_cannot_be_asked(language: str, tmp_path: Path) -> None:
    spoken = language_of(language)
    rows = picture(16, 4)

    async def main() -> PrinterStatus:
        printer = open_printer(f"file://{tmp_path}/out.bin", spoken)
        await printer.print_bitmap(16, 4, rows)
        return await printer.status()

    told = asyncio.run(main())
    assert (tmp_path / "out.bin").read_bytes() == spoken.job(16, 4, rows)
    assert (told.online, told.paper_ok, told.cover_closed, told.mechanism_ok, told.ribbon_ok) == (None,) * 5
    assert "gives no answers" in told.detail
