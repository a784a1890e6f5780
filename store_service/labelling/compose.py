"""The look of a label: what stands where, from the top down.

A full label: tag and page, the name large, net content and use-by date large beside the QR, batch and date, then the
running text, and the print's own serial at the foot. A further label repeats name and batch in small. A small label
carries what R-LAB-04 wants on the pack, the batch number and the QR.
"""

from __future__ import annotations

from dataclasses import dataclass

from store_service.rules.amounts import numeral_min_mm_x100

from .content import PERSONALISED, LabelContent, PrintedCode
from .sections import Section, batch_line, footer
from .sheet import Sheet
from .stock import dots
from .typeset import Letter, Setter, letters

SMALLEST = 20  # em in dots: the smallest whose numerals are at least 1.8 mm high (R-LAB-08)
NAMES = (40, 36, 32, 28, 26)
FURTHER_NAMES = (26, 22, SMALLEST)
VALUE = 34
BAR = 10  # the bar before a heading and its gap


@dataclass(frozen=True, slots=True)
class Style:
    """Em size and line pitch of the running text in dots, and whether a section may run on over the next label."""

    size: int
    pitch: int
    split: bool = False


def compose(
    sheet: Sheet,
    content: LabelContent,
    code: PrintedCode,
    page: tuple[int, int],
    text: tuple[Section, ...],
    style: Style,
) -> tuple[Section, ...]:
    """Fill a full label or a leaflet and return the text that found no room, in its order."""
    top = _training(sheet, sheet.top, 28) + sheet.top if content.training else sheet.top
    qr = sheet.put_qr(code.link, top - sheet.top)
    top = _tag(sheet, content, page, top)
    if page[0] == 1 or sheet.medium == "leaflet":
        top = _name(sheet, content, top, NAMES)
        top = _figures(sheet, content, top)
        top = _batch(sheet, batch_line(content), max(top, qr[3]))
    else:
        top = _name(sheet, content, top, FURTHER_NAMES)
        top = _batch(sheet, batch_line(content)[:1], top)
    foot = _foot_height(sheet, content, code)
    bottom = sheet.bottom - foot - 2
    sheet.crowded = top > bottom
    mark = sheet.mark()
    end, rest = _run(sheet, text, top, bottom, style, 2)
    spare = min(8, (bottom - end) // (len(text) - len(rest) + 1))
    if spare > 1 and (not rest or page[0] < page[1]):
        sheet.undo(mark)
        end, loose = _run(sheet, text, top, bottom, style, 2 + spare)
        if loose != rest:  # lines that moved down past the QR broke elsewhere
            sheet.undo(mark)
            end, rest = _run(sheet, text, top, bottom, style, 2)
    if sheet.medium == "leaflet":
        sheet.end(end + foot + 2)
    _foot(sheet, content, code, sheet.bottom - foot)
    return rest


def compose_small(sheet: Sheet, content: LabelContent, code: PrintedCode) -> None:
    """The reduced label of a pack of at most 15 g: name, filer, net content, use-by date, batch number, QR."""
    items = content.items()
    top = _name(sheet, content, sheet.top, NAMES[2:])
    left, _, right, low = sheet.put_qr(code.link, top - 8)
    tag = (left + 4, low, right - sheet.left, low + 29)
    sheet.keep_clear(tag)
    sheet.frame(tag)
    width = sheet.face.width(PERSONALISED, SMALLEST)
    sheet.text((tag[0] + tag[2] - width) // 2, low + 4, PERSONALISED, SMALLEST, "personalised")
    top = _figures(sheet, content, top)
    end, _ = sheet.flow(letters("备案人 ") + letters(items["filer"], "filer"), top, SMALLEST, 24)
    foot = sheet.bottom - 50
    sheet.crowded = max(end, tag[3]) > foot
    sheet.rule(foot, sheet.right)
    again = letters(f"　补打 {content.reprint}") if content.reprint else []
    sheet.flow(letters("批号 ") + letters(items["batch"], "batch") + again, foot + 5, SMALLEST, 24)
    if content.training:
        _training(sheet, foot + 27, SMALLEST)
    else:
        sheet.flow(letters(f"{code.serial}　另见说明书"), foot + 29, SMALLEST, 24)


def _training(sheet: Sheet, top: int, size: int) -> int:
    """A black band across the label: what is printed to learn must never reach a consumer."""
    words = "培训样签，不得交付或销售"
    sheet.reversed.append((sheet.left, top, sheet.right, top + size + 6))
    sheet.text((sheet.left + sheet.right - sheet.face.width(words, size)) // 2, top + 2, words, size)
    return top + size + 6


def _tag(sheet: Sheet, content: LabelContent, page: tuple[int, int], top: int) -> int:
    """The words of the pilot in a frame; page, medium and reprint after it."""
    right = sheet.text(sheet.left + 8, top + 4, PERSONALISED, SMALLEST, "personalised") + 8
    sheet.frame((sheet.left, top, right, top + 29))
    notes = [
        f"{page[0]}/{page[1]}" if page[1] > 1 else "",
        "说明书" if sheet.medium == "leaflet" else "",
        f"补打 {content.reprint}" if content.reprint else "",
    ]
    sheet.text(right + 12, top + 4, "　".join(note for note in notes if note), SMALLEST)
    return top + 37


def _name(sheet: Sheet, content: LabelContent, top: int, sizes: tuple[int, ...]) -> int:
    """The name in the largest size that takes one line, else two; the largest sizes are for one line only."""
    name = letters(content.items()["name"], "name")
    room = sheet.room(top, sizes[0])

    def count(size: int) -> int:
        return len(Setter(sheet.face, size).lines(name, lambda _: room)[0])

    one = (size for size in sizes[:4] if count(size) == 1)
    two = (size for size in sizes[1:] if count(size) == 2)
    size = next(one, None) or next(two, sizes[-1])
    return sheet.flow(name, top, size, size + 6)[0] + 4


def _figures(sheet: Sheet, content: LabelContent, top: int) -> int:
    """Net content and use-by date: caption above, value large, side by side where the room allows."""
    items = content.items()
    net = max(VALUE, sheet.face.size_for_digits(dots(numeral_min_mm_x100(content.net_mg))))
    tallest, x = net, sheet.left
    for caption, key, size in (("净含量", "net_content", net), ("限期使用日期", "use_by", VALUE)):
        width = max(sheet.face.width(caption, SMALLEST), sheet.face.width(items[key], size))
        if x > sheet.left and x + width > sheet.left + sheet.room(top, SMALLEST + VALUE):
            top, x = top + SMALLEST + tallest + 10, sheet.left
            tallest = size
        sheet.text(x, top, caption, SMALLEST)
        sheet.text(x, top + SMALLEST + 2 + tallest - size, items[key], size, key)
        x += width + 28
    return top + SMALLEST + tallest + 10


def _batch(sheet: Sheet, lines: list[list[Letter]], top: int) -> int:
    """Batch and date in one line where it is wide enough, and the rule that ends the head."""
    size = SMALLEST
    joined = [letter for line in lines for letter in [Letter("　"), *line]][1:]
    together = len(Setter(sheet.face, size).lines(joined, lambda _: sheet.room(top, size))[0]) == 1
    for line in [joined] if together else lines:
        top, _ = sheet.flow(line, top, size, 26)
    sheet.rule(top + 1, sheet.left + sheet.room(top, 3), 2)
    return top + 8


def _run(
    sheet: Sheet, text: tuple[Section, ...], top: int, bottom: int, style: Style, gap: int
) -> tuple[int, tuple[Section, ...]]:
    """Set sections in order; returns where they end and what is left. Unless they may be split, a section that does
    not fit is left whole for the next label, and a shorter one after it may still stand here."""
    rest: list[Section] = []
    for number, section in enumerate(text):
        mark, start = sheet.mark(), top
        top, left = _set(sheet, section, top, bottom, style)
        if left is None:
            top += gap
            continue
        begun = top - start >= 2 * style.pitch
        if style.split:
            if not begun:
                sheet.undo(mark)
            return top, (left if begun else section, *text[number + 1 :])
        sheet.undo(mark)
        rest.append(section)
        top = start
    return top, tuple(rest)


def _set(sheet: Sheet, section: Section, top: int, bottom: int, style: Style) -> tuple[int, Section | None]:
    """Set one section as far as it goes down to `bottom`; second, what is left of it."""
    heading = []
    if section.heading:
        sheet.fills.append((sheet.left, top + 1, sheet.left + 4, top + style.size - 1))
        heading = letters(f"{section.heading}　")
    for number, paragraph in enumerate(section.paragraphs):
        room = max(0, (bottom - top + style.pitch - style.size) // style.pitch)
        lead, indent = (heading, BAR) if heading and number == 0 else ([], 0)
        top, left = sheet.flow(lead + list(paragraph), top, style.size, style.pitch, indent, room)
        if left:
            return top, section.rest(left, number)
    return top, None


def _foot_height(sheet: Sheet, content: LabelContent, code: PrintedCode) -> int:
    room = sheet.right - sheet.left
    return 24 * len(Setter(sheet.face, SMALLEST).lines(footer(content, code.serial), lambda _: room)[0]) + 4


def _foot(sheet: Sheet, content: LabelContent, code: PrintedCode, top: int) -> None:
    sheet.rule(top, sheet.right)
    sheet.flow(footer(content, code.serial), top + 6, SMALLEST, 24)
