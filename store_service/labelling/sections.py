"""The running text of a label: its sections in the order in which a consumer needs them."""

from __future__ import annotations

from dataclasses import dataclass

from .content import LabelContent, clean
from .typeset import Letter, letters

_GAP = "　"
_CONTINUED = "（续）"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its paragraphs."""

    heading: str
    paragraphs: tuple[tuple[Letter, ...], ...]

    def rest(self, left: list[Letter], paragraph: int) -> Section:
        """What stands on the next label when this one ends in a paragraph with text left."""
        heading = self.heading.removesuffix(_CONTINUED) + _CONTINUED if self.heading else ""
        return Section(heading, (tuple(left), *self.paragraphs[paragraph + 1 :]))


def sections(content: LabelContent) -> tuple[Section, ...]:
    """Sections whose text is not empty. A company that is two of filer, responsible person and producer is printed
    once, under both headings."""
    items = content.items()
    found = [
        _ingredients(content),
        _plain("使用方法", items, "directions"),
        _plain("注意事项", items, "warnings"),
        _plain("贮存条件", items, "storage"),
        *_sources(content),
    ]
    licence = letters(f"{_GAP}生产许可证 ") + letters(items["producer_licence"], "producer_licence")
    licence = licence if items["producer_licence"] else []
    parties = {"filer": "备案人", "responsible": "境内责任人"}
    maker = (items["producer"], items["producer_address"])
    both = next((key for key in parties if (items[key], items[f"{key}_address"]) == maker), None)
    found += [_section(heading, _party(items, key)) for key, heading in parties.items() if key != both]
    heading, keys = (f"{parties[both]}、生产企业", (both, "producer")) if both else ("生产企业", ("producer",))
    found.append(_section(heading, _party(items, *keys) + licence))
    found.append(_plain("服务门店", items, "store"))
    return tuple(section for section in found if section is not None)


def run_in(text: tuple[Section, ...]) -> tuple[Section, ...]:
    """The same text as one paragraph with its headings in brackets: the closest setting, for the longest texts."""
    closed: list[Letter] = []
    for section in text:
        closed += letters(f"【{section.heading}】")
        for number, paragraph in enumerate(section.paragraphs):
            closed += [*letters("；" if number else ""), *paragraph]
    return (Section("", (tuple(closed),)),)


def footer(content: LabelContent, serial: str) -> list[Letter]:
    """The last line of every label: which print this is, and for whom."""
    items, line = content.items(), letters(f"序列号 {serial}")
    for heading, key in (("顾客代码", "consumer_code"), ("昵称", "nickname")):
        if items[key]:
            line += letters(f"{_GAP}{heading} ") + letters(items[key], key)
    return line


def batch_line(content: LabelContent) -> list[list[Letter]]:
    """Batch number and date, beside each other where there is room."""
    items = content.items()
    word = "分装日期 " if content.decant else "调配日期 "
    return [
        letters("批号 ") + letters(items["batch"], "batch"),
        letters(word) + letters(items["blend_date"], "blend_date"),
    ]


def _plain(heading: str, items: dict[str, str], key: str) -> Section | None:
    return _section(heading, letters(items[key], key))


def _section(heading: str, text: list[Letter]) -> Section | None:
    return Section(heading, (tuple(text),)) if any(letter.item for letter in text) else None


def _ingredients(content: LabelContent) -> Section | None:
    lists = [clean(line) for line in content.ingredients.splitlines() if clean(line)]
    if len(lists) < 2:
        return _section("全成分", letters("".join(lists), "ingredients"))
    numbered = (letters(f"{place}. ") + letters(one, "ingredients") for place, one in enumerate(lists, 1))
    return Section("全成分（按来源产品分列）", tuple(map(tuple, numbered)))


def _party(items: dict[str, str], *keys: str) -> list[Letter]:
    """Name and address of a company; one print of it serves every key."""
    text = letters(items[keys[0]], "+".join(keys))
    where = items[f"{keys[0]}_address"]
    address = letters(where, "+".join(f"{key}_address" for key in keys))
    return text + letters(f"{_GAP}地址 ") + address if where else text


def _sources(content: LabelContent) -> list[Section | None]:
    """The sources one by one. Where a product's executed standard is its filing number, one print serves both."""
    numbers = [letters(clean(standard), "standard") for standard in content.standards if clean(standard)]
    text = [letter for number in numbers for letter in [Letter("；"), *number]][1:]
    standard = _section("执行标准", text)
    if not content.sources:
        return [standard]
    shared = content.standards == tuple(source.filing_number for source in content.sources)
    paragraphs = []
    for place, source in enumerate(content.sources, 1):
        before, after = content.phrase(source)
        number = letters(clean(source.filing_number), "sources+standard" if shared else "sources")
        text = letters(before, "sources") + number + letters(after, "sources")
        paragraphs.append(tuple(letters(f"{place}. ") + text if len(content.sources) > 1 else text))
    heading = "来源产品及执行标准" if shared else "来源产品"
    return [Section(heading, tuple(paragraphs)), None if shared else standard]
