"""The printer: what was sent as raster comes back as the same picture; every status byte and fault."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO

import httpx
import pytest
from escpos.printer import Dummy
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from simulators.bench import RunningBench, running_bench

CUT = b"\x1dV\x00"


@pytest.fixture(scope="module")
def bench() -> Iterator[RunningBench]:
    with running_bench(seed=1) as running:
        yield running


def raster(stride: int, rows: bytes) -> bytes:
    height = len(rows) // stride
    return b"\x1dv0\x00" + stride.to_bytes(2, "little") + height.to_bytes(2, "little") + rows


def send(bench: RunningBench, data: bytes) -> bytes:
    """Send a job and a last status request; all status bytes. That answer proves that the job was read to its end."""
    with socket.create_connection(("127.0.0.1", bench.printer_port), timeout=5) as line:
        line.sendall(data + b"\x10\x04\x01")
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := line.recv(100):
            answer += chunk
        return answer


@settings(max_examples=25, deadline=None)
@given(stride=st.integers(1, 60), height=st.integers(1, 40), data=st.data())
def test_what_is_sent_is_what_is_printed(bench: RunningBench, stride: int, height: int, data: st.DataObject) -> None:
    rows = data.draw(st.binary(min_size=stride * height, max_size=stride * height))
    send(bench, b"\x1b@" + raster(stride, rows) + CUT)
    label = bench.printer.labels[-1]
    picture = Image.open(BytesIO(label.png))
    assert (label.width, label.height) == picture.size == (stride * 8, height)
    assert bytes(byte ^ 0xFF for byte in picture.tobytes()) == rows
    assert label.raster_sha256 == sha256(rows).hexdigest()
    assert label.sha256 == sha256(label.png).hexdigest()
    assert label.complete


def test_what_an_emitter_sends_is_read_and_served_over_http(bench: RunningBench) -> None:
    picture = Image.new("1", (384, 240), 1)
    picture.paste(0, (10, 20, 200, 100))
    emitter = Dummy()
    emitter.hw("INIT")
    emitter.set(align="center")
    emitter.image(picture, impl="bitImageRaster", fragment_height=100)
    emitter.cut()
    count = len(bench.printer.labels)
    send(bench, emitter.output)
    assert len(bench.printer.labels) == count + 1
    newest = httpx.get(f"{bench.http_url}/api/labels").json()[-1]
    png = httpx.get(bench.http_url + newest["png"])
    assert png.headers["content-type"] == "image/png"
    assert sha256(png.content).hexdigest() == newest["sha256"]
    printed = Image.open(BytesIO(png.content))
    assert printed.crop((0, 0, 384, 240)).tobytes() == picture.tobytes()
    assert httpx.get(f"{bench.http_url}/api/labels/none.png").status_code == 404


def test_a_feed_or_the_end_of_the_line_also_ends_a_label(bench: RunningBench) -> None:
    count = len(bench.printer.labels)
    send(bench, raster(2, b"\xaa\x55" * 3) + b"\n\x1bd\x03" + raster(2, b"\xff\x00"))
    assert [label.height for label in bench.printer.labels[count:]] == [3, 1]


def test_nothing_printed_is_no_label(bench: RunningBench) -> None:
    count = len(bench.printer.labels)
    send(bench, b"\x1b@text\n\x1ba\x01\x1d!\x00" + CUT + b"\x1bd\x05\x0c" + raster(1, b"") + CUT)
    assert len(bench.printer.labels) == count


ASK_ALL = b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (None, "12 12 12 12"),
        ("printer_paper_out", "1a 32 12 7e"),
        ("printer_cover_open", "1a 16 12 12"),
        ("printer_jam", "1a 52 16 12"),
    ],
)
def test_status_bytes(bench: RunningBench, fault: str | None, status: str) -> None:
    if fault:
        bench.fault(fault)
    answer = send(bench, ASK_ALL)
    if fault:
        bench.fault(fault, on=False)
    assert answer[:4].hex(" ") == status


@pytest.mark.parametrize("fault", ["printer_paper_out", "printer_cover_open"])
def test_without_paper_nothing_is_printed_also_not_later(bench: RunningBench, fault: str) -> None:
    count = len(bench.printer.labels)
    bench.fault(fault)
    send(bench, raster(1, b"\xff" * 8) + CUT)
    bench.fault(fault, on=False)
    send(bench, CUT)
    assert len(bench.printer.labels) == count


def test_a_jam_spoils_the_label_in_its_middle(bench: RunningBench) -> None:
    count = len(bench.printer.labels)
    bench.fault("printer_jam")
    send(bench, raster(1, b"\xff" * 8) + raster(1, b"\xff" * 8) + CUT)
    send(bench, raster(1, b"\xff" * 8) + CUT)
    bench.fault("printer_jam", on=False)
    send(bench, raster(1, b"\xff" * 8) + CUT)
    assert [(label.height, label.complete) for label in bench.printer.labels[count:]] == [(4, False), (8, True)]


def test_an_offline_printer_says_nothing(bench: RunningBench) -> None:
    count = len(bench.printer.labels)
    bench.fault("printer_offline")
    try:
        answer = send(bench, raster(1, b"\xff" * 8) + CUT)
    except OSError:
        answer = b""
    bench.fault("printer_offline", on=False)
    assert answer == b""
    assert len(bench.printer.labels) == count
