"""The QR code of a label: level M, half a millimetre a module, quiet zone of 4 modules (ISO/IEC 18004; about 21 mm)."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

MODULE_EIGHTHS = 4  # of a millimetre
QUIET_MODULES = 4


@lru_cache(maxsize=64)
def qr_image(text: str, module_dots: int) -> Image.Image:
    """A mode "1" image of the code with its quiet zone. The same object may come again: paste it, never draw on it."""
    code = QRCode(error_correction=ERROR_CORRECT_M, box_size=1, border=QUIET_MODULES)
    code.add_data(text)
    code.make(fit=True)
    modules = code.get_matrix()
    side = len(modules)
    image = Image.new("1", (side, side), 255)
    image.putdata([0 if dark else 255 for row in modules for dark in row])
    return image.resize((side * module_dots, side * module_dots), Image.Resampling.NEAREST)


@lru_cache(maxsize=64)
def side_mm_x100(text: str) -> int:
    """The side of the code itself, without its quiet zone, in 0.01 mm: half a millimetre a module."""
    code = QRCode(error_correction=ERROR_CORRECT_M, box_size=1, border=0)
    code.add_data(text)
    code.make(fit=True)
    return len(code.get_matrix()) * 50
