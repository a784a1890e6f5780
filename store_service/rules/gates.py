"""Ask a gate: every rule that belongs to it, and every "no" of each, so that a clerk hears all of it at once."""

from __future__ import annotations

from collections.abc import Iterator

from .ahead import ending_soon
from .case import Case
from .catalogue import DOCUMENT_GATES, EXPIRY_GATE, RECORD_GATE, RuleSet
from .checking import No
from .checks import CHECKS
from .params import Parameters
from .readiness import documents_lacking
from .recorded import not_recorded
from .refusal import Finding, Verdict

GATES = (
    "sign_in", "open_service", "consult", "receive", "name", "verdict", "start", "scan", "cup", "dose", "reratio",
    "weigh", "sign", "print", "release", "resume", "hand_over", "image", "rights", "send", "reaction", "classify",
    "submit", "case_close", "hold", "dispose", "recall", "recall_close", "correct", "breach_close", "duty", "apply",
    "legal_hold",
)  # fmt: skip


def ask(gate: str, case: Case, ruleset: RuleSet) -> Verdict:
    """Ask every rule of `gate` about `case`. Raises ValueError for a gate that does not exist."""
    if gate not in CHECKS:
        raise ValueError(f"no such gate: {gate}")
    said: dict[str, list[Finding]] = {"refuse": [], "warn": [], "note": []}
    for rule_id, found in _heard(gate, case, ruleset.fill(case.params), ruleset):
        said[ruleset.outcome(rule_id, found)].append(ruleset.finding(rule_id, found))
    asked = dict.fromkeys(rule_id for rule_id, _ in CHECKS[gate])
    asked |= dict.fromkeys(rule.id for rule in ruleset.rules.values() if gate in rule.asked)
    return Verdict(gate, tuple(said["refuse"]), tuple(said["warn"]), tuple(asked), tuple(said["note"]))


def _heard(gate: str, case: Case, params: Parameters, ruleset: RuleSet) -> Iterator[tuple[str, No]]:
    for rule_id, function in CHECKS[gate]:
        for found in function(case, params):
            yield rule_id, found
    if gate in DOCUMENT_GATES:
        yield from documents_lacking(case, ruleset)
    if gate == RECORD_GATE:
        yield from not_recorded(case, ruleset)
    if gate == EXPIRY_GATE:
        yield from ending_soon(case, params, ruleset)
