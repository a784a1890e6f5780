"""For a registrant's own system: what waits for a second person, and the answer of one (protocol §6)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from store_service.catalogue.commands import NotTwoPersons
from store_service.records.desk import Missing, OutOfStep
from store_service.records.event import rfc3339

from . import seconds
from .answers import json_answer, problem
from .doors import Bearer, respond, token_of
from .hub import Hub, token_digest
from .seconds_queue import Request, queue


class Answered(BaseModel):
    model_config = ConfigDict(extra="forbid")

    asked_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    agreed: bool
    reason: str = Field(default="", max_length=seconds.MAX_REASON)


def seconds_router(hub: Hub) -> APIRouter:
    """`GET /api/v1/qa/seconds` for readers; `POST /api/v1/hub/seconds/{store}/{idx}` with a signer's own token."""
    router = APIRouter(prefix="/api/v1")
    no_token = problem(401, "unauthorised", "no token, or an unknown one")

    @router.get("/qa/seconds", tags=["qa"])
    def waiting(authorization: Bearer = "") -> Response:
        if token_digest(token_of(authorization)) not in {**hub.readers, **hub.admins, **hub.signers}:
            return respond(no_token)
        return respond(json_answer({"waiting": [_plain(one) for one in queue(hub)]}))

    @router.post("/hub/seconds/{store_id}/{idx}", tags=["hub"])
    def answer(store_id: str, idx: int, body: Answered, authorization: Bearer = "") -> Response:
        by = seconds.signer(hub, token_of(authorization))
        if by is None:
            return respond(no_token)
        try:
            seconds.answer(hub, store_id, idx, body.asked_sha256, by=by, agreed=body.agreed, reason=body.reason)
        except Missing as missing:
            return respond(problem(404, "unknown", str(missing)))
        except OutOfStep:
            return respond(problem(409, "answered", "a colleague has answered it"))
        except NotTwoPersons as one:
            return respond(problem(409, "two-persons", str(one)))
        except ValueError as wrong:
            return respond(problem(422, "malformed", str(wrong)))
        return Response(status_code=204)

    return router


def _plain(one: Request) -> dict[str, Any]:
    asked = one.asked
    return {
        "store_id": asked.store_id,
        "idx": asked.idx,
        "asked_sha256": one.sha256,
        "subject": asked.subject,
        "rule": asked.rule,
        "gate": asked.gate,
        "reason": asked.reason,
        "by": asked.by,
        "at": rfc3339(asked.at),
        "zh": asked.zh,
        "en": asked.en,
        "batch": one.unit.batch if one.unit else None,
        "deviations": [{"kind": d.kind, "detail": d.detail, "open": d.open} for d in one.deviations],
        "refused_before": list(one.refused_before),
    }
