"""The consumer's page: what `trace` found, put into the page's model. Everything on it comes from the sealed record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from store_service.evidence.note import parse_note
from store_service.reactions.commands import BEGAN, PLACES, SYMPTOMS
from store_service.rules.dates import beijing_date
from store_service.rules.merge import TRACE_ZH
from store_service.trace.api import Door, Find, Form, Page, router
from store_service.trace.intake import Intake, Step
from store_service.trace.limit import PageLimit
from store_service.trace.link import Asked
from store_service.trace.queries import Standing

from .models import Words
from .models.qa import Recall, TraceDose, TraceIngredient, TraceList, TraceUnit
from .render import Faces
from .words import DEFAULT, LANGUAGES

STOP = Words("请停止使用，并将产品带回门店或致电门店。", "Stop using it; bring it back to the shop, or call.")
HELD = Words("备案人已暂停该批原料产品。", "The filer has put this source lot on hold.")
RECALLED = Words("备案人已召回该批原料产品。", "The filer has recalled this source lot.")


def add_trace(
    app: FastAPI,
    faces: Faces,
    find: Find,
    *,
    mono_ns: Callable[[], int],
    base: str,
    phone: str,
    intake: Intake | None = None,
) -> None:
    """Put the consumer's door on an application. `find` gives a shop's archive; `phone` answers for unknown shops;
    without an `intake` a reaction is told by telephone."""
    page = trace_page(faces, reactions=intake is not None)
    app.include_router(router(Door(find, page, PageLimit(mono_ns), base, phone, intake, reaction_form(faces))))


def reaction_form(faces: Faces) -> Form:
    """The form behind a label, and the pages that follow it."""
    headers = {
        **faces.trace_headers,
        "content-security-policy": faces.trace_headers["content-security-policy"].replace(
            "form-action 'none'", "form-action 'self'"
        ),
    }

    def form(request: Request, asked: Asked, phone: str, step: Step, told: str) -> Response:
        body = faces.html(
            language(request),
            "trace/reaction.html",
            step=step,
            told=told,
            phone=phone,
            back=asked.path,
            action=f"{asked.path}.reaction?lang={language(request)}",
            symptoms=SYMPTOMS,
            places=PLACES,
            began=BEGAN,
        )
        return HTMLResponse(body, headers=headers)

    return form


def trace_page(faces: Faces, *, reactions: bool = False) -> Page:
    """How `trace.api` has its page drawn."""

    def page(request: Request, standing: Standing, phone: str, asked: Asked | None) -> Response:
        model = trace_unit(standing, phone, asked)
        if reactions and asked is not None and standing.unit is not None and model.batch:
            model = replace(model, reaction_url=f"{asked.path}.reaction?lang={language(request)}")
        body = faces.html(language(request), "trace/unit.html", unit=model, here=request.url.path)
        return HTMLResponse(body, headers=faces.trace_headers)

    return page


def language(request: Request) -> str:
    """`?lang=` wins, then the browser's order of languages, then Chinese. No cookie is read."""
    wanted = request.query_params.get("lang")
    if wanted in LANGUAGES:
        return str(wanted)
    named = [one.partition(";")[0].strip().lower() for one in request.headers.get("accept-language", "").split(",")]
    first = next((one for one in named if one.startswith(("zh", "en"))), "zh")
    return "en" if first.startswith("en") else DEFAULT


def trace_unit(standing: Standing, phone: str, asked: Asked | None) -> TraceUnit:
    """The page's model. A label that is void or names nothing shows the shop's telephone and no more."""
    record, unit, seal = standing.record, standing.unit, standing.seal
    if record is None or unit is None or seal is None or asked is None:
        return TraceUnit(standing.verdict, phone)

    def say(text: str) -> Words:
        return Words(text, standing.english.get(text, text))

    filer, store, sources = record.get("filer") or {}, record["store"], record["sources"]
    responsible = record.get("responsible") or {}
    bound = record.get("bounded_by") or {}  # records that were sealed before this was told have none
    return TraceUnit(
        standing.verdict,
        store["phone"] or phone,
        recall=_recall(standing, sources),
        name=say(record["name"]),
        batch=record["batch"],
        content=record["net_content"],
        blended=_day(record["blend_date"]),
        use_by=_day(record["use_by"]),
        bound=bound.get("kind"),
        bound_of=say(bound["source"]) if bound.get("source") else None,
        shop=say(store["name"]),
        filer=filer.get("name"),
        filer_address=filer.get("address"),
        responsible=responsible.get("name"),
        responsible_address=responsible.get("address"),
        filing_numbers=tuple(one["filing_number"] for one in sources),
        directions=say(record["directions"]),
        warnings=tuple(say(one) for one in record["warnings"]),
        lists=_lists(record["ingredients"], standing.english),
        doses=tuple(
            TraceDose(
                say(one["name"]),
                one["filing_number"],
                tuple(dict.fromkeys(lot["lot"] for lot in one["lots"])),
                one["mass_mg"],
                one["within_tolerance"],
            )
            for one in sources
        ),
        sealed_at=standing.sealed_at,
        witnessed_at=standing.cosigned.at if standing.cosigned else None,
        key_id=_key(seal.note),
        record_url=f"{asked.path}.record",
        proof_url=f"{asked.path}.tlog-proof",
    )


def _recall(standing: Standing, sources: list[Mapping[str, Any]]) -> Recall | None:
    if not standing.notices:
        return None
    lots = {one.lot_no for one in standing.notices}
    named = [(source["name"], lot["lot"]) for source in sources for lot in source["lots"] if lot["lot"] in lots] or [
        ("", lot_no) for lot_no in sorted(lots)
    ]
    zh = "、".join(f"{name} {lot}".strip() for name, lot in dict.fromkeys(named))
    en = ", ".join(f"{standing.english.get(name, name)} {lot}".strip() for name, lot in dict.fromkeys(named))
    told = RECALLED if any(one.status == "recalled" for one in standing.notices) else HELD
    reasons = "；".join(dict.fromkeys(one.reason for one in standing.notices if one.reason))
    why = Words(f"{told.zh}{reasons}", f"{told.en} {reasons}".strip())
    since = min(beijing_date(one.known_at) for one in standing.notices)
    return Recall(Words(zh, en), why, since, STOP)


def _lists(text: str, english: Mapping[str, str]) -> tuple[TraceList, ...]:
    """The sealed text: the merged list, or in several lines those of the sources, each after its product's name."""
    if "\n" not in text:
        return (TraceList(_ingredients(text, english)),)
    parted = (line.partition("：") for line in text.splitlines())
    return tuple(TraceList(_ingredients(own, english), Words(name, english.get(name, name))) for name, _, own in parted)


def _ingredients(text: str, english: Mapping[str, str]) -> tuple[TraceIngredient, ...]:
    """The sealed list, traces after the others: it is in descending order throughout (R-LAB-06)."""
    names = text.replace(f"；{TRACE_ZH}：", "、").removeprefix(f"{TRACE_ZH}：").split("、")
    return tuple(TraceIngredient(name, english.get(name, name)) for name in names)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _key(note: str) -> str:
    """Name and key id of the log's own signature, as its verifier key begins."""
    parsed = parse_note(note)
    origin = parsed.text.partition("\n")[0]
    own = next((one for one in parsed.signatures if one.name == origin), None)
    return f"{own.name}+{own.key_id.hex()}" if own else origin
