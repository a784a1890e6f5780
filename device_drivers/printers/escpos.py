"""ESC/POS: the label as one raster image (`GS v 0`); bit 1 = black.

python-escpos is used as an emitter of bytes only; sockets, time-outs and status are ours. Text is never sent: its
encodings turn Chinese punctuation into question marks.
"""

from __future__ import annotations

from escpos.capabilities import Profile
from escpos.printer import Dummy
from PIL import Image

from device_drivers.printers.base import Ask, PrinterStatus, stride_of
from device_drivers.printers.escpos_status import ASK, decode

_FEED_AND_CUT = b"\x1bd\x03\x1dV\x42\x00"  # ESC d 3, GS V 66 0: feed to the cutter, partial cut


class _NoMedia(Profile):  # type: ignore[misc]  # python-escpos carries no types
    """A profile that claims no paper width: the default one makes `image` print a remark on our standard output."""

    profile_data = {**Profile.profile_data, "media": {}}  # noqa: RUF012 - the attribute's shape is python-escpos'


class EscPos:
    """Receipt and label printers after Epson's command reference. Its status is real-time: it may run ahead of the
    paper, so what counts is the label that is scanned back."""

    name = "ESC/POS"
    cancel = b"\x10\x05\x02"  # DLE ENQ 2: recover from an error after clearing the buffers

    def job(self, width_px: int, height_px: int, rows: bytes) -> bytes:
        """Initialise, image, feed, cut."""
        stride_of(width_px, height_px, rows)
        black_is_zero = bytes(byte ^ 0xFF for byte in rows)
        image = Image.frombytes("1", (width_px, height_px), black_is_zero)
        emitter = Dummy(profile=_NoMedia())
        emitter.hw("INIT")
        # One fragment: split images leave hairlines between the strips on some printers.
        emitter.image(image, impl="bitImageRaster", fragment_height=height_px)
        return bytes(emitter.output) + _FEED_AND_CUT

    async def ask(self, ask: Ask) -> PrinterStatus:
        answers = [await ask(question, bool) for question in ASK]
        return decode(*(answer[0] for answer in answers))
