"""What came out of a label printer: every label as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO

from PIL import Image


@dataclass(frozen=True, slots=True)
class Label:
    """One printed label. `raster_sha256` is of the packed rows (bit 1 black, rows padded to bytes)."""

    label_id: str
    printed_at: datetime
    width: int
    height: int
    png: bytes
    sha256: str
    raster_sha256: str
    complete: bool
    """False: the paper jammed, or ended, in the middle of it."""
    printer: int
    language: str


def rows_of(picture: Image.Image) -> bytes:
    """Packed rows of a mode "1" picture, bit 1 black, padding 0."""
    return picture.point(lambda level: 0 if level else 255, "1").tobytes()


def picture_of(stride: int, rows: bytes) -> Image.Image:
    """The mode "1" picture of packed rows, `stride` bytes each, bit 1 black."""
    return Image.frombytes("1", (stride * 8, len(rows) // stride), bytes(byte ^ 0xFF for byte in rows))


def make_label(
    number: int, at: datetime, picture: Image.Image, *, complete: bool, printer: int, language: str
) -> Label:
    out = BytesIO()
    picture.save(out, "PNG")
    png = out.getvalue()
    return Label(
        label_id=f"label-{number:04d}",
        printed_at=at,
        width=picture.width,
        height=picture.height,
        png=png,
        sha256=sha256(png).hexdigest(),
        raster_sha256=sha256(rows_of(picture)).hexdigest(),
        complete=complete,
        printer=printer,
        language=language,
    )
