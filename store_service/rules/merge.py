"""Several sources in one pack: what is in it, what must be said about it, and how long it may be used.

Concentrations are integer ppm by mass. A formula is a sequence of (product, share in bp).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from .amounts import (
    WHOLE_BP,
    NetContent,
    component_tolerance,
    largest_remainder,
    mass_text,
    net_content,
    shortage_mg,
    targets,
)
from .dates import beijing_date
from .dossier import Ingredient, Product

__all__ = [
    "Bound", "Conflict", "NetContent", "UseBy", "UsePart", "add_months", "claims_in_common", "component_tolerance",
    "conflicts", "ethanol_ppm", "ingredients_text", "mass_text", "merged_ingredients", "merged_warnings", "most_ppm",
    "net_content", "preservative_ppm", "shortage_mg", "supplied", "targets", "use_by",
]  # fmt: skip

Day = date
Formula = Sequence[tuple[Product, int]]

WHOLE_PPM = 1_000_000
TRACE_PPM = 1_000
TRACE_ZH = "其他微量成分"
ETHANOL = frozenset({"ALCOHOL", "ALCOHOL DENAT.", "ALCOHOL DENAT", "ETHANOL", "SD ALCOHOL", "DENATURED ALCOHOL"})
_LEFT_ON, _WASHED_OFF = ("免洗", "无需冲洗", "无需清洗", "不必冲洗"), ("冲洗干净", "洗净即可", "用水洗去", "以清水洗净")
_COLD, _NOT_COLD = ("冷藏保存", "置于冰箱", "2-8℃", "2～8℃"), ("勿冷藏", "避免冷藏", "不宜冷藏", "不得冷藏")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sources whose statements cannot both stand on one label (R-LAB-13)."""

    what: str  # use_class, directions, storage
    product_ids: tuple[str, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UsePart:
    """One source as far as the use-by date goes. `opened_at` is None for a container that is opened now."""

    what: str
    expiry: date
    opened_at: datetime | None = None
    pao_months: int | None = None


class Bound(NamedTuple):
    """One limit of the use period. `what` names it for the record: "SRC-A expiry", "SRC-A after_opening", "in_use",
    "ceiling"; `part` is the name of the part, "" for a limit of the whole blend."""

    what: str
    date: Day
    kind: Literal["expiry", "after_opening", "in_use", "ceiling"]
    part: str


@dataclass(frozen=True, slots=True)
class UseBy:
    """The last day of use, and every bound, the tightest first."""

    date: Day
    bounded_by: tuple[Bound, ...]


def merged_ingredients(formula: Formula) -> tuple[Ingredient, ...]:
    """The ingredients of the blend, descending; equal contents by INCI name. Same INCI name (letter case apart) is
    the same ingredient; it is "new" if any source says so.

    The exact content of an ingredient is Σ ppm·bp ÷ 10,000. It is made whole by largest remainder over the list, so
    that the sum of the list is the exact total rounded half up; an ingredient that rounds to 0 ppm stays in the
    list, because the allergen screen needs it (R-CON-08). A concentration that is not supplied counts as nothing."""
    first, whole = _in_order(formula)
    new = {_same(i) for product, _ in formula for i in product.ingredients if i.status == "new"}
    return tuple(
        one.model_copy(update={"ppm": whole[key], "status": "new" if key in new else "used"})
        for key, one in first.items()
    )


def _in_order(formula: Formula) -> tuple[dict[str, Ingredient], dict[str, int]]:
    """The first ingredient of each INCI name in the order of the merged list, and its whole ppm."""
    exact = _exact_contents(formula)
    first: dict[str, Ingredient] = {}
    for product, _ in formula:
        for ingredient in product.ingredients:
            first.setdefault(_same(ingredient), ingredient)
    total = (sum(exact.values()) + WHOLE_BP // 2) // WHOLE_BP
    whole = dict(zip(exact, _whole(total, list(exact.values())), strict=True))
    order = sorted(exact, key=lambda key: (-whole[key], -exact[key], first[key].inci))
    return {key: first[key] for key in order}, whole


def _same(ingredient: Ingredient) -> str:
    return ingredient.inci.strip().casefold()


def _exact_contents(formula: Formula) -> dict[str, int]:
    """ppm × 10,000 of each ingredient by INCI name."""
    exact: dict[str, int] = {}
    for product, share_bp in formula:
        for one in product.ingredients:
            exact[_same(one)] = exact.get(_same(one), 0) + one.least_ppm * share_bp
    return exact


def _whole(total: int, exact: list[int]) -> tuple[int, ...]:
    return largest_remainder(total, exact) if sum(exact) else tuple(0 for _ in exact)


def supplied(product: Product) -> bool:
    """Whether the filer supplies the concentration of every ingredient."""
    return all(one.ppm is not None for one in product.ingredients)


def most_ppm(product: Product, ingredient: Ingredient) -> int:
    """What an ingredient's content may be at most: where it is not supplied, all that the others leave."""
    if ingredient.ppm is not None:
        return ingredient.ppm
    return max(0, WHOLE_PPM - sum(one.least_ppm for one in product.ingredients))


def ingredients_text(formula: Formula, trace_ppm: int = TRACE_PPM) -> str:
    """The printed list (R-LAB-06): Chinese names in descending order; those of at most 0.1 %, by their
    exact content, after "其他微量成分".

    Where a source's concentrations are not supplied nothing can be merged: then the sources' lists, each in a line of
    its own after its product's name, that of such a source in its filed order."""
    if all(supplied(product) for product, _ in formula):
        return _merged_text(formula, trace_ppm)
    lists = [(product.name_zh, _own_text(product, trace_ppm)) for product, _ in formula]
    return lists[0][1] if len(lists) == 1 else "\n".join(f"{name}：{text}" for name, text in lists)


def _own_text(product: Product, trace_ppm: int) -> str:
    if supplied(product):
        return _merged_text([(product, WHOLE_BP)], trace_ppm)
    return "、".join(one.cn_name for one in product.ingredients)


def _merged_text(formula: Formula, trace_ppm: int) -> str:
    exact = _exact_contents(formula)
    merged = [(one.cn_name, exact[key] > trace_ppm * WHOLE_BP) for key, one in _in_order(formula)[0].items()]
    main = [name for name, above in merged if above]
    trace = [name for name, above in merged if not above]
    text = "、".join(main)
    return f"{text}{'；' if main else ''}{TRACE_ZH}：{'、'.join(trace)}" if trace else text


def merged_warnings(formula: Formula, further: Sequence[str] = ()) -> tuple[str, ...]:
    """The union of the sources' warnings, each once, in the order of the formula (R-LAB-13); then what the blend itself
    calls for (`chemistry.further_warnings`) and no source says."""
    said = dict.fromkeys(warning for product, _ in formula for warning in product.warnings)
    return (*said, *(one for one in dict.fromkeys(further) if not any(one in warning for warning in said)))


def conflicts(formula: Formula) -> tuple[Conflict, ...]:
    """Statements that exclude each other: a rinse-off source in a leave-on blend or the reverse, by class or by its
    directions, and storage in the cold against storage that must not be cold (R-LAB-13, R-ADM-10)."""
    ids = tuple(product.product_id for product, _ in formula)
    uses = tuple(dict.fromkeys(product.use for product, _ in formula))
    found = [Conflict("use_class", ids, uses)] if len(uses) > 1 else []
    for what, one, other in (("directions", _LEFT_ON, _WASHED_OFF), ("storage", _NOT_COLD, _COLD)):
        said = [str(getattr(product, what)) for product, _ in formula]
        for_one, for_other = ([word for word in words if any(word in text for text in said)] for words in (one, other))
        if for_one and for_other:
            found.append(Conflict(what, ids, (for_one[0], for_other[0])))
    return tuple(found)


def ethanol_ppm(formula: Formula) -> int:
    """Ethanol of the blend by mass, rounded up: a warning that hangs on it comes too early rather than too late. Where
    dossier and ingredient list differ, the larger figure counts; where none is supplied, all that may be."""
    return -(-sum(_ethanol(product) * share_bp for product, share_bp in formula) // WHOLE_BP)


def _ethanol(product: Product) -> int:
    listed = (most_ppm(product, i) for i in product.ingredients if i.inci.strip().upper() in ETHANOL)
    return max(product.ethanol_ppm, min(WHOLE_PPM, sum(listed)))


def preservative_ppm(formula: Formula) -> int:
    """Preservatives of the blend by mass, rounded down: dilution is judged too early rather than too late."""
    total = sum(i.least_ppm * bp for product, bp in formula for i in product.ingredients if i.preservative)
    return total // WHOLE_BP


def claims_in_common(formula: Formula) -> tuple[str, ...]:
    """Claims that every source has filed, in the order of the first (R-LAB-10: a blend has no claims of its own)."""
    if not formula:
        return ()
    shared = set(formula[0][0].claims).intersection(*(product.claims for product, _ in formula))
    return tuple(claim for claim in formula[0][0].claims if claim in shared)


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months on; the month's last day where it has none (31 Jan + 1 = 28 or 29
    Feb)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def use_by(
    blend_at: datetime, parts: Sequence[UsePart], *, in_use_days: int | None = None, max_days: int | None = None
) -> UseBy:
    """The last day on which the blend may be used (R-BLD-06): the earliest of every source's expiry, every source's
    opening (its Beijing date; `blend_at` for one opened now) plus its period after opening, and the blend's date
    plus the validated in-use days and the province's ceiling. Raises ValueError without a part."""
    if not parts:
        raise ValueError("a use-by date needs at least one source")
    made = beijing_date(blend_at)
    bounds = [Bound(f"{part.what} expiry", part.expiry, "expiry", part.what) for part in parts]
    for part in parts:
        if part.pao_months is not None:
            ends = add_months(beijing_date(part.opened_at or blend_at), part.pao_months)
            bounds.append(Bound(f"{part.what} after_opening", ends, "after_opening", part.what))
    if in_use_days is not None:
        bounds.append(Bound("in_use", made + timedelta(days=in_use_days), "in_use", ""))
    if max_days is not None:
        bounds.append(Bound("ceiling", made + timedelta(days=max_days), "ceiling", ""))
    bounds.sort(key=lambda bound: bound.date)
    return UseBy(bounds[0].date, tuple(bounds))
