"""A service as it stands, and the consumer as a gate sees him."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from store_service.blending.queries import Unit
from store_service.privacy.vault import Erased, Vault, held
from store_service.records.desk import Missing
from store_service.records.projections.consultation import service
from store_service.rules.case import Consumer

from .texts import Texts

PACK_NAME = "pack_name"
"""Kind of record in the vault, under the unit's id: `{"name": text}`."""


@dataclass(frozen=True, slots=True)
class Service:
    service_id: str
    consumer_ref: str
    state: str
    opened_at: datetime
    opened_by: str
    notice_version: str | None
    consents: Mapping[str, Mapping[str, Any]]
    consulted_at: datetime | None
    commitment: str | None
    decisions: Mapping[str, str]
    allowed: bool | None
    verdict: Mapping[str, Any] | None
    verdict_at: datetime | None
    explained_at: datetime | None
    explained: Mapping[str, Any] | None
    handed_over_at: datetime | None
    contact_left: bool | None
    recall_card: bool | None

    def given(self, purpose: str) -> bool:
        return bool(self.consents.get(purpose, {}).get("given"))


def find_service(connection: Connection, site: str, service_id: str) -> Service:
    """Raises Missing."""
    row = (
        connection.execute(select(service).where(service.c.store_id == site, service.c.id == service_id))
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise Missing("service", service_id)
    return _service(row)


def open_services(connection: Connection, site: str) -> list[Service]:
    query = select(service).where(service.c.store_id == site, service.c.state == "open").order_by(service.c.opened_at)
    return [_service(row) for row in connection.execute(query).mappings()]


def _service(row: RowMapping) -> Service:
    return Service(
        service_id=row["id"],
        **{
            key: row[key]
            for key in (
                "consumer_ref", "state", "opened_at", "opened_by", "notice_version", "consents", "consulted_at",
                "commitment", "decisions", "allowed", "verdict", "verdict_at", "explained_at", "explained",
                "handed_over_at", "contact_left", "recall_card",
            )
        },
    )  # fmt: skip


def explained(found: Service, units: Sequence[Unit]) -> tuple[str, ...]:
    """What was told to the consumer (R-CON-09) since the last of `units` was released: items of `explained_items`."""
    released = [one.released_at for one in units if one.released_at is not None]
    if found.explained_at is None or any(one > found.explained_at for one in released):
        return ()
    return tuple((found.explained or {}).get("items", ()))


def answers_of(vault: Vault, found: Service) -> dict[str, list[str]]:
    """The answers given so far: question id → chosen values; typed names under `<id>_text`. None once
    they are erased."""
    return held(vault, "answers", found.service_id) or {}


def consumer(found: Service, answers: Mapping[str, list[str]], texts: Texts, vault: Vault) -> Consumer:
    """What the screening needs. An age that was not told is unknown, and unknown is refused; so is a consultation
    whose answers are no longer those that were sealed."""
    needed = frozenset(one.key for one in texts.purposes if one.required)
    given = frozenset(key for key in found.consents if found.given(key))
    conditions, ages, allergies = set[str](), list[int](), list[str]()
    for question in texts.questions:
        for value in answers.get(question.id, []):
            option = question.option(value)
            if option is None:
                continue
            if option.condition:
                conditions.add(option.condition)
            if option.age is not None:
                ages.append(option.age)
            if question.id == "allergy" and not option.exclusive:
                allergies.append(option.zh)
        allergies += answers.get(f"{question.id}_text", []) if question.free_text else []
    named = {allergen_mark(vault, found.service_id, one): one for one in allergies} if found.decisions else {}
    return Consumer(
        notice_version=found.notice_version,
        consents=given,
        needed_consents=needed,
        age=min(ages) if ages else None,
        guardian_consent=found.given("guardian"),
        consulted_at=found.consulted_at if _as_sealed(found, vault) else None,
        judged_at=found.verdict_at,
        allergies=tuple(allergies),
        conditions=frozenset(conditions),
        withdrawn=frozenset(key for key, value in found.consents.items() if value.get("withdrawn")),
        officer_decisions={named[key]: value for key, value in found.decisions.items() if key in named},
    )


def _as_sealed(found: Service, vault: Vault) -> bool:
    try:
        return found.commitment is not None and vault.commitment("answers", found.service_id) == found.commitment
    except Erased:
        return False


def allergen_mark(vault: Vault, service_id: str, allergen: str) -> str:
    """How an allergen is named in the log, which may not carry health data: only the vault can tell whose name it is,
    and nobody can once the service's records are erased."""
    key = (held(vault, "mark_key", service_id) or {"key": ""})["key"]
    return hmac.new(bytes.fromhex(key), allergen.strip().casefold().encode(), hashlib.sha256).hexdigest()


def pack_name(vault: Vault, unit_id: str) -> str:
    """The name that the consumer asked for on a unit's pack; "" where there is none, or it was erased."""
    return str((held(vault, PACK_NAME, unit_id) or {}).get("name", ""))
