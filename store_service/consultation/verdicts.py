"""The verdict: every planned unit of a service judged once, together, its label text included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from store_service.blending.cases import View
from store_service.blending.queries import GONE, Unit, units_of
from store_service.evidence.canonical import canonical, sha256_hex
from store_service.labelling.queries import facts, lay, nickname
from store_service.records.desk import Actor, OutOfStep, RefusedAct
from store_service.records.events.consultation import VerdictGiven
from store_service.rules.case import Case
from store_service.rules.gates import ask
from store_service.rules.refusal import Finding, Verdict
from store_service.settings import BenchSettings

from .proposals import review_open
from .queries import Service, pack_name
from .visit import on_open

if TYPE_CHECKING:
    from .commands import Counter


def judge(
    counter: Counter,
    actor: Actor,
    bench: BenchSettings,
    public_base: str,
    service_id: str,
    reasons: Mapping[str, str] | None = None,
) -> Verdict:
    """Ask gate `verdict`; what it said is on record either way.

    Raises Refused with every "no" of every unit, NeedsReason for the warnings that nobody has answered for, OutOfStep
    without a planned unit.
    """
    desk = counter.desk
    try:
        with on_open(desk, actor, service_id) as (act, found):
            view = View.at(desk, act.connection)
            units = [one for one in units_of(act.connection, desk.site_id, service_id) if one.state not in GONE]
            if not any(one.state == "planned" for one in units):
                raise OutOfStep("without a formula", "planned")
            cases = _cases(counter, view, actor, bench, public_base, found, units)
            given = together([ask("verdict", case, desk.ruleset) for case in cases])
            event = _given(view, service_id, units, given)
            desk.abide(act, given, service_id, reasons)
            act.record(event)
            return given
    except RefusedAct:
        with desk.act(actor.staff_id, keyed=False) as act:
            act.record(event)
        raise


def _cases(
    counter: Counter,
    view: View,
    actor: Actor,
    bench: BenchSettings,
    public_base: str,
    found: Service,
    units: Sequence[Unit],
) -> list[Case]:
    """What the gate looks at, a case for each unit that is still to be made. What was begun counts with them, and is
    judged by its own gates: its containers may be empty by now."""
    desk, vault = counter.desk, counter.vault
    seen = {one.id: view.planned(one) for one in units}
    waits = review_open(view.connection, desk.site_id, found.service_id)
    person = replace(counter.asked(found), review_open=waits)
    names = {f"name {one.id}": one.name_zh for one in units if one.state == "planned"}
    standing = replace(view.standing(actor.staff_id), units=tuple(seen.values()), consumer=person, texts=names)
    standing = view.knowing(standing)
    if person.allergies:
        standing = view.used_at(standing, bench)
    cases = []
    for one in (unit for unit in units if unit.state == "planned"):
        wanted = pack_name(vault, one.id)
        laid = lay(
            view,
            desk,
            one,
            public_base=public_base,
            bench_id=bench.bench_id,
            resolution_mg=bench.scale.resolution_mg,
            dpi=bench.dpi,
            nickname=wanted,
        )
        cases.append(replace(standing, unit=seen[one.id], label=facts(laid), texts={**names, **nickname(wanted)}))
    return cases


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


def _given(view: View, service_id: str, units: Sequence[Unit], given: Verdict) -> VerdictGiven:
    desk = view.desk
    params = view.known.params(desk)
    allergy = [one.rule for one in (*given.refusals, *given.warnings) if one.rule == "R-CON-08"]
    return VerdictGiven(
        service_id=service_id,
        units=tuple(one.id for one in units),
        allowed=given.allowed,
        refusals=tuple(dict.fromkeys(one.rule for one in given.refusals)),
        warnings=tuple(dict.fromkeys(one.rule for one in given.warnings)),
        asked=given.asked,
        ruleset_version=desk.ruleset.version,
        ruleset_sha256=desk.ruleset.digest,
        params_sha256=sha256_hex(canonical({key: str(value) for key, value in params.items()})),
        allergy_result="attention" if allergy else "clear",
    )
