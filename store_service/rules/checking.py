"""How a check is written: a small function that yields a `No` for everything it cannot accept, and nothing when it
passes.

A `No` names which of its rule's sayings applies ("unknown", "past" …) and carries the values that were compared.
The words, and whether that saying refuses or warns, are data in config/rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from .case import Case, PlannedUnit, Source
from .dates import BEIJING
from .params import Parameters
from .refusal import Facts

UNKNOWN = "unknown"

FactValue = str | int | bool | list[str]


@dataclass(frozen=True, slots=True)
class No:
    """One "no" of one rule. `saying` is a key of the rule's sayings or of the shared ones, `facts` hold JSON values
    only. `per` names what a warning is answered for once (None: the shift, service or unit); `milder`: warn only."""

    saying: str
    facts: Facts
    per: str | None = None
    milder: bool = False


Check = Callable[[Case, Parameters], Iterator[No]]

CHECKS: dict[str, list[tuple[str, Check]]] = {}
"""Gate → (rule id, check) in the order of registration: what stops everything first, then the details."""


def check(rule: str, *gates: str) -> Callable[[Check], Check]:
    """Register a check of `rule` at `gates`."""

    def register(function: Check) -> Check:
        for gate in gates:
            CHECKS.setdefault(gate, []).append((rule, function))
        return function

    return register


def no(saying: str, **facts: object) -> No:
    """A "no" with its facts made JSON: None becomes "unknown", dates ISO, instants Beijing ISO to the second."""
    return No(saying, {key: as_fact(value) for key, value in facts.items()})


def as_fact(value: object) -> FactValue:
    match value:
        case None:
            return UNKNOWN
        case bool() | int() | str():
            return value
        case datetime():
            return value.astimezone(BEIJING).isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case tuple() | list() | set() | frozenset():
            items = value if isinstance(value, tuple | list) else sorted(value, key=str)
            return [str(as_fact(item)) for item in items]
        case _:
            raise TypeError(f"not a fact: {value!r}")


def units_of(case: Case) -> tuple[PlannedUnit, ...]:
    """The unit in hand, or else every unit of the service."""
    return (case.unit,) if case.unit is not None else case.units


def sources_of(case: Case) -> tuple[Source, ...]:
    """What the gate judges: the source in hand, the delivery at the door, or every source of the units; each once."""
    if case.source is not None:
        return (case.source,)
    if case.receipt is not None:
        receipt = case.receipt
        attested_at = receipt.register_attested_at
        return (Source(receipt.product_id, receipt.product, lot=receipt.lot, register_attested_at=attested_at),)
    sources = (source for unit in units_of(case) for source in unit.sources)
    return tuple({(s.product_id, id(s.product), id(s.lot), id(s.container)): s for s in sources}.values())


def made_of(unit: PlannedUnit) -> tuple[Source, ...]:
    """Everything that a unit is made of, by lot: what is in the cup, and what is still to come; each once."""
    return _once((*unit.used, *unit.sources))


def all_sources_of(case: Case) -> tuple[Source, ...]:
    """Like `sources_of`, with everything that the units are made of: what is in the cup is still in it."""
    made = (source for unit in units_of(case) for source in made_of(unit))
    return _once((*sources_of(case), *made))


def _once(sources: Iterable[Source]) -> tuple[Source, ...]:
    return tuple({(s.product_id, id(s.product), id(s.lot), s.register_attested_at): s for s in sources}.values())


def products_of(case: Case) -> tuple[Source, ...]:
    """Like `sources_of`, one source for each product."""
    return each_product(sources_of(case))


def each_product(sources: Iterable[Source]) -> tuple[Source, ...]:
    return tuple({(source.product_id, id(source.product)): source for source in sources}.values())


def named(source: Source) -> dict[str, str]:
    """Facts that name a product in both languages; its id where the dossier is unknown."""
    product = source.product
    return {
        "product_id": source.product_id,
        "product_zh": product.name_zh if product else source.product_id,
        "product_en": product.name_en if product else source.product_id,
    }


def filled(record: Mapping[str, Any] | None, path: str) -> bool:
    """Whether something stands at `path` ("people.blender"), "*" in every entry of a list, of which there must be one
    ("components.*.name"). False and 0 are something; null, "" and [] are not."""
    here: Any = record
    keys = path.split(".")
    for number, key in enumerate(keys):
        if key == "*":
            rest = ".".join(keys[number + 1 :])
            return isinstance(here, list) and bool(here) and all(filled(one, rest) for one in here)
        if not isinstance(here, Mapping) or key not in here:
            return False
        here = here[key]
    return here is not None and here not in ("", [], {})
