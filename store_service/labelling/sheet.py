"""One physical label while it is being set: letters, boxes and the QR with their places in dots, then the ink."""

from __future__ import annotations

from typing import Literal

from PIL import Image, ImageDraw

from .bitmap import Bitmap, pack
from .qr import MODULE_EIGHTHS, qr_image
from .stock import Head
from .typeset import Face, Letter, Placed, Setter

Rect = tuple[int, int, int, int]  # left, top, right, bottom; right and bottom outside


class Sheet:
    """Left, top, right, bottom are what the margins leave, in dots. Text as high as the QR is set beside it.

    `u` makes dots of eighths of a millimetre.
    """

    def __init__(
        self,
        face: Face,
        head: Head,
        medium: Literal["label", "leaflet"],
        width_mm: float,
        height_mm: float,
        margin_mm: float,
    ) -> None:
        self.face = face
        self.head = head
        self.u = head.eighths
        self.medium = medium
        self.width, self.height = head.paper(width_mm), head.paper(height_mm)
        self.left = self.top = margin = head.eighths(round(margin_mm * 8))
        self.right, self.bottom = self.width - margin, self.height - margin
        self.placed: list[Placed] = []
        self.fills: list[Rect] = []
        self.reversed: list[Rect] = []
        self.crowded = False  # set when a fixed part ran into another: nothing on the sheet counts then
        self.occupied: list[Rect] = []
        self.qr: tuple[str, Rect] | None = None

    def put_qr(self, text: str, top: int) -> Rect:
        """Put the code at the right edge; its quiet zone takes the place of the margin."""
        side = qr_image(text, self.u(MODULE_EIGHTHS)).width
        rect = (self.width - side, top, self.width, top + side)
        self.qr = (text, rect)
        self.keep_clear(rect)
        return rect

    def keep_clear(self, rect: Rect) -> None:
        """Running text stays left of this place at the right edge."""
        self.occupied.append(rect)

    def room(self, top: int, height: int) -> int:
        """Width in dots that a line of this height has at this place."""
        beside = [left for left, upper, _, lower in self.occupied if top < lower and top + height > upper]
        return min([self.right, *beside]) - self.left

    def text(self, x: int, top: int, text: str, size: int, item: str = "") -> int:
        """Set one line as it is; returns the pen's x after it."""
        baseline = top + _ascent(size)
        for ch in text:
            self.placed.append(Placed(Letter(ch, item), x, baseline, size))
            x += self.face.glyph(ch, size).advance
        return x

    def flow(
        self, text: list[Letter], top: int, size: int, pitch: int, indent: int = 0, limit: int | None = None
    ) -> tuple[int, list[Letter]]:
        """Set a paragraph of at most `limit` lines from `top` on, beside the QR where it stands; returns the top of the
        line after it and the text that is left over."""
        lines, rest = Setter(self.face, size).lines(
            text, lambda n: self.room(top + n * pitch, size) - (indent if n == 0 else 0), limit
        )
        for number, line in enumerate(lines):
            left = self.left + (indent if number == 0 else 0)
            baseline = top + number * pitch + _ascent(size)
            self.placed += [Placed(letter, left + x, baseline, size) for letter, x in line.letters]
        return top + len(lines) * pitch, rest

    def rule(self, top: int, right: int, weight: int = 1) -> None:
        self.fills.append((self.left, top, right, top + self.u(weight)))

    def frame(self, rect: Rect, weight: int = 2) -> None:
        left, top, right, bottom = rect
        weight = self.u(weight)
        self.fills += [
            (left, top, right, top + weight),
            (left, bottom - weight, right, bottom),
            (left, top, left + weight, bottom),
            (right - weight, top, right, bottom),
        ]

    def end(self, bottom: int) -> None:
        """Cut the sheet below its text (a leaflet)."""
        margin = self.height - self.bottom
        self.bottom = bottom
        self.height = bottom + margin

    def visible(self, placed: Placed) -> bool:
        """Whether a letter stands wholly inside the margins and clear of the QR with its quiet zone."""
        glyph = self.face.glyph(placed.letter.ch, placed.size)
        if glyph.mask is None:
            return True
        left, top = placed.x + glyph.dx, placed.y + glyph.dy
        right, bottom = left + glyph.width, top + glyph.height
        play = self.u(2)
        if left < self.left - play or top < self.top - play or right > self.right + play or bottom > self.bottom + play:
            return False
        return self.qr is None or not (right > self.qr[1][0] and bottom > self.qr[1][1] and top < self.qr[1][3])

    def drawn(self) -> dict[str, str]:
        """The text that stands here to be read, by item, in the order in which it was set."""
        found: dict[str, list[str]] = {}
        if self.crowded:
            return {}
        for placed in self.placed:
            if not self.visible(placed):
                continue
            for item in placed.letter.item.split("+"):
                found.setdefault(item, []).append(placed.letter.ch)
        return {item: "".join(chs) for item, chs in found.items() if item}

    def mark(self) -> tuple[int, int, int]:
        return len(self.placed), len(self.fills), len(self.reversed)

    def undo(self, mark: tuple[int, int, int]) -> None:
        """Take back what was set since `mark()`."""
        del self.placed[mark[0] :], self.fills[mark[1] :], self.reversed[mark[2] :]

    def render(self) -> Bitmap:
        image = Image.new("1", (self.width, self.height), 255)
        draw = ImageDraw.Draw(image)
        for left, top, right, bottom in self.fills + self.reversed:
            draw.rectangle((left, top, right - 1, bottom - 1), fill=0)
        if self.qr is not None:
            text, (left, top, _, _) = self.qr
            image.paste(qr_image(text, self.u(MODULE_EIGHTHS)), (left, top))
        for placed in self.placed:
            glyph = self.face.glyph(placed.letter.ch, placed.size)
            if glyph.mask is not None:
                ink = 255 if any(_inside(placed, rect) for rect in self.reversed) else 0
                image.paste(ink, (placed.x + glyph.dx, placed.y + glyph.dy), glyph.mask)
        return pack(image, self.head.dpi)


def _ascent(size: int) -> int:
    """From the top of the em to the baseline of Noto Sans SC's Han, whose ink fills 0.86 em above it."""
    return round(size * 0.86)


def _inside(placed: Placed, rect: Rect) -> bool:
    return rect[0] <= placed.x < rect[2] and rect[1] <= placed.y < rect[3]
