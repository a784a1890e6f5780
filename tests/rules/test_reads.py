"""No parameter without effect, none that the page forgets, and each with the word of where its value comes from."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from store_service.rules.case import Case
from store_service.rules.catalogue import PARAMETER_BASES, Rule, _bases
from store_service.rules.checking import No
from store_service.rules.page import page
from store_service.rules.params import Parameters
from store_service.rules.reads import parameters_of, read_by, read_by_checks, reads_in

from .cases import ROOT, RULES

READ = frozenset(
    name for path in (ROOT / "store_service").rglob("*.py") for name in reads_in(ast.parse(path.read_text("utf-8")))
)
EACH_RULE = pytest.mark.parametrize("rule", RULES.rules.values(), ids=lambda rule: rule.id)


def test_every_parameter_is_read_somewhere() -> None:
    assert set(Parameters.model_fields) - READ == set()


def test_every_parameter_has_one_basis() -> None:
    assert set(RULES.bases) == set(Parameters.model_fields)
    assert set(RULES.bases.values()) == set(PARAMETER_BASES)
    assert RULES.bases["max_blend_days"] == RULES.bases["exam_pass_score"] == RULES.bases["max_batch_g"] == "default"
    assert RULES.bases["reaction_days_serious"] == "law" and RULES.bases["store_licence_required"] == "province"


@pytest.mark.parametrize(
    "raw", [{"law": ["weather"]}, {"rumour": ["min_age"]}, {"law": ["min_age"], "default": ["min_age"]}]
)
def test_a_basis_that_cannot_be_is_refused(raw: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match="parameters"):
        _bases(raw)


@EACH_RULE
def test_a_rule_names_only_what_its_checks_do_not_say(rule: Rule) -> None:
    assert set(rule.parameters).isdisjoint(read_by_checks(rule.id)), "the check says it already"
    assert set(rule.parameters) <= READ


@pytest.mark.parametrize(
    ("rule_id", "names"),
    [
        ("R-BLD-06", {"max_blend_days", "min_remaining_days"}),
        ("R-BLD-13", {"clean_valid_hours"}),
        ("R-CON-05", {"min_age", "min_age_floor", "adult_age"}),
        ("R-ADM-01", {"register_max_age_days"}),
        ("R-ADM-25", {"statement_prefixes", "statement_warn_days", "statement_refuses"}),
        (
            "R-SCP-17",
            {"pilot_start", "pilot_end", "province_start", "extension_end", "extension_doc", "pilot_countdown_days"},
        ),
        ("R-ADR-08", {"signal_n", "signal_days"}),
        ("R-REC-01", set()),
    ],
)
def test_the_page_tells_what_a_check_reads(rule_id: str, names: set[str]) -> None:
    assert set(parameters_of(RULES.rules[rule_id])) == names
    (section,) = [part for part in page(RULES, {}, {}).split("### ") if part.startswith(f"{rule_id} ")]
    assert all(f"`{name}` " in section for name in names)
    assert ("参数 · parameters" in section) is bool(names)


def _further(case: Case, params: Parameters) -> int:
    return params.min_age


def _asks(case: Case, params: Parameters) -> Iterator[No]:
    """Reads one itself, one through a helper, and mentions the attribute of something else."""
    if case.params and params.adult_age < _further(case, params):
        yield No(str(case.site.province if case.site else len(RULES.fill({}).allowed_steps)), {})


def _elsewhere(case: Case) -> int:
    return RULES.fill({}).max_batch_g


def test_what_is_handed_on_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store_service.rules.reads.OURS", __name__.rpartition(".")[0])
    assert read_by(_asks) == {"adult_age", "min_age", "allowed_steps"}
    assert read_by(_elsewhere) == {"max_batch_g"}
