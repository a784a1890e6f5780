"""Ask a gate: every rule that belongs to it, and every "no" of each, so that a clerk hears all of it at once."""

from __future__ import annotations

from .case import Case
from .catalogue import RuleSet
from .checks import CHECKS
from .refusal import Finding, Verdict

GATES = (
    "sign_in", "open_service", "consult", "receive", "verdict", "start", "scan", "cup", "dose", "weigh", "sign",
    "print", "release", "resume", "hand_over", "image", "rights", "send", "reaction", "classify", "submit", "hold",
    "dispose", "recall_close", "correct", "breach_close",
)  # fmt: skip


def ask(gate: str, case: Case, ruleset: RuleSet) -> Verdict:
    """Ask every rule of `gate` about `case`. Raises ValueError for a gate that does not exist."""
    if gate not in CHECKS:
        raise ValueError(f"no such gate: {gate}")
    params = ruleset.fill(case.params)
    refusals: list[Finding] = []
    warnings: list[Finding] = []
    for rule_id, function in CHECKS[gate]:
        for found in function(case, params):
            outcome = ruleset.rules[rule_id].no[found.saying].outcome
            (refusals if outcome == "refuse" else warnings).append(ruleset.finding(rule_id, found))
    asked = tuple(dict.fromkeys(rule_id for rule_id, _ in CHECKS[gate]))
    return Verdict(gate, tuple(refusals), tuple(warnings), asked)
