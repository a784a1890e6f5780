"""A service as it stands, and the consumer as a gate sees him."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from store_service.privacy.vault import Vault
from store_service.records.desk import Missing
from store_service.records.projections.consultation import service
from store_service.rules.case import Consumer

from .texts import Texts


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
    age_band: str | None
    guardian_consent: bool
    decisions: Mapping[str, str]
    allowed: bool | None
    verdict: Mapping[str, Any] | None
    verdict_at: datetime | None
    explained_at: datetime | None
    handed_over_at: datetime | None

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
        guardian_consent=bool(row["guardian_consent"]),
        **{
            key: row[key]
            for key in (
                "consumer_ref", "state", "opened_at", "opened_by", "notice_version", "consents", "consulted_at",
                "age_band", "decisions", "allowed", "verdict", "verdict_at", "explained_at", "handed_over_at",
            )
        },
    )  # fmt: skip


def answers_of(vault: Vault, found: Service) -> dict[str, list[str]]:
    """The answers given so far: question id → chosen values; typed names under `<id>_text`."""
    return vault.get("answers", found.service_id) or {}


def consumer(found: Service, answers: Mapping[str, list[str]], texts: Texts) -> Consumer:
    """What the screening needs. An age that was not told is unknown, and unknown is refused."""
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
    by_digest = {digest_of(one): one for one in allergies}
    return Consumer(
        notice_version=found.notice_version,
        consents=given,
        needed_consents=needed,
        age=min(ages) if ages else None,
        guardian_consent=found.guardian_consent,
        consulted_at=found.consulted_at,
        allergies=tuple(allergies),
        conditions=frozenset(conditions),
        officer_decisions={by_digest[key]: value for key, value in found.decisions.items() if key in by_digest},
    )


def digest_of(allergen: str) -> str:
    """How an allergen is named in the log: an event may not carry health data."""
    return hashlib.sha256(allergen.strip().casefold().encode()).hexdigest()
