"""Head office puts a register into force: its JSON, a reason, and the tokens of two admins (DESIGN §4.11)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request

from store_service.catalogue.commands import NotTwoPersons, publish_register
from store_service.catalogue.importing import check_products, check_roster
from store_service.catalogue.queries import LAST_KNOWN, parse, registers
from store_service.rules.dossier import (
    SNAPSHOT_KINDS,
    Document,
    ProductRegister,
    ReadinessRegister,
    Roster,
    RuleParameters,
)
from store_service.rules.readiness import check_readiness

from .doors import Bearer, Second, token_of
from .hub import Hub, token_digest


def registers_router(hub: Hub) -> APIRouter:
    """`POST /api/v1/hub/registers/{kind}`: 201 with the version, 401, 404, 409 for one person twice, 422 in words."""
    router = APIRouter(prefix="/api/v1/hub", tags=["hub"])

    @router.post("/registers/{kind}", status_code=201)
    async def publish(
        kind: str,
        request: Request,
        reason: Annotated[str, Query(min_length=1, max_length=200)],
        authorization: Bearer = "",
        second_authorization: Second = "",
    ) -> dict[str, Any]:
        by, second = (hub.admins.get(token_digest(token_of(one))) for one in (authorization, second_authorization))
        if by is None or second is None:
            raise HTTPException(401, "two admins' tokens are needed")
        if kind not in SNAPSHOT_KINDS:
            raise HTTPException(404, f"no register {kind[:40]}")
        body = await request.body()
        try:
            document = parse(kind, body)
            if hub.looks_over:
                _look_over(hub, document)
            version = publish_register(hub.desk, document, by=by, second=second, reason=reason)
        except NotTwoPersons as one:
            raise HTTPException(409, str(one)) from one
        except ValueError as wrong:
            raise HTTPException(422, str(wrong)) from wrong
        return {"kind": kind, "version": version}

    return router


def _look_over(hub: Hub, document: Document) -> None:
    """What a shop's import would not take, head office does not publish either. Raises ValueError (Malformed names the
    row and the field)."""
    ruleset, now = hub.desk.ruleset, hub.now()
    params = ruleset.fill({})
    match document:
        case RuleParameters():
            _try_out(hub, document)
        case ReadinessRegister():
            check_readiness(document, ruleset)
        case ProductRegister():
            with hub.desk.read() as connection:
                before = registers(connection, hub.desk.site_id, LAST_KNOWN).documents.get("products")
            filer_id = before.filer_id if isinstance(before, ProductRegister) else document.filer_id
            since = now - timedelta(days=params.register_max_age_days)
            check_products(document, filer_id=filer_id, since=since, now=now)
        case Roster():
            since = now - timedelta(days=params.roster_refuse_age_days)
            check_roster(document, place=None, provinces=frozenset(ruleset.provinces), since=since, now=now)


def _try_out(hub: Hub, document: RuleParameters) -> None:
    """An override that no shop could read must not leave this house. Raises ValueError naming it."""
    for province in hub.desk.ruleset.provinces:
        hub.desk.ruleset.params(province, document.overrides)
