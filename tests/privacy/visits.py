"""Consumers who went home with a toner, and what the vault then holds of them."""

from __future__ import annotations

import pytest

from store_service.consultation.queries import find_service
from store_service.privacy.commands import RightsDesk
from store_service.privacy.retention import records_of
from store_service.privacy.vault import held
from store_service.rules.refusal import Refused
from tests.shops import BLENDER, EXPLAINED, PrivateShop

PHONE = "13900001234"


def rules(no: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [one.rule for one in no.value.verdict.refusals]


def visited(shop: PrivateShop, contact: str | None = PHONE) -> tuple[str, str, str]:
    """(unit, service, consumer reference) of a consumer who went home with a toner."""
    unit_id = shop.released_unit("ENV-TONER")
    service_id = shop.unit(unit_id).service_id
    counter = shop.shop.counter
    if contact:
        counter.consent(BLENDER, service_id, {"contact": True})
    counter.explain(BLENDER, service_id, EXPLAINED)
    counter.hand_over(BLENDER, service_id, contact=contact, recall_card=contact is None)
    with shop.shop.desk.read() as connection:
        return unit_id, service_id, find_service(connection, shop.shop.desk.site_id, service_id).consumer_ref


def desk_of(shop: PrivateShop) -> RightsDesk:
    return RightsDesk(shop.shop.desk, shop.shop.vault)


def kinds_there(shop: PrivateShop, consumer_ref: str) -> set[str]:
    with shop.shop.desk.read() as connection:
        records = records_of(connection, shop.shop.desk, consumer_ref)
    return {one.kind for one in records if held(shop.shop.vault, one.kind, one.ref) is not None}
