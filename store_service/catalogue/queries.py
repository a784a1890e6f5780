"""The registers in force as parsed documents, found by digest and kept in memory until another digest is in force."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from store_service.records.desk import Desk
from store_service.records.projections.catalogue import envelope_hold, hold, snapshot
from store_service.records.tables import blob
from store_service.rules.dossier import (
    SNAPSHOT_KINDS,
    Document,
    Envelope,
    EnvelopeRegister,
    LotRegister,
    LotStatus,
    PackSpec,
    Product,
    ProductRegister,
    ReadinessRegister,
    Roster,
    RuleParameters,
    StaffRegister,
    StaffRow,
)
from store_service.rules.params import Parameters

D = TypeVar("D", bound=Document)
LAST_KNOWN = datetime.min.replace(tzinfo=UTC)
"""Asked at this time, `registers` gives the last ones however stale: reactions, recalls, rights and retention go on
when blending has to stop (R-SCP-02)."""
KEPT = 24
"""So many parsed registers are kept in memory: those in force, and some that were. A large one takes tens of MB, and
head office sends a new one every day."""
_parsed: dict[str, Document] = {}
_products: dict[str, Mapping[str, Product]] = {}


@dataclass(frozen=True)
class Standing:
    """Which version of a register is in force, and until when."""

    kind: str
    version: int
    sha256: str
    valid_from: datetime | None
    valid_to: datetime | None
    accepted_at: datetime

    def stale(self, now: datetime) -> bool:
        return self.valid_to is not None and now >= self.valid_to


@dataclass(frozen=True)
class Registers:
    """What is in force now. A register that is missing or stale is None: unknown, so whatever needs it refuses."""

    standing: Mapping[str, Standing]
    documents: Mapping[str, Document]
    held: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Lots that this site itself holds, with the reason: a shop's officer need not wait for head office (R-ADR-08)."""
    held_envelopes: Mapping[str, str] = field(default_factory=dict)
    """Envelopes that this site itself holds, with the reason."""

    def _get(self, kind: str, model: type[D]) -> D | None:
        found = self.documents.get(kind)
        return found if isinstance(found, model) else None

    @cached_property
    def products(self) -> Mapping[str, Product]:
        register = self._get("products", ProductRegister)
        if register is None:
            return {}
        digest = self.standing["products"].sha256
        if digest not in _products:
            _products.clear()
            _products[digest] = {one.product_id: one for one in register.products}
        return _products[digest]

    @property
    def attested_at(self) -> datetime | None:
        register = self._get("products", ProductRegister)
        return register.attested_at if register else None

    @cached_property
    def lots(self) -> Mapping[tuple[str, str], LotStatus]:
        register = self._get("lots", LotRegister)
        found = {(one.product_id, one.lot_no): one for one in register.lots} if register else {}
        own = {key: found[key] for key in self.held if key in found and not found[key].hold}
        return found | {key: one.model_copy(update={"hold": self.held[key]}) for key, one in own.items()}

    @cached_property
    def envelopes(self) -> Mapping[str, Envelope]:
        register = self._get("envelopes", EnvelopeRegister)
        found = {one.envelope_id: one for one in register.envelopes} if register else {}
        own = [found[key] for key in self.held_envelopes if key in found and found[key].status == "approved"]
        return found | {one.envelope_id: one.model_copy(update={"status": "held"}) for one in own}

    @cached_property
    def packs(self) -> Mapping[str, PackSpec]:
        register = self._get("envelopes", EnvelopeRegister)
        return {one.sku: one for one in register.packs} if register else {}

    @property
    def roster(self) -> Roster | None:
        return self._get("roster", Roster)

    @cached_property
    def staff(self) -> Mapping[str, StaffRow]:
        register = self._get("staff", StaffRegister)
        return {one.staff_id: one for one in register.staff} if register else {}

    @property
    def readiness(self) -> ReadinessRegister | None:
        return self._get("readiness", ReadinessRegister)

    @property
    def parameters(self) -> RuleParameters:
        return self._get("rules", RuleParameters) or RuleParameters()

    def params(self, desk: Desk) -> Mapping[str, object]:
        """The parameters of the shop's province with head office's overrides."""
        province = desk.site.province if desk.site else ""
        return desk.ruleset.params(province, self.parameters.overrides)


def parse(kind: str, body: bytes) -> Document:
    """A register's bytes as its document. Raises ValueError (pydantic names the field) for malformed input."""
    model = SNAPSHOT_KINDS[kind]
    return model.model_validate_json(body)


def registers(connection: Connection, site: str, now: datetime) -> Registers:
    """The registers of `site` in force at `now`."""
    standing = {
        row.id: Standing(row.id, row.version, row.sha256, row.valid_from, row.valid_to, row.accepted_at)
        for row in connection.execute(select(snapshot).where(snapshot.c.store_id == site))
    }
    documents = {
        kind: document_of(connection, one.kind, one.sha256)
        for kind, one in standing.items()
        if kind in SNAPSHOT_KINDS and not one.stale(now)
    }
    query = select(hold).where(hold.c.store_id == site, hold.c.held == True)  # noqa: E712
    held = {(row.product_id, row.lot_no): row.reason for row in connection.execute(query)}
    paused = select(envelope_hold).where(envelope_hold.c.store_id == site, envelope_hold.c.held == True)  # noqa: E712
    return Registers(standing, documents, held, {row.id: row.reason for row in connection.execute(paused)})


def last_params(connection: Connection, desk: Desk) -> Parameters:
    """The parameters of the shop's province as they were last known, however stale."""
    return desk.ruleset.fill(registers(connection, desk.site_id, LAST_KNOWN).params(desk))


def document_of(connection: Connection, kind: str, sha256: str) -> Document:
    """A register by its digest, parsed once."""
    known = _parsed.get(sha256)
    if known is None:
        body = connection.execute(select(blob.c.body).where(blob.c.sha256 == sha256)).scalar_one()
        known = parse(kind, bytes(body))
        while len(_parsed) >= KEPT:
            _parsed.pop(next(iter(_parsed)), None)
        _parsed[sha256] = known
    return known


def render(document: Document) -> bytes:
    """The bytes of a register, the same for the same content."""
    raw: Any = document.model_dump(mode="json")
    return json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
