"""Restricted ingredients (化妆品安全技术规范, table 3) at the concentration of one unit.

The table's limits are prose. What can be read off it with certainty is kept as figures, one `Restriction` for each use
that an entry names; what cannot is left to the filer's own assessment of the envelope. An entry counted "as" something
else (以酸计) is exceeded for certain only by a person's reckoning, and a source that is a preservative follows table 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from .dossier import Ingredient, Product
from .merge import Formula, most_ppm
from .numbers import parse_class_code

Use = Literal["leave_on", "rinse_off"]

PPM_PER_PERCENT = 10_000
MEMBERS: Mapping[int, tuple[str, ...]] = {
    37: ("GLYCOLIC ACID", "LACTIC ACID", "MALIC ACID", "TARTARIC ACID", "CITRIC ACID", "MANDELIC ACID"),
}
"""Members of entries that the table names only as a group: its note 6 for the α-hydroxy acids."""
_PART = re.compile(r"\(([a-e])\)")
_FIGURE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_FROM = re.compile(r"(?:≥|含)\s*(\d+(?:\.\d+)?)\s*%\s*(?:以上)?")


@dataclass(frozen=True, slots=True)
class Restriction:
    """One use of one entry. `names` count together (INCI names, upper case); `use` and `hair` are None where the clause
    does not ask; `max_ppm` is None without a figure. `exact` is False where the table counts as something else."""

    entry: int
    cn_name: str
    names: tuple[str, ...]
    use: Use | None = None
    hair: bool | None = None
    special: bool = False  # only for a kind of product that is no source here (dye, perm, deodorant, nail care)
    max_ppm: int | None = None
    exact: bool = True
    warning: str = ""
    warn_from_ppm: int = 0
    except_preservative: bool = False


class Directory(Protocol):
    """What the official catalogue and the table of restricted ingredients know, as imported by the shop."""

    def find(self, name: str) -> Sequence[str]:
        """Every name of the ingredient that goes by this one, itself included; none when it is not known."""
        ...

    def restricted(self, inci: str) -> Sequence[Restriction]:
        """Every restriction that counts this ingredient."""
        ...


class NoDirectory:
    """Nothing was imported."""

    def find(self, name: str) -> Sequence[str]:
        return ()

    def restricted(self, inci: str) -> Sequence[Restriction]:
        return ()


@dataclass(frozen=True, slots=True)
class Exceeded:
    """An entry whose content in the unit is above what any of its clauses for that use allows. Not `known`: the filer
    does not supply what a source holds of it, and `found_ppm` is what the others leave room for."""

    entry: int
    cn_name: str
    found_ppm: int
    max_ppm: int
    exact: bool
    known: bool = True


def read_entry(raw: Mapping[str, object]) -> tuple[Restriction, ...]:
    """The restrictions of one row of the table (keys no, cn_name, scope, max_conc, label_warning, note_refs,
    match_inci). A row that names no ingredient that could be looked for gives none."""
    number = int(str(raw["no"]))
    listed = raw.get("match_inci")
    names = tuple(str(name).upper() for name in listed) if isinstance(listed, list) else ()
    names = names or MEMBERS.get(number, ())
    if not names:
        return ()
    scopes, caps, warnings = (_parts(str(raw.get(key) or "")) for key in ("scope", "max_conc", "label_warning"))
    notes = raw.get("note_refs")
    spared = isinstance(notes, list) and "1" in notes
    letters = scopes.keys() - {""} or caps.keys() - {""} or {""}
    found = []
    for part in sorted(letters):
        limit = caps.get(part, caps.get("", ""))
        scope = scopes.get(part) or scopes.get("") or (_FIGURE.sub("", limit).strip() if part else "")
        cap, exact = _cap(limit)
        text, least = _warning(warnings.get(part, warnings.get("", "")))
        found += [
            Restriction(
                number, str(raw["cn_name"]), names, use, hair, special, cap, exact or not listed, text, least, spared
            )
            for use, hair, special in _uses(scope)
        ]
    return tuple(found)


def _parts(text: str) -> dict[str, str]:
    """ "(a) x；(b) y" by its letters; a text without letters under ""."""
    pieces = _PART.split(text)
    found: dict[str, str] = {"": pieces[0].strip(" ；")} if pieces[0].strip(" ；") or len(pieces) == 1 else {}
    waiting: list[str] = []
    for letter, body in zip(pieces[1::2], pieces[2::2], strict=True):
        waiting.append(letter)
        if body.strip(" ；"):
            found |= dict.fromkeys(waiting, body.strip(" ；"))
            waiting = []
    return found


def _cap(text: str) -> tuple[int | None, bool]:
    """The largest figure: what is above it is above every figure. Not exact where it counts as something else."""
    figures = [_ppm(figure) for figure in _FIGURE.findall(text)]
    return (max(figures) if figures else None), "计" not in text or "重量计" in text


def _ppm(percent: str) -> int:
    whole, _, part = percent.partition(".")
    return int(whole) * PPM_PER_PERCENT + int(part.ljust(4, "0")[:4] or 0)


def _warning(text: str) -> tuple[str, int]:
    """What must be printed, and from which content on: the words in brackets where the text is a condition."""
    quoted = re.search(r"「([^」]+)」", text)
    if quoted is None:
        return text, 0
    least = _FROM.search(text)
    return quoted[1], _ppm(least[1]) if least else 0


def _uses(scope: str) -> Iterator[tuple[Use | None, bool | None, bool]]:
    for atom in re.split(r"[；，、/和]", scope) if scope else [""]:
        use: Use | None = "leave_on" if "驻留" in atom else "rinse_off" if "淋洗" in atom else None
        hair = True if "发用" in atom else False if re.search(r"肤用|面部|体用", atom) else None
        plain = use is not None or hair is not None or atom.strip() in ("", "其他产品")
        yield use, hair, not plain or bool(re.search(r"去头|染|烫|脱毛|用作|晒黑", atom))


def applying(restrictions: Sequence[Restriction], use: str, *, hair: bool) -> tuple[Restriction, ...]:
    """Those of one entry that speak of this use; where none does, all of them: above the largest is above each."""
    own = tuple(
        one
        for one in restrictions
        if not one.special and one.use in (None, use) and (one.hair is None or one.hair == hair)
    )
    closest = tuple(one for one in own if one.use is not None or one.hair is not None) or own
    return closest or tuple(restrictions)


def exceeded(
    formula: Formula, restrictions: Sequence[Restriction], use: str, *, hair: bool = False
) -> tuple[Exceeded, ...]:
    """Entries that the unit is above, by the exact content of every ingredient that counts."""
    found = []
    for entry, clauses in _by_entry(restrictions).items():
        content = _content(formula, clauses)
        caps = [one.max_ppm for one in applying(clauses, use, hair=hair)]
        known = [cap for cap in caps if cap is not None]
        if known and len(known) == len(caps) and content > max(known):
            exact = all(one.exact for one in clauses)
            told = all(one.ppm is not None for _, one, _ in _counted(formula, clauses))
            found.append(Exceeded(entry, clauses[0].cn_name, content, max(known), exact, told))
    return tuple(found)


def table_warnings(
    formula: Formula, restrictions: Sequence[Restriction], use: str, *, hair: bool = False
) -> tuple[str, ...]:
    """What the table wants on the label at these contents, clause by clause, each once."""
    wanted: dict[str, None] = {}
    for clauses in _by_entry(restrictions).values():
        content = _content(formula, clauses)
        for one in applying(clauses, use, hair=hair):
            if content > 0 and content >= one.warn_from_ppm and not one.special:
                wanted |= dict.fromkeys(part for part in re.split(r"[；]", one.warning) if part)
    return tuple(wanted)


def _by_entry(restrictions: Sequence[Restriction]) -> dict[int, list[Restriction]]:
    found: dict[int, list[Restriction]] = {}
    for one in dict.fromkeys(restrictions):
        found.setdefault(one.entry, []).append(one)
    return found


def _content(formula: Formula, clauses: Sequence[Restriction]) -> int:
    """ppm of everything that counts, rounded up; at most so much where a concentration is not supplied."""
    return -(-sum(most_ppm(product, one) * bp for product, one, bp in _counted(formula, clauses)) // 10_000)


def _counted(formula: Formula, clauses: Sequence[Restriction]) -> Iterator[tuple[Product, Ingredient, int]]:
    """Every ingredient that an entry counts; a preservative follows its own table where the entry says so."""
    names = {name.upper() for one in clauses for name in one.names}
    spare = all(one.except_preservative for one in clauses)
    for product, share_bp in formula:
        for one in product.ingredients:
            if one.inci.strip().upper() in names and not (spare and one.preservative):
                yield product, one, share_bp


def restrictions_of(formula: Formula, directory: Directory) -> tuple[Restriction, ...]:
    """Every restriction that counts an ingredient of the formula."""
    names = dict.fromkeys(i.inci for product, _ in formula for i in product.ingredients)
    return tuple(dict.fromkeys(one for name in names for one in directory.restricted(name)))


def on_hair(products: Sequence[Product]) -> bool:
    """Whether a unit is for the hair: every source's class code has the site 01 or 04 and none other."""
    codes = [parse_class_code(product.class_code) for product in products]
    return bool(codes) and all(code is not None and set(code.site) <= {"01", "04"} for code in codes)
