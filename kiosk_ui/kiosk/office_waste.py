"""The desk's page of what is to be destroyed: discarded units, containers set apart, lots; weighed, by two persons."""

from __future__ import annotations

from sqlalchemy import Connection

from kiosk_ui.models.office import Cell, Field, FormView, Key, Table, pick
from store_service.records.desk import Actor
from store_service.samples import waste as acts
from store_service.shop import Shop

from .office import Answer, Page, Told
from .office_after import Shown
from .office_typed import SECOND, at, g, mg, names

APART = " "


def _waste(shop: Shop, connection: Connection) -> Shown:
    waiting = acts.waiting(connection, shop.desk)
    gone, name = acts.destroyed(connection, shop.desk.site_id), names(shop, connection)
    tables = (
        Table(
            "waste",
            ("kind", "subject", "batch", "product", "lot", "reason"),
            tuple(
                (Key(f"waste_{one.kind}"), one.subject, one.batch or "—",
                 name(one.product_id) if one.product_id else "—", one.lot_no or "—",
                 Key(f"waste_{one.why}", "amber"))
                for one in waiting
            ),
        ),
        Table(
            "wasted",
            ("kind", "subject", "mass", "method", "at", "by", "second"),
            tuple(
                (Key(f"waste_{one.kind}"), one.subject, g(one.mass_mg), one.method, at(one.at), one.by, one.second)
                for one in gone
            ),
        ),
    )  # fmt: skip
    subjects: dict[str, Cell] = {
        f"{one.kind}{APART}{one.subject}": (Key(f"waste_{one.kind}"), one.batch or one.subject) for one in waiting
    }
    form = FormView(
        "destroy_waste",
        (pick("waste", subjects), Field("waste_g", "number"), Field("method"), *SECOND),
    )
    return tables, (form,)


def _destroy(shop: Shop, actor: Actor, t: Told) -> Answer:
    kind, _, subject = t("waste").partition(APART)
    acts.destroy(shop.desk, actor, kind, subject, mg(t("waste_g"), "mass_g"), t("method"), t.second(shop))
    return None


waste = Page(_waste, {"destroy_waste": _destroy})
