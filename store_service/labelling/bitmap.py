"""One bit per dot: rows from the top, each padded to whole bytes, most significant bit leftmost, 1 = black.

These bytes are what the printer drivers send, what the preview shows and what the print record's digest covers.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from PIL import Image


@dataclass(frozen=True, slots=True)
class Bitmap:
    """`width` and `height` in dots of a head of `dpi`; `rows` holds `height * row_bytes` bytes."""

    width: int
    height: int
    rows: bytes
    dpi: int = 203

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1 or len(self.rows) != self.height * self.row_bytes:
            raise ValueError(f"{len(self.rows)} bytes are no bitmap of {self.width} x {self.height} dots")

    @property
    def row_bytes(self) -> int:
        return (self.width + 7) // 8

    @property
    def sha256(self) -> str:
        """Hex digest of the rows, for the print record."""
        return hashlib.sha256(self.rows).hexdigest()

    def png(self) -> bytes:
        """The same dots as a 1-bit PNG, black on white."""
        out = io.BytesIO()
        to_image(self).save(out, "PNG", dpi=(self.dpi, self.dpi))
        return out.getvalue()


def pack(image: Image.Image, dpi: int = 203) -> Bitmap:
    """Pack a mode "1" image (ink black). Padding bits at the right edge are 0, no ink."""
    if image.mode != "1":
        raise ValueError(f"a bitmap is packed from mode 1, not {image.mode}")
    return Bitmap(image.width, image.height, _swap(image).tobytes(), dpi)


def to_image(bitmap: Bitmap) -> Image.Image:
    """Unpack into a mode "1" image, ink black on white."""
    return _swap(Image.frombytes("1", (bitmap.width, bitmap.height), bitmap.rows))


def _swap(image: Image.Image) -> Image.Image:
    # Not ImageChops.invert: it turns a white that was stored as 1 into 254, which is white again.
    return image.point(lambda level: 0 if level else 255, "1")
