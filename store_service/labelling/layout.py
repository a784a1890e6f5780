"""Where everything stands: one bitmap per physical label, or the plain answer that the text does not fit (R-LAB-18).

Tried in this order, each from comfortable to tight type: one label; for at most 15 g a reduced label and a leaflet with
everything (R-LAB-04); two labels, and more if there are codes for them: with whole sections, with sections that run on
over the next label, and with the sections in one paragraph. Type is never smaller than `SMALLEST`, and the net content
never lower than R-LAB-07 wants. Nothing is cut off: what can be read on the sheets is compared with every item's text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from .bitmap import Bitmap
from .compose import SMALLEST, Style, compose, compose_small
from .content import ON_SMALL_PACK, SMALL_PACK_MG, LabelContent, PrintedCode
from .sections import Section, run_in, sections
from .sheet import Sheet
from .stock import HEADS, Head, Stock
from .typeset import Face

TYPE = ((22, 28), (22, 26), (21, 25), (20, 24), (SMALLEST, 22))  # em and line pitch in eighths of a millimetre
FINE_PITCH = 21  # a finer head keeps lines apart that stand closer, and its dots leave less room on the line
Attempt = tuple[list[Sheet], tuple[Section, ...]]  # what was set, and the text that found no room


@dataclass(frozen=True, slots=True)
class PrintedPart:
    """One physical label or leaflet. `items` are the keys whose whole text stands on it."""

    medium: Literal["label", "leaflet"]
    number: int
    of: int
    code: PrintedCode
    bitmap: Bitmap
    items: frozenset[str]


@dataclass(frozen=True, slots=True)
class LabelSet:
    """What is printed for one unit. When it does not fit, `parts` is empty, so that nobody can print it, `missing`
    names the items without room and `unprintable` the characters that the font has not. `on_pack` are the items that
    stand on the pack itself, the others only on the leaflet."""

    parts: tuple[PrintedPart, ...]
    items: Mapping[str, str]
    fits: bool
    missing: tuple[str, ...] = ()
    unprintable: tuple[str, ...] = ()
    on_pack: frozenset[str] = frozenset()
    net_numeral_mm_x100: int = 0
    min_char_mm_x100: int = 0
    foreign_larger: tuple[str, ...] = ()
    stock: str = ""
    fits_on: tuple[str, ...] = ()  # other stocks, where this one is too small
    edge_mg: int | None = None  # before dosing: what fits at the target does not at this mass within tolerance

    @property
    def leaflet(self) -> bool:
        return any(part.medium == "leaflet" for part in self.parts)


@lru_cache(maxsize=32)
def lay_out(content: LabelContent, stock: Stock, font_path: str, dpi: int = 203) -> LabelSet:
    """Lay out one unit's labels on a stock for a head of 203 or 300 dpi. Pure: the same content gives the same bytes,
    and the last ones are kept. Raises ValueError if `content` brings no code, KeyError for another head."""
    head = HEADS[dpi]
    if not content.codes:
        raise ValueError("a label needs a serial and its link")
    face = _face(font_path)
    items = {key: text for key, text in content.items().items() if text}
    strange = {ch for text in items.values() for ch in text if not face.has(ch)}
    if strange:
        lost = tuple(key for key, text in items.items() if strange & set(text))
        return LabelSet((), items, False, lost, tuple(sorted(strange)))
    sheets: list[Sheet] = []
    for sheets, rest in _attempts(content, stock, face, head):
        if not rest and _legible(sheets, items) == items.keys():
            return _printed(content, items, sheets)
    legible = _legible(sheets, items)  # the last attempt is the closest one
    return LabelSet((), items, False, tuple(key for key in items if key not in legible))


@lru_cache(maxsize=4)
def _face(path: str) -> Face:
    return Face(path)


def _attempts(content: LabelContent, stock: Stock, face: Face, head: Head) -> Iterator[Attempt]:
    text = sections(content)
    styles = [Style(head.eighths(size), head.eighths(pitch)) for size, pitch in TYPE]
    running = [replace(style, split=True) for style in styles]
    yield from (_labels(content, stock, face, head, text, style, 1) for style in styles)
    if content.net_mg <= SMALL_PACK_MG and stock.leaflet_width_mm is not None and len(content.codes) > 1:
        yield from (_small_pack(content, stock, face, head, text, style, stock.leaflet_width_mm) for style in styles)
    for of in range(2, len(content.codes) + 1):
        yield from (_labels(content, stock, face, head, text, style, of) for style in styles + running)
        yield _labels(content, stock, face, head, run_in(text), running[-1], of)
        if head.dpi > 203:
            closest = replace(running[-1], pitch=head.eighths(FINE_PITCH))
            yield _labels(content, stock, face, head, run_in(text), closest, of)


def _labels(
    content: LabelContent, stock: Stock, face: Face, head: Head, text: tuple[Section, ...], style: Style, of: int
) -> Attempt:
    sheets = []
    for number, code in enumerate(content.codes[:of], 1):
        sheet = Sheet(face, head, "label", stock.width_mm, stock.height_mm, stock.margin_mm)
        text = compose(sheet, content, code, (number, of), text, style)
        sheets.append(sheet)
    return sheets, text


def _small_pack(
    content: LabelContent,
    stock: Stock,
    face: Face,
    head: Head,
    text: tuple[Section, ...],
    style: Style,
    leaflet_mm: int,
) -> Attempt:
    label = Sheet(face, head, "label", stock.width_mm, stock.height_mm, stock.margin_mm)
    compose_small(label, content, content.codes[0])
    if not _whole(label, content.items()).issuperset(ON_SMALL_PACK):
        return [], text
    leaflet = Sheet(face, head, "leaflet", leaflet_mm, stock.leaflet_max_mm, stock.margin_mm)
    return [label, leaflet], compose(leaflet, content, content.codes[1], (2, 2), text, style)


def _whole(sheet: Sheet, items: Mapping[str, str]) -> frozenset[str]:
    """Items whose whole text can be read on a sheet. Blanks at line ends are not printed, so none are compared."""
    return _same(sheet.drawn(), items)


def _legible(sheets: list[Sheet], items: Mapping[str, str]) -> frozenset[str]:
    """Items that can be read whole on one of the sheets, or running on from one to the next."""
    drawn = [sheet.drawn() for sheet in sheets]
    joined = {key: "".join(found.get(key, "") for found in drawn) for key in items}
    return _same(joined, items).union(*(_same(found, items) for found in drawn))


def _same(drawn: Mapping[str, str], items: Mapping[str, str]) -> frozenset[str]:
    return frozenset(key for key, text in items.items() if _dense(drawn.get(key, "")) == _dense(text))


def _dense(text: str) -> str:
    return "".join(text.split())


def _printed(content: LabelContent, items: Mapping[str, str], sheets: list[Sheet]) -> LabelSet:
    face, head = sheets[0].face, sheets[0].head
    parts = tuple(
        PrintedPart(sheet.medium, number, len(sheets), code, sheet.render(), _whole(sheet, items))
        for number, (sheet, code) in enumerate(zip(sheets, content.codes, strict=False), 1)
    )
    labels = [sheet for sheet in sheets if sheet.medium == "label"]
    numerals = [
        face.glyph(placed.letter.ch, placed.size).height
        for sheet in labels
        for placed in sheet.placed
        if placed.letter.item == "net_content" and placed.letter.ch.isdigit()
    ]
    smallest = min(placed.size for sheet in sheets for placed in sheet.placed)
    return LabelSet(
        parts,
        items,
        fits=True,
        on_pack=_legible(labels, items),
        net_numeral_mm_x100=head.mm_x100(min(numerals, default=0)),
        min_char_mm_x100=head.mm_x100(face.digit_height(smallest)),
        foreign_larger=_foreign_larger(labels),
    )


def _foreign_larger(labels: list[Sheet]) -> tuple[str, ...]:
    """Items that have Chinese and foreign letters, the foreign ones in a larger em (R-LAB-08)."""
    sizes: dict[str, dict[bool, int]] = {}
    for placed in (one for sheet in labels for one in sheet.placed if one.letter.ch.isalpha()):
        for item in filter(None, placed.letter.item.split("+")):
            largest = sizes.setdefault(item, {})
            han = "\u3400" <= placed.letter.ch <= "\u9fff"
            largest[han] = max(placed.size, largest.get(han, 0))
    return tuple(item for item, largest in sizes.items() if largest.get(False, 0) > largest.get(True, 10**6))
