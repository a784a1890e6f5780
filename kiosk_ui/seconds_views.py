"""From what head office's queue tells to the models of its pages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Literal

from store_service.rules.catalogue import RuleSet

from .models import Words
from .models.seconds import OfficeAnswer, OfficeDeviation, OfficePart, OfficeQueue, OfficeRequest

PLACE = "/qa/seconds"
EFFECTS: dict[str | None, Literal["on_the_way", "settled", "without"]] = {
    None: "on_the_way",
    "second_without_effect": "without",
}


def request_view(one: Any, ruleset: RuleSet) -> OfficeRequest:
    """`one` as `hub.seconds_queue` tells it."""
    asked, unit = one.asked, one.unit
    rule, reason = ruleset.rules.get(asked.rule), ruleset.reasons.get(asked.reason)
    return OfficeRequest(
        href=f"{PLACE}/{asked.store_id}/{asked.idx}",
        store_id=asked.store_id,
        entry=asked.idx,
        sha256=one.sha256,
        at=asked.at,
        by=asked.by,
        rule=asked.rule,
        title=Words(rule.title_zh, rule.title_en) if rule else Words(asked.rule, asked.rule),
        said=Words(asked.zh, asked.en),
        why=Words(reason.zh, reason.en) if reason else None,
        what=(unit.batch or unit.id) if unit else asked.subject,
        product=unit.name_zh if unit else "",
        net_mg=unit.net_mg if unit else None,
        blender=(unit.blender_id or "") if unit else "",
        parts=tuple(
            OfficePart(
                Words(*one.names.get(part.product_id, (part.product_id, part.product_id))),
                tuple(part.lots),
                tuple(part.containers),
                part.target_mg,
                part.actual_mg,
                part.manual,
            )
            for part in one.parts
        ),
        deviations=tuple(OfficeDeviation(d.at, d.kind, d.detail, d.by, d.open) for d in one.deviations),
        refused_before=one.refused_before,
    )


def queue_view(queue: Sequence[Any], given: Sequence[Any], ruleset: RuleSet) -> OfficeQueue:
    answers = tuple(
        OfficeAnswer(
            one.at, one.shop, one.subject, one.rule, one.agreed, one.reason, one.by, EFFECTS.get(one.effect, "settled")
        )
        for one in given
    )
    seen = [*(one.sha256 for one in queue), *(f"{one.shop} {one.asked_idx} {one.effect}" for one in given)]
    mark = hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]
    waiting = tuple(request_view(one, ruleset) for one in queue)
    return OfficeQueue(waiting, answers, f"{PLACE}/live?at={mark}")
