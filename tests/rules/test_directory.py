"""Imported lists as the rules see them: names of an allergen, and the table's entries by ingredient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from store_service.catalogue.directory import Listed
from store_service.rules.gates import ask
from store_service.rules.restricted import restrictions_of

from .cases import BASE, RULES, UNIT, changed, passing


@dataclass(frozen=True)
class OneSubstance:
    names: tuple[str, ...]


@dataclass(frozen=True)
class OneLimit:
    scope: str
    text: str


@dataclass(frozen=True)
class OneEntry:
    no: int
    cn_name: str
    names: tuple[str, ...]
    limits: tuple[OneLimit, ...]
    label_warning: str = ""
    notes: tuple[str, ...] = ()


@dataclass
class Lists:
    substances: Sequence[OneSubstance] = ()
    entries: Sequence[OneEntry] = field(default_factory=tuple)

    def find(self, name: str) -> OneSubstance | None:
        return next((one for one in self.substances if name in one.names), None)

    def restricted(self, inci: str) -> Sequence[OneEntry]:
        return [one for one in self.entries if inci in one.names]


TWO_USES = OneEntry(
    10,
    "甘油",
    ("GLYCERIN",),
    (OneLimit("驻留类产品", "7.0%"), OneLimit("淋洗类产品", "9.0%")),
    label_warning="(a) 含甘油",
)
LISTED = Listed(Lists((OneSubstance(("苯氧乙醇", "PHENOXYETHANOL", "乙二醇苯醚")),), (TWO_USES,)))


def test_an_entry_keeps_its_uses_and_their_letters() -> None:
    leave_on, rinse_off = LISTED.restricted("GLYCERIN")
    assert (leave_on.use, leave_on.max_ppm, leave_on.warning) == ("leave_on", 70_000, "含甘油")
    assert (rinse_off.use, rinse_off.max_ppm, rinse_off.warning) == ("rinse_off", 90_000, "")
    assert LISTED.restricted("WATER") == ()


def test_a_note_on_table_4_spares_preservatives() -> None:
    entry = OneEntry(6, "苯氧乙醇", ("PHENOXYETHANOL",), (OneLimit("", "0.1%"),), notes=("作为防腐剂使用时见表4",))
    (clause,) = Listed(Lists(entries=(entry,))).restricted("PHENOXYETHANOL")
    assert clause.except_preservative and clause.max_ppm == 1_000


def test_a_formula_is_judged_by_what_was_imported() -> None:
    restrictions = restrictions_of([(BASE, 10_000)], LISTED)
    case = changed(passing("verdict"), {"units": (UNIT,), "restrictions": restrictions})
    assert [one.rule for one in ask("verdict", case, RULES).refusals] == ["R-BLD-02"]


def test_a_declared_allergen_is_found_by_its_official_synonym() -> None:
    declared = "乙二醇苯醚"
    case = changed(passing("verdict"), {"consumer.allergies": (declared,)})
    (undecided,) = {one.rule for one in ask("verdict", case, RULES).refusals}
    known = changed(case, {"names": {declared: tuple(LISTED.find(declared))}})
    told = ask("verdict", known, RULES).refusals
    assert undecided == "R-CON-08" and {one.facts.get("found", [""])[0] for one in told} == {"PHENOXYETHANOL"}
    assert LISTED.find("虚构果") == ()
