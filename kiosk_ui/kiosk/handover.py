"""The hand-over: what is told to the consumer, ticked one by one, and how he hears of a recall."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import Connection
from starlette.datastructures import FormData

from kiosk_ui import models as m
from kiosk_ui.formats import day
from kiosk_ui.models import Words
from store_service.blending.cases import View
from store_service.blending.queries import Component, Unit, components_of
from store_service.catalogue.directory import label_warnings
from store_service.consultation.queries import Service
from store_service.records.desk import Actor
from store_service.rules.dossier import Product
from store_service.rules.merge import claims_in_common, ingredients_text
from store_service.shop import Shop

from .unit_words import bound_by

PATCH_TEST = Words(
    "第一次使用前，取少量涂在前臂内侧，24 小时没有不适再使用。",
    "Before the first use try a little inside the forearm; use it after 24 hours without discomfort.",
)
PHONE = re.compile(r"\+?[0-9][0-9 -]{4,28}")
Told = dict[str, Words]


def handover_screen(shop: Shop, found: Service, units: list[Unit], contents: Mapping[str, str]) -> m.HandoverScreen:
    """`contents`: unit id → net content in the words of its label."""
    with shop.desk.read() as connection:
        view = View.at(shop.desk, connection)
        wanted = shop.desk.ruleset.fill(view.known.params(shop.desk)).explained_items
        told = [_told(shop, view, connection, one) for one in units]
    ticked = (found.explained or {}).get("items", ())
    terms, envelopes = shop.desk.ruleset.terms, view.known.envelopes
    shown = tuple(
        m.HandoverUnit(
            name=Words(
                one.name_zh, envelopes[one.envelope_id].name_en if one.envelope_id in envelopes else one.name_zh
            ),
            batch=one.batch or "",
            content=contents[one.id],
            use_by=one.use_by or shop.desk.now().date(),
            qr_url=f"/kiosk/unit/{one.id}/qr.png",
        )
        for one in units
    )
    items = tuple(
        m.ToldItem(
            key,
            Words(terms.term(key, "zh"), terms.term(key, "en")),
            tuple(dict.fromkeys(one[key] for one in told if key in one)),
            key in ticked,
        )
        for key in wanted
    )
    kept = shop.vault.get("contact", found.consumer_ref) is not None
    return m.HandoverScreen(
        found.service_id, shown, items, shop.settings.shop.phone, asks_contact=found.given("contact"), contact_kept=kept
    )


def hand_over(shop: Shop, actor: Actor, service_id: str, form: FormData) -> None:
    """What was ticked is on record before the hand-over is asked for, so that a refusal loses no tick.

    Raises ValueError for a contact that is no phone number.
    """
    contact = str(form.get("contact", "")).strip()
    if contact and not PHONE.fullmatch(contact):
        raise ValueError("contact: digits, blanks and hyphens only")
    shop.counter.explain(actor, service_id, [str(one) for one in form.getlist("explained")])
    shop.counter.hand_over(actor, service_id, contact=contact or None, recall_card=form.get("recall_card") == "1")


def _told(shop: Shop, view: View, connection: Connection, unit: Unit) -> Told:
    """What is said of one unit, by item."""
    parts = components_of(connection, shop.desk.site_id, unit.id)
    formula = [(view.known.products[part.product_id], part.share_bp) for part in parts]
    envelope = view.known.envelopes.get(unit.envelope_id)
    warned = "".join(label_warnings(connection, shop.desk, view.known, formula))
    stored = "".join(dict.fromkeys(product.storage for product, _ in formula))
    how = envelope.directions if envelope else ""
    why = bound_by(unit.bounded_by, view.known.products, shop.desk.ruleset.terms)
    until = day(unit.use_by) if unit.use_by else "—"
    return {
        "contents": _contents(formula, parts),
        "traits": _both(_traits(formula)),
        "cautions": _both(f"{how}{warned}"),
        "use_period": Words(
            f"请在 {until} 前用完{f'（{why.zh}）' if why else ''}。",
            f"Use it up by {until}{f' ({why.en})' if why else ''}.",
        ),
        "storage": _both(stored),
        "patch_test": PATCH_TEST,
    }


def _contents(formula: list[tuple[Product, int]], parts: list[Component]) -> Words:
    zh = "，".join(f"{product.name_zh} {share / 100:g} %" for product, share in formula)
    en = ", ".join(f"{product.name_en} {share / 100:g} %" for product, share in formula)
    listed = ingredients_text(formula)
    return Words(f"{zh}。{listed}", f"{en}. {listed}")


def _traits(formula: list[tuple[Product, int]]) -> str:
    """What all its sources claim, and how it looks."""
    looks = "；".join(dict.fromkeys(product.sensory for product, _ in formula))
    common = "、".join(claims_in_common(formula))
    return f"{common}。{looks}" if common else looks


def _both(text: str) -> Words:
    return Words(text, text)
