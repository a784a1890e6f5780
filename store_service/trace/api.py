"""The consumer's door: `/01/…`, the same on the shop's two doors and at head office. It sets no cookie, keeps nothing
of who asks; the one thing that it takes is a reaction, told on the form behind a label."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from store_service.records.desk import Missing
from store_service.records.event import rfc3339

from .archive import Archive
from .identifiers import parse_batch, store_of_serial
from .intake import Answers, Intake, Step, TooLarge, answers_of
from .limit import PageLimit
from .link import PROOF, RECORD, Asked, linkset, read_path
from .proofs import file_bytes, record_file
from .queries import Standing, standing_of_batch, standing_of_serial

Find = Callable[[str], Archive | None]
Page = Callable[[Request, Standing, str, "Asked | None"], Response]
Form = Callable[[Request, Asked, str, Step, str], Response]
"""(request, label, telephone, step, case number or what was wrong) → the page of the reaction form."""

HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
    "vary": "accept, accept-language",
}
LINKSET = "application/linkset+json"
SAYS = {
    "intact": "Record unaltered since it was sealed · no recall known",
    "voided": "This label is void",
    "past_use_by": "Past its use-by date",
    "recalled": "Listed in a recall",
    "not_found": "Record not found",
}


@dataclass(frozen=True)
class Door:
    """`find` gives the archive of a shop's number, None for a shop that is not known here; `phone` answers then."""

    find: Find
    page: Page
    limit: PageLimit
    base: str
    phone: str
    intake: Intake | None = None
    form: Form | None = None

    def answer(self, request: Request, rest: str) -> Response:
        asked = read_path(rest)
        archive = self._archive(asked)
        if asked is None or archive is None:
            return self._say(request, Standing("not_found"), self.phone, asked, known=None)
        standing = self._standing(archive, asked)
        if standing.verdict != "not_found" and not self.limit.passes(asked.key):
            return _too_many()
        if asked.part == "reaction":
            return self._form(request, standing, archive.phone, asked)
        if asked.part == "record":
            return self._record(archive, standing, asked)
        if asked.part == "tlog-proof":
            return self._proof(archive, standing, asked)
        known = None if standing.verdict == "not_found" else asked
        return self._say(request, standing, archive.phone, asked, known=known)

    def take(self, request: Request, rest: str, answers: Answers) -> Response:
        """A reaction that was told on the form, or the contact that follows it."""
        asked = read_path(rest)
        archive = self._archive(asked)
        if asked is None or archive is None or asked.part != "reaction" or self.intake is None or self.form is None:
            return self._nothing()
        if not self.intake.passes(asked.key):
            return _too_many()
        standing = self._standing(archive, asked)
        if standing.unit is None:
            return self._nothing()
        if not self.intake.ready():
            return self._page(self.form(request, asked, archive.phone, "unable", ""), 503)
        case_id = _first(answers, "case")
        try:
            if case_id:
                self.intake.contact(standing.unit.id, case_id, _first(answers, "contact"))
                return self._page(self.form(request, asked, archive.phone, "contact", case_id), 200)
            case_id = self.intake.report(standing.unit.id, answers, _first(answers, "key"))
        except (ValueError, Missing):
            return self._page(self.form(request, asked, archive.phone, "form", "again"), 422)
        return self._page(self.form(request, asked, archive.phone, "sent", case_id), 200)

    def _form(self, request: Request, standing: Standing, phone: str, asked: Asked) -> Response:
        if standing.unit is None or self.intake is None or self.form is None:
            return self._nothing()
        return self._page(self.form(request, asked, phone, "form", ""), 200)

    def _page(self, page: Response, status: int) -> Response:
        page.status_code = status
        page.headers.update(HEADERS)
        return page

    def _standing(self, archive: Archive, asked: Asked) -> Standing:
        found = (
            standing_of_serial(archive, asked.gtin, asked.serial)
            if asked.serial
            else standing_of_batch(archive, asked.gtin, asked.lot or "")
        )
        if asked.serial and asked.lot and found.unit is not None and found.unit.batch != asked.lot:
            return Standing("not_found")
        return found

    def _archive(self, asked: Asked | None) -> Archive | None:
        if asked is None:
            return None
        try:
            store = store_of_serial(asked.serial) if asked.serial else parse_batch(asked.lot or "").store
        except ValueError:
            return None
        return self.find(store)

    def _say(
        self, request: Request, standing: Standing, phone: str, asked: Asked | None, *, known: Asked | None
    ) -> Response:
        status = 200 if known else 404
        if known is None and not self.limit.passes(None):
            return _too_many()
        accept, wanted = request.headers.get("accept", ""), request.query_params.get("linkType", "").lower()
        wanted = wanted.removeprefix("gs1:").removeprefix("https://gs1.org/voc/")
        if known is not None and standing.unit is not None:
            if wanted in ("all", "linkset") or _prefers(accept, LINKSET):
                return _json(linkset(self.base, known), LINKSET, 200)
            if wanted == "traceability":
                return _json(self._facts(standing, known), RECORD, 200)
        if wanted not in ("", "pip", "defaultlink", "all", "linkset", "traceability"):
            return _json({"title": "no such link type here", "status": 404}, "application/problem+json", 404)
        if _prefers(accept, RECORD):
            return _json(self._facts(standing, known), RECORD, status)
        return self._page(self.page(request, standing, phone, known), status)

    def _facts(self, standing: Standing, asked: Asked | None) -> dict[str, Any]:
        """The page as JSON: the verdict in the page's own words, the sealed record, where it stands in the log."""
        facts: dict[str, Any] = {"verdict": standing.verdict, "says": SAYS[standing.verdict]}
        if standing.unit is None or asked is None or standing.seal is None:
            return facts
        cosigned, own = standing.cosigned, self.base.rstrip("/") + asked.path
        return facts | {
            "state": standing.unit.state,
            "record": standing.record,
            "notices": [
                {"lot": one.lot_no, "status": one.status, "reason": one.reason, "known_at": rfc3339(one.known_at)}
                for one in standing.notices
            ],
            "log": {
                "index": standing.unit.released_idx,
                "checkpoint_size": standing.seal.size,
                "sealed_at": rfc3339(standing.sealed_at) if standing.sealed_at else None,
                "cosigned_at": rfc3339(cosigned.at) if cosigned else None,
                "cosigned_by": cosigned.by if cosigned else None,
            },
            "links": {"page": own, "record": f"{own}.record", "proof": f"{own}.tlog-proof"},
        }

    def _record(self, archive: Archive, standing: Standing, asked: Asked) -> Response:
        idx = standing.unit.released_idx if standing.unit else None
        if idx is None:
            return self._nothing()
        with archive.read() as connection:
            found = record_file(connection, archive.site, idx)
        return self._nothing() if found is None else _file(file_bytes(found), RECORD, asked)

    def _proof(self, archive: Archive, standing: Standing, asked: Asked) -> Response:
        idx = standing.unit.released_idx if standing.unit else None
        if idx is None or standing.seal is None:
            return self._nothing()
        proof = archive.proofs.prove(idx, standing.seal)
        return _file(str(proof).encode(), f"{PROOF}; charset=utf-8", asked)

    def _nothing(self) -> Response:
        if not self.limit.passes(None):
            return _too_many()
        return _json({"title": SAYS["not_found"], "status": 404}, "application/problem+json", 404)


def router(door: Door) -> APIRouter:
    """`GET` and `HEAD /01/{gtin}/21/{serial}`, `/01/{gtin}/10/{batch}`, each with `.record` and `.tlog-proof`."""
    routes = APIRouter(tags=["trace"])

    @routes.get("/01/{rest:path}", name="trace")
    def get(request: Request, rest: str) -> Response:
        """The page of one unit: HTML, or JSON for `Accept: application/json`; `linkType` names another link."""
        return door.answer(request, rest)

    @routes.head("/01/{rest:path}", include_in_schema=False)
    def head(request: Request, rest: str) -> Response:
        found = door.answer(request, rest)
        found.body = b""
        return found

    @routes.post("/01/{rest:path}", include_in_schema=False)
    async def post(request: Request, rest: str) -> Response:
        """A reaction told on the form behind a label; nothing else is taken here."""
        try:
            answers = await answers_of(request)
        except TooLarge:
            return _json({"title": "too much for a form", "status": 413}, "application/problem+json", 413)
        except ValueError:
            return _json({"title": "this is no form", "status": 422}, "application/problem+json", 422)
        return await run_in_threadpool(door.take, request, rest, answers)

    return routes


def _first(answers: Answers, name: str) -> str:
    return next(iter(answers.get(name, [])), "").strip()


def _prefers(accept: str, media: str) -> bool:
    """Whether a client names `media` before HTML. Browsers name HTML first and JSON never."""
    named = [one.partition(";")[0].strip().lower() for one in accept.split(",")]
    return media in named and ("text/html" not in named or named.index(media) < named.index("text/html"))


def _json(body: Mapping[str, Any], media: str, status: int) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode(), status, HEADERS, media)


def _file(body: bytes, media: str, asked: Asked) -> Response:
    name = f"{asked.serial or asked.lot}.{asked.part}"
    return Response(body, 200, {**HEADERS, "content-disposition": f'inline; filename="{name}"', "content-type": media})


def _too_many() -> Response:
    return Response("稍后再试 · Try again in a minute\n", 429, {**HEADERS, "retry-after": "60"}, "text/plain")
