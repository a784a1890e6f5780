"""TSPL and ZPL byte for byte, and any bitmap through any language and back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_drivers.errors import CoverOpen, PaperOut, PrinterJam, PrinterPaused, RibbonOut
from device_drivers.printers import tspl, zpl_status
from device_drivers.printers.base import PrinterStatus, require_ready
from device_drivers.printers.doors import language_of
from device_drivers.printers.tspl import Tspl
from device_drivers.printers.zpl import Zpl

LANGUAGES = ("escpos", "tspl", "zpl")
ROWS = b"\xff\x00\x80\x01"  # 16 × 2: left half black; then the outermost dots


def test_golden_bytes_in_tspl() -> None:
    assert Tspl(203, gap_mm=2.0, density=8).job(16, 2, ROWS) == (
        b"SIZE 2 mm,0.25 mm\r\nGAP 2 mm,0 mm\r\nDENSITY 8\r\nDIRECTION 0,0\r\nREFERENCE 0,0\r\nCLS\r\n"
        b"BITMAP 0,0,2,2,0,\x00\xff\x7f\xfe\r\n"  # bit 1 = white
        b"PRINT 1,1\r\n"
    )


def test_golden_bytes_in_zpl() -> None:
    assert Zpl(gap_mm=2.0, density=8).job(16, 2, ROWS) == (
        b"~SD08^XA^PON^PMN^LRN^LH0,0^LT0^MNY^PW16^LL2^FO0,0^GFA,4,4,2,FF008001^FS^PQ1,0,0,N^XZ\r\n"  # bit 1 = black
    )


def test_what_is_left_to_the_printer_is_not_sent() -> None:
    assert Tspl(203, gap_mm=None).job(8, 8, bytes(8)).startswith(b"SIZE 1 mm,1 mm\r\nDIRECTION")
    assert b"^MN" not in Zpl(gap_mm=None).job(8, 8, bytes(8))
    assert b"GAP 0 mm,0 mm\r\n" in Tspl(203, gap_mm=0).job(8, 8, bytes(8))
    assert b"^MNN" in Zpl(gap_mm=0).job(8, 8, bytes(8))


def test_a_label_measures_the_same_at_either_resolution() -> None:
    assert Tspl(203).job(576, 480, bytes(72 * 480)).startswith(b"SIZE 72 mm,60 mm\r\n")
    assert Tspl(300).job(850, 708, bytes(107 * 708)).startswith(b"SIZE 71.97 mm,59.94 mm\r\n")


def decoded(name: str, job: bytes) -> tuple[int, bytes]:
    """Stride and rows (bit 1 black) of the one picture in a job, read without the driver's help."""
    if name == "escpos":
        found = re.search(rb"\x1dv0\x00(..)(..)", job, re.DOTALL)
        assert found is not None
        stride, height = (int.from_bytes(part, "little") for part in found.groups())
        return stride, job[found.end() : found.end() + stride * height]
    if name == "tspl":
        found = re.search(rb"BITMAP 0,0,(\d+),(\d+),0,", job)
        assert found is not None
        stride, height = map(int, found.groups())
        return stride, bytes(~byte & 0xFF for byte in job[found.end() : found.end() + stride * height])
    found = re.search(rb"\^GFA,(\d+),(\d+),(\d+),([0-9A-F]*)\^FS", job)
    assert found is not None
    rows = bytes.fromhex(found[4].decode())
    assert int(found[1]) == int(found[2]) == len(rows)
    return int(found[3]), rows


@st.composite
def bitmaps(draw: st.DrawFn) -> tuple[int, int, bytes]:
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 20))
    stride = (width + 7) // 8
    keep = (0xFF << (stride * 8 - width)) & 0xFF
    drawn = draw(st.binary(min_size=stride * height, max_size=stride * height))
    rows = bytearray(drawn)
    for last in range(stride - 1, len(rows), stride):
        rows[last] &= keep
    return width, height, bytes(rows)


@pytest.mark.parametrize("name", LANGUAGES)
@settings(deadline=None, max_examples=60)
@given(bitmap=bitmaps())
def test_every_bitmap_comes_back_bit_for_bit(name: str, bitmap: tuple[int, int, bytes]) -> None:
    width, _, rows = bitmap
    assert decoded(name, language_of(name).job(*bitmap)) == ((width + 7) // 8, rows)


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize(("width", "height", "rows"), [(16, 2, b"123"), (0, 1, b""), (8, 0, b""), (9, 1, b"1")])
def test_rows_that_do_not_fit_the_size(name: str, width: int, height: int, rows: bytes) -> None:
    with pytest.raises(ValueError, match="pixels"):
        language_of(name).job(width, height, rows)


@pytest.mark.parametrize(
    ("name", "settings"), [("pcl", {}), ("tspl", {"density": 16}), ("zpl", {"density": 31}), ("tspl", {"dpi": 180})]
)
def test_settings_that_no_printer_has(name: str, settings: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        language_of(name, **settings)  # type: ignore[arg-type]  # dpi and density are whole numbers


@pytest.mark.parametrize(
    ("byte", "error"),
    [(0x01, CoverOpen), (0x40, CoverOpen), (0x04, PaperOut), (0x0C, PaperOut), (0x05, CoverOpen), (0x08, RibbonOut),
     (0x02, PrinterJam), (0x80, PrinterJam), (0x10, PrinterPaused)],
)  # fmt: skip
def test_status_bits_of_tspl(byte: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        require_ready(tspl.decode(byte))


def test_tspl_ready_and_printing() -> None:
    assert tspl.decode(0x00) == PrinterStatus(True, True, True, True, "", True, False, False)
    busy = tspl.decode(0x20)
    require_ready(busy)
    assert busy.busy


def host_errors(flags: int) -> bytes:
    said = f"ERRORS:         {int(bool(flags))} 00000000 {flags:08X}"
    return f"\x02\r\n  PRINTER STATUS\r\n   {said}\r\n   WARNINGS:       0 00000000 00000000\r\n\x03\r\n".encode()


def host_status(b: int = 0, c: int = 0, eee: int = 0, hot: int = 0, o: int = 0, p: int = 0, left: int = 0) -> bytes:
    lines = (
        f"030,{b},{c},1245,{eee:03d},0,0,0,000,0,0,{hot}", f"000,0,{o},{p},1,2,4,0,{left:08d},1,000", "1234,0",
    )  # fmt: skip
    return b"".join(b"\x02" + line.encode() + b"\x03\r\n" for line in lines)


@pytest.mark.parametrize(
    ("flags", "error"),
    [(0x1, PaperOut), (0x2, RibbonOut), (0x4, CoverOpen), (0x5, CoverOpen), (0x8, PrinterJam), (0x10, PrinterJam),
     (0x100, PrinterJam), (0x10000, PrinterPaused)],
)  # fmt: skip
def test_error_flags_of_zpl(flags: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        require_ready(zpl_status.decode_errors(host_errors(flags)))


@pytest.mark.parametrize(
    ("answer", "error"),
    [(host_status(b=1), PaperOut), (host_status(c=1), PrinterPaused), (host_status(o=1), CoverOpen),
     (host_status(p=1), RibbonOut), (host_status(hot=1), PrinterJam)],
)  # fmt: skip
def test_host_status_of_zpl(answer: bytes, error: type[Exception]) -> None:
    assert zpl_status.is_state(answer) and not zpl_status.is_state(answer[:-3])
    with pytest.raises(error):
        require_ready(zpl_status.decode_state(answer))


def test_zpl_ready_and_printing() -> None:
    assert zpl_status.decode_state(host_status()) == PrinterStatus(True, True, True, True, "", True, False, False)
    assert zpl_status.decode_errors(host_errors(0)).detail == ""
    for busy in (host_status(eee=1), host_status(left=1)):
        require_ready(zpl_status.decode_state(busy))
        assert zpl_status.decode_state(busy).busy


@pytest.mark.parametrize("answer", [b"", b"\x02\x03\r\n" * 3, b"\x02" + b"0," * 11 + b"x\x03\r\n", b"PRINTER STATUS"])
def test_what_is_no_status_of_zpl(answer: bytes) -> None:
    with pytest.raises(ValueError):
        zpl_status.decode_state(answer)
    with pytest.raises(ValueError):
        zpl_status.decode_errors(answer)


def test_old_zpl_firmware_is_asked_the_old_way() -> None:
    asked: list[bytes] = []

    async def ask(question: bytes, whole: Callable[[bytes], bool]) -> bytes:
        asked.append(question)
        if question == b"~HQES":
            raise TimeoutError
        assert whole(host_status(c=1))
        return host_status(c=1)

    assert asyncio.run(Zpl().ask(ask)).paused
    assert asked == [b"~HQES", b"~HS"]
