"""Chinese line breaking and the glyphs of one font, in whole dots.

Lines break between Han characters; Latin words and numbers stay whole; no line begins with closing punctuation or ends
with opening punctuation (GB/T 15834, kinsoku). Closing punctuation gives up its empty half where it may. A glyph is
rendered grey and cut at a threshold that keeps the strokes of dense Han one dot wide: FreeType's own 1-bit rendering
mixes weights at these sizes, and even strokes are what stays readable from a thermal head.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageFont

CLOSING = frozenset("、，。；：！？）》〉」』】〕”’％‰℃·…—~,.;:!?)]}%")
OPENING = frozenset("（《〈「『【〔“‘([{")
_HALVES = frozenset("、，。；：！？）》〉」』】〕")
_OPENING_HALVES = frozenset("（《〈「『【〔")
_WORD = re.compile(r"[A-Za-z0-9À-ɏ][A-Za-z0-9À-ɏ.,:/+\-_%°²³µμ'’]*|\s+|.", re.DOTALL)
_LIGHT_FROM = 26  # below this em size the threshold is stricter


@dataclass(frozen=True, slots=True)
class Letter:
    """One character of a label's text and the item that it belongs to; "" is furniture such as a heading."""

    ch: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A letter on the sheet: `x` left edge, `y` baseline, `size` em, all in dots."""

    letter: Letter
    x: int
    y: int
    size: int


@dataclass(frozen=True, slots=True)
class Glyph:
    """Ink of one character, cropped, `dx` right of the pen and `dy` below the baseline; no mask where there is none."""

    mask: Image.Image | None
    dx: int
    dy: int
    width: int
    height: int
    advance: int


class Face:
    """One font file. Glyphs are cached: the same characters return on every label."""

    def __init__(self, path: str) -> None:
        self.path = path

    def glyph(self, ch: str, size: int) -> Glyph:
        return _glyph(self.path, ch, size)

    def has(self, ch: str) -> bool:
        """Whether the font draws this character, and not the box that stands for a missing one."""
        return ch.isspace() or _outline(self.path, ch) != _outline(self.path, "\U0010fffd")

    def width(self, text: str, size: int) -> int:
        return sum(self.glyph(ch, size).advance for ch in text)

    def digit_height(self, size: int) -> int:
        """Real ink height in dots of the lowest numeral at an em size."""
        return min(self.glyph(ch, size).height for ch in "0123456789")

    def size_for_digits(self, dots: int) -> int:
        """The smallest em size whose numerals are at least `dots` high."""
        return next(size for size in range(max(dots, 8), 4 * dots + 16) if self.digit_height(size) >= dots)


@lru_cache(maxsize=64)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    # The basic engine: raqm is loaded from the machine when it is there, and the same text must give the same dots.
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=16_384)
def _glyph(path: str, ch: str, size: int) -> Glyph:
    font = _font(path, size)
    advance = round(font.getlength(ch))
    core, (dx, dy) = font.getmask2(ch, mode="L", anchor="ls")
    if 0 in core.size:
        return Glyph(None, 0, 0, 0, 0, advance)
    grey = Image.frombytes("L", core.size, bytes(core))
    cut = 145 if size < _LIGHT_FROM else 120
    mask = grey.point(lambda ink: 255 if ink >= cut else 0, "1")
    box = mask.getbbox()
    if box is None:
        return Glyph(None, 0, 0, 0, 0, advance)
    left, top, right, bottom = box
    return Glyph(mask.crop(box), dx + left, dy + top, right - left, bottom - top, advance)


@lru_cache(maxsize=16_384)
def _outline(path: str, ch: str) -> bytes:
    core, offset = _font(path, 16).getmask2(ch, mode="L", anchor="ls")
    return repr((core.size, offset)).encode() + bytes(core)


def letters(text: str, item: str = "") -> list[Letter]:
    return [Letter(ch, item) for ch in text]


def clusters(text: list[Letter]) -> list[list[Letter]]:
    """Cut text into pieces that may not be broken, each with the punctuation that clings to it; blanks stand alone."""
    cuts = _cuts("".join(letter.ch for letter in text))
    return [text[start:end] for start, end in zip((0, *cuts), cuts, strict=False)]


@lru_cache(maxsize=1_024)
def _cuts(text: str) -> tuple[int, ...]:
    """Where the pieces of a text end."""
    pieces: list[tuple[int, int]] = []
    glue = False
    for match in _WORD.finditer(text):
        start, end = match.span()
        closing = text[start] in CLOSING
        if closing and len(pieces) > 1 and text[pieces[-1][0]].isspace():
            pieces.pop()  # a mark does not begin a line because somebody typed a blank before it
        blank = text[start].isspace()
        if pieces and (glue or (closing and not text[pieces[-1][0]].isspace())):
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
        glue = text[end - 1] in OPENING or (glue and blank)  # nor does one end a line because a blank comes after it
    return tuple(end for _, end in pieces)


def _may_break(piece: list[Letter], at: int) -> bool:
    before = "".join(letter.ch for letter in piece[:at]).rstrip()[-1:]
    return at == len(piece) or (piece[at].ch not in CLOSING and before not in OPENING)


@lru_cache(maxsize=16_384)
def _advances(path: str, size: int, chs: str) -> tuple[int, ...]:
    steps = []
    for ch, following in zip(chs, [*chs[1:], ""], strict=True):
        step = _glyph(path, ch, size).advance
        if ch in _HALVES:
            # Half of the em is empty to the right of the mark.
            step -= size // 2 if following in CLOSING or following in OPENING else size // 4
        steps.append(step)
    return tuple(steps)


Set = tuple[list[Letter], tuple[int, ...]]
"""A piece and its pen steps."""


@dataclass(frozen=True, slots=True)
class Line:
    """Letters with their x offsets from the line's left edge."""

    letters: tuple[tuple[Letter, int], ...]
    width: int


class Setter:
    """Sets clusters of one em size into lines of given widths."""

    def __init__(self, face: Face, size: int) -> None:
        self.face = face
        self.size = size

    def advances(self, piece: Iterable[Letter]) -> tuple[int, ...]:
        """Pen steps; punctuation before more punctuation gives up its empty half, else a quarter."""
        return _advances(self.face.path, self.size, "".join(letter.ch for letter in piece))

    def lines(
        self, text: list[Letter], widths: Callable[[int], int], limit: int | None = None
    ) -> tuple[list[Line], list[Letter]]:
        """Break into at most `limit` lines; `widths(n)` is the room of line n in dots, at least two em. Second, the
        text that is left over."""
        out: list[Line] = []
        row: list[Set] = []
        used = room = 0
        queue = clusters(text)[::-1]
        while queue:
            piece = queue.pop()
            if not row and piece[0].ch.isspace():
                continue
            if len(out) == limit:
                return out, [letter for left in [piece, *reversed(queue)] for letter in left]
            steps = self.advances(piece)
            slack = self.size // 4 if piece[-1].ch in _HALVES else 0
            if not row:
                used, room = self._lead(piece), widths(len(out))
            wide = sum(steps)
            if used + wide - slack <= room:
                row.append((piece, steps))
                used += wide
            elif row:
                out.append(self._justify(row, room, last=False))
                row, used = [], 0
                queue.append(piece)
            else:
                # Longer than a whole line: nothing for it but to break inside, as late as it goes.
                most = next(n for n in range(len(piece), 0, -1) if n == 1 or sum(steps[:n]) <= room)
                cut = next((n for n in range(most, 0, -1) if _may_break(piece, n)), most)
                if cut == len(piece):
                    row.append((piece, steps))
                    used += wide
                else:
                    queue += [piece[cut:], piece[:cut]]
        if row:
            out.append(self._justify(row, widths(len(out)), last=True))
        return out, []

    def _lead(self, piece: list[Letter]) -> int:
        """A line that begins with an opening bracket begins left of its empty half."""
        return -(self.size * 2 // 5) if piece[0].ch in _OPENING_HALVES else 0

    def _justify(self, row: list[Set], room: int, *, last: bool) -> Line:
        while row and row[-1][0][0].ch.isspace():
            row = row[:-1]
        lead = self._lead(row[0][0])
        natural = lead + sum(sum(steps) for _, steps in row)
        tail = row[-1][0][-1].ch
        if tail in _HALVES:
            natural -= self.size // 4
        gaps = len(row) - 1
        spare = room - natural if not last and gaps and 0 < room - natural <= 2 * self.size else 0
        placed: list[tuple[Letter, int]] = []
        x = lead
        for number, (piece, steps) in enumerate(row):
            pen = x + (spare * number // gaps if gaps else 0)
            for letter, step in zip(piece, steps, strict=True):
                placed.append((letter, pen))
                pen += step
            x += sum(steps)
        return Line(tuple(placed), natural + spare)
