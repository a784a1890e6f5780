"""Several units are judged together."""

from __future__ import annotations

from collections.abc import Sequence

from store_service.rules.refusal import Finding, Verdict


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """Several units' verdicts as one: every finding once."""

    def once(findings: list[Finding]) -> tuple[Finding, ...]:
        return tuple({(one.rule, one.message_zh): one for one in findings}.values())

    return Verdict(
        verdicts[0].gate,
        once([one for verdict in verdicts for one in verdict.refusals]),
        once([one for verdict in verdicts for one in verdict.warnings]),
        tuple(dict.fromkeys(rule for verdict in verdicts for rule in verdict.asked)),
    )
