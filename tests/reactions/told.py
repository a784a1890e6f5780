"""What a consumer tells, and the hands that take it down."""

from __future__ import annotations

from typing import Any

from store_service.reactions.commands import Reactions, Told
from tests.shops import BLENDER, EXPLAINED, PrivateShop

ITCH = Told(("itch",), ("cheeks",), "today", "涂后发痒")


def rules(no: Any) -> list[str]:
    return [one.rule for one in no.value.verdict.refusals]


def reactions(shop: PrivateShop) -> Reactions:
    return Reactions(shop.shop.desk, shop.shop.vault)


def home(shop: PrivateShop, envelope_id: str = "ENV-TONER", contact: str | None = None) -> str:
    unit_id = shop.released_unit(envelope_id)
    service_id = shop.unit(unit_id).service_id
    shop.shop.counter.consent(BLENDER, service_id, {"contact": contact is not None})
    shop.shop.counter.explain(BLENDER, service_id, EXPLAINED)
    shop.shop.counter.hand_over(BLENDER, service_id, contact=contact, recall_card=contact is None)
    return unit_id
