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
from .typeset import Letter, Setter, letters

# Lengths are in eighths of a millimetre, which are dots at 203 dpi; `sheet.u` makes dots of them.
SMALLEST = 20  # em: the smallest whose numerals are at least 1.8 mm high (R-LAB-08)
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
    u = sheet.u
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
    bottom = sheet.bottom - foot - u(2)
    sheet.crowded = top > bottom
    mark = sheet.mark()
    end, rest = _run(sheet, text, top, bottom, style, u(2))
    spare = min(u(8), (bottom - end) // (len(text) - len(rest) + 1))
    if spare > 1 and (not rest or page[0] < page[1]):
        sheet.undo(mark)
        end, loose = _run(sheet, text, top, bottom, style, u(2) + spare)
        if loose != rest:  # lines that moved down past the QR broke elsewhere
            sheet.undo(mark)
            end, rest = _run(sheet, text, top, bottom, style, u(2))
    if sheet.medium == "leaflet":
        sheet.end(end + foot + u(2))
    _foot(sheet, content, code, sheet.bottom - foot)
    return rest


def compose_small(sheet: Sheet, content: LabelContent, code: PrintedCode) -> None:
    """The reduced label of a pack of at most 15 g: name, filer, net content, use-by date, batch number, QR."""
    items, u, small = content.items(), sheet.u, sheet.u(SMALLEST)
    top = _name(sheet, content, sheet.top, NAMES[2:])
    left, _, right, low = sheet.put_qr(code.link, top - u(8))
    tag = (left + u(4), low, right - sheet.left, low + u(29))
    sheet.keep_clear(tag)
    sheet.frame(tag)
    width = sheet.face.width(PERSONALISED, small)
    sheet.text((tag[0] + tag[2] - width) // 2, low + u(4), PERSONALISED, small, "personalised")
    top = _figures(sheet, content, top)
    end, _ = sheet.flow(letters("备案人 ") + letters(items["filer"], "filer"), top, small, u(24))
    foot = sheet.bottom - u(50)
    sheet.crowded = max(end, tag[3]) > foot
    sheet.rule(foot, sheet.right)
    again = letters(f"　补打 {content.reprint}") if content.reprint else []
    sheet.flow(letters("批号 ") + letters(items["batch"], "batch") + again, foot + u(5), small, u(24))
    if content.training:
        _training(sheet, foot + u(27), SMALLEST)
    else:
        said = (letters(f"{code.serial}{gap}另见说明书") for gap in ("　", " "))
        room = sheet.right - sheet.left
        one = next((line for line in said if len(Setter(sheet.face, small).lines(line, lambda _: room)[0]) == 1), None)
        sheet.crowded = sheet.crowded or one is None
        sheet.flow(one or [], foot + u(29), small, u(24))


def _training(sheet: Sheet, top: int, size: int) -> int:
    """A black band across the label: what is printed to learn must never reach a consumer."""
    words, em = "培训样签，不得交付或销售", sheet.u(size)
    sheet.reversed.append((sheet.left, top, sheet.right, top + em + sheet.u(6)))
    sheet.text((sheet.left + sheet.right - sheet.face.width(words, em)) // 2, top + sheet.u(2), words, em)
    return top + em + sheet.u(6)


def _tag(sheet: Sheet, content: LabelContent, page: tuple[int, int], top: int) -> int:
    """The words of the pilot in a frame; page, medium and reprint after it."""
    u, small = sheet.u, sheet.u(SMALLEST)
    right = sheet.text(sheet.left + u(8), top + u(4), PERSONALISED, small, "personalised") + u(8)
    sheet.frame((sheet.left, top, right, top + u(29)))
    notes = [
        f"{page[0]}/{page[1]}" if page[1] > 1 else "",
        "说明书" if sheet.medium == "leaflet" else "",
        f"补打 {content.reprint}" if content.reprint else "",
    ]
    sheet.text(right + u(12), top + u(4), "　".join(note for note in notes if note), small)
    return top + u(37)


def _name(sheet: Sheet, content: LabelContent, top: int, sizes: tuple[int, ...]) -> int:
    """The name in the largest size that takes one line, else two; the largest sizes are for one line only."""
    name = letters(content.items()["name"], "name")
    sizes = tuple(sheet.u(size) for size in sizes)
    room = sheet.room(top, sizes[0])

    def count(size: int) -> int:
        return len(Setter(sheet.face, size).lines(name, lambda _: room)[0])

    one = (size for size in sizes[:4] if count(size) == 1)
    two = (size for size in sizes[1:] if count(size) == 2)
    size = next(one, None) or next(two, sizes[-1])
    return sheet.flow(name, top, size, size + sheet.u(6))[0] + sheet.u(4)


def _figures(sheet: Sheet, content: LabelContent, top: int) -> int:
    """Net content and use-by date: caption above, value large, side by side where the room allows."""
    items, u = content.items(), sheet.u
    small, value = u(SMALLEST), u(VALUE)
    net = max(value, sheet.face.size_for_digits(sheet.head.dots(numeral_min_mm_x100(content.net_mg))))
    tallest, x = net, sheet.left
    for caption, key, size in (("净含量", "net_content", net), ("限期使用日期", "use_by", value)):
        width = max(sheet.face.width(caption, small), sheet.face.width(items[key], size))
        if x > sheet.left and x + width > sheet.left + sheet.room(top, small + value):
            top, x = top + small + tallest + u(10), sheet.left
            tallest = size
        sheet.text(x, top, caption, small)
        sheet.text(x, top + small + u(2) + tallest - size, items[key], size, key)
        x += width + u(28)
    return top + small + tallest + u(10)


def _batch(sheet: Sheet, lines: list[list[Letter]], top: int) -> int:
    """Batch and date in one line where it is wide enough, and the rule that ends the head."""
    u, size = sheet.u, sheet.u(SMALLEST)
    joined = [letter for line in lines for letter in [Letter("　"), *line]][1:]
    together = len(Setter(sheet.face, size).lines(joined, lambda _: sheet.room(top, size))[0]) == 1
    for line in [joined] if together else lines:
        top, _ = sheet.flow(line, top, size, u(26))
    sheet.rule(top + u(1), sheet.left + sheet.room(top, u(3)), 2)
    return top + u(8)


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
        u = sheet.u
        sheet.fills.append((sheet.left, top + u(1), sheet.left + u(4), top + style.size - u(1)))
        heading = letters(f"{section.heading}　")
    for number, paragraph in enumerate(section.paragraphs):
        room = max(0, (bottom - top + style.pitch - style.size) // style.pitch)
        lead, indent = (heading, sheet.u(BAR)) if heading and number == 0 else ([], 0)
        top, left = sheet.flow(lead + list(paragraph), top, style.size, style.pitch, indent, room)
        if left:
            return top, section.rest(left, number)
    return top, None


def _foot_height(sheet: Sheet, content: LabelContent, code: PrintedCode) -> int:
    room = sheet.right - sheet.left
    lines, _ = Setter(sheet.face, sheet.u(SMALLEST)).lines(footer(content, code.serial), lambda _: room)
    return sheet.u(24) * len(lines) + sheet.u(4)


def _foot(sheet: Sheet, content: LabelContent, code: PrintedCode, top: int) -> None:
    sheet.rule(top, sheet.right)
    sheet.flow(footer(content, code.serial), top + sheet.u(6), sheet.u(SMALLEST), sheet.u(24))
