import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_drivers.errors import CoverOpen, PaperOut, PrinterJam, PrinterOffline
from device_drivers.printers.base import PrinterStatus, require_ready
from device_drivers.printers.doors import open_printer
from device_drivers.printers.escpos import EscPos
from device_drivers.printers.escpos_status import ASK, decode

raster = EscPos().job


def test_golden_bytes_of_a_label() -> None:
    assert raster(16, 2, b"\xff\x00\x80\x01") == (
        b"\x1b@"  # ESC @
        b"\x1dv0\x00\x02\x00\x02\x00"  # GS v 0, normal, 2 bytes wide, 2 rows
        b"\xff\x00\x80\x01"
        b"\x1bd\x03"  # ESC d 3
        b"\x1dVB\x00"  # GS V 66 0
    )


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_every_bitmap_goes_out_bit_for_bit_in_one_piece(width: int, height: int, data: st.DataObject) -> None:
    stride = (width + 7) // 8
    bits = data.draw(st.binary(min_size=stride * height, max_size=stride * height))
    keep = 0xFF << (stride * 8 - width) & 0xFF
    rows = b"".join(
        bits[i : i + stride - 1] + bytes([bits[i + stride - 1] & keep]) for i in range(0, len(bits), stride)
    )
    out = raster(width, height, rows)
    start = out.index(b"\x1dv0") + 8
    assert out[start : start + len(rows)] == rows
    assert out.count(b"\x1dv0\x00") >= 1 and len(out) == len(rows) + 2 + 8 + 3 + 4


def test_a_tall_label_is_not_cut_into_strips(capsys: pytest.CaptureFixture[str]) -> None:
    out = raster(576, 2_400, bytes(72 * 2_400))
    assert out.count(b"\x1dv0\x00\x48\x00\x60\x09") == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("width", "height", "rows"), [(16, 2, b"123"), (0, 1, b""), (8, 0, b""), (9, 1, b"1")])
def test_rows_that_do_not_fit_the_size(width: int, height: int, rows: bytes) -> None:
    with pytest.raises(ValueError, match="pixels"):
        raster(width, height, rows)


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ((0x1A, 0x16, 0x12), CoverOpen),
        ((0x1A, 0x32, 0x7E), PaperOut),
        ((0x12, 0x12, 0x72), PaperOut),
        ((0x1A, 0x52, 0x12), PrinterJam),
        ((0x1A, 0x12, 0x12), PrinterOffline),
    ],
)
def test_status_bits_become_errors(answers: tuple[int, int, int], error: type[Exception]) -> None:
    with pytest.raises(error):
        require_ready(decode(*answers))


def test_ready_and_paper_near_its_end() -> None:
    assert decode(0x12, 0x12, 0x12) == PrinterStatus(True, True, True, True, "")
    near = decode(0x12, 0x12, 0x1E)
    require_ready(near)
    assert near.paper_ok and near.detail == "paper near its end"


@pytest.mark.parametrize("byte", [0x00, 0xFF, 0x13, 0x92])
def test_a_byte_that_is_no_status(byte: int) -> None:
    with pytest.raises(ValueError, match="status"):
        decode(0x12, byte, 0x12)


def test_the_questions() -> None:
    assert ASK == (b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x04")


def test_into_a_file(tmp_path: Path) -> None:
    async def main() -> None:
        printer = open_printer(f"file://{tmp_path}/out%20put.bin")
        await printer.print_bitmap(8, 1, b"\xaa")
        await printer.print_bitmap(8, 1, b"\x55")
        assert (await printer.status()).online is None
        with pytest.raises(PrinterOffline):
            await open_printer(f"file://{tmp_path}/no/such").print_bitmap(8, 1, b"\xaa")

    asyncio.run(main())
    assert (tmp_path / "out put.bin").read_bytes() == raster(8, 1, b"\xaa") + raster(8, 1, b"\x55")


def test_usb_without_a_printer_is_offline() -> None:
    with pytest.raises(PrinterOffline):
        asyncio.run(open_printer("usb://04b8:0e15").print_bitmap(8, 1, b"\xaa"))


@pytest.mark.parametrize("address", ["", "lp0", "http://x", "usb://zz:1", "file://"])
def test_addresses_that_mean_nothing(address: str) -> None:
    with pytest.raises(ValueError):
        open_printer(address)


def test_a_printer_that_answers_nothing_is_offline() -> None:
    async def main() -> None:
        silent = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await silent.wait()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        printer = open_printer(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout_s=0.05)
        with pytest.raises(PrinterOffline):
            await printer.print_bitmap(8, 1, b"\xaa")
        with pytest.raises(PrinterOffline):
            await open_printer("tcp://127.0.0.1:9", timeout_s=0.5).status()
        silent.set()
        await asyncio.sleep(0.01)
        server.close()
        await server.wait_closed()

    asyncio.run(main())
