"""Dots survive packing, and the preview shows the same dots."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from store_service.labelling.bitmap import Bitmap, pack, to_image


@st.composite
def bitmaps(draw: st.DrawFn) -> Bitmap:
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 12))
    dots = draw(st.lists(st.booleans(), min_size=width * height, max_size=width * height))
    image = Image.new("1", (width, height), 255)
    image.putdata([0 if dot else 255 for dot in dots])
    return pack(image)


@given(bitmaps())
def test_rows_unpack_to_the_dots_that_were_packed(bitmap: Bitmap) -> None:
    assert pack(to_image(bitmap)) == bitmap
    assert bitmap.sha256 == hashlib.sha256(bitmap.rows).hexdigest()


@given(bitmaps())
def test_the_png_shows_exactly_the_rows(bitmap: Bitmap) -> None:
    shown = Image.open(io.BytesIO(bitmap.png()))
    black = {(n % bitmap.width, n // bitmap.width) for n, level in enumerate(shown.convert("L").tobytes()) if not level}
    for x in range(bitmap.row_bytes * 8):
        for y in range(bitmap.height):
            bit = bitmap.rows[y * bitmap.row_bytes + x // 8] >> (7 - x % 8) & 1
            assert bit == ((x, y) in black)


def test_the_leftmost_dot_is_the_highest_bit_and_black_is_1() -> None:
    image = Image.new("1", (10, 1), 1)
    image.putpixel((0, 0), 0)
    image.putpixel((9, 0), 0)
    assert pack(image).rows == b"\x80\x40"


def test_what_is_no_bitmap() -> None:
    with pytest.raises(ValueError, match="no bitmap"):
        Bitmap(9, 1, b"\0")
    with pytest.raises(ValueError, match="mode 1"):
        pack(Image.new("L", (8, 8)))
