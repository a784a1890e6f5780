"""How a visit ends on the screen: what the officer decides, the hand-over, done."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request
from fastapi.responses import Response

from kiosk_ui import models as m
from kiosk_ui.models import Words
from store_service.blending.cases import View
from store_service.blending.queries import GONE, Unit, components_of
from store_service.consultation.queries import Service
from store_service.rules.amounts import net_content
from store_service.rules.merge import merged_ingredients
from store_service.rules.refusal import Verdict
from store_service.shop import Station

from .door import Kiosk
from .handover import handover_screen
from .home import tiles
from .shift import CLEANING


class VisitEnd:
    """The last screens of one service, and the officer's."""

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk, self.shop = kiosk, kiosk.shop

    def officer(self, request: Request, found: Service, units: list[Unit], open_: list[m.Undecided]) -> Response:
        with self.shop.desk.read() as connection:
            known = View.at(self.shop.desk, connection).known
            lists = []
            for one in units:
                if one.state in GONE:
                    continue
                parts = components_of(connection, self.shop.desk.site_id, one.id)
                formula = [(known.products[part.product_id], part.share_bp) for part in parts]
                told = "、".join(each.cn_name for each in merged_ingredients(formula))
                lists.append((Words(one.name_zh, one.name_zh), told))
        screen = m.OfficerScreen(found.service_id, tuple(open_), tuple(lists), tiles(self.shop, "officer"))
        frame = self.kiosk.frame(request, step=5, personal=True)
        return self.kiosk.page(request, "officer", screen=screen, frame=frame)

    def hand_over(self, request: Request, found: Service, units: list[Unit]) -> Response:
        contents = {one.id: said_content(one.net_mg, self.shop.station_of(one.bench_id)) or "" for one in units}
        screen = handover_screen(self.shop, found, units, contents)
        frame = self.kiosk.frame(request, step=10, personal=True)
        return self.kiosk.page(request, "handover", screen=screen, frame=frame)

    def done(self, request: Request, found: Service, units: list[Unit]) -> Response:
        ended = found.handed_over_at or self.shop.desk.now()
        screen = m.DoneScreen(
            batches=tuple(one.batch or "" for one in units if one.state == "handed_over"),
            minutes=max(1, (ended - found.opened_at) // timedelta(minutes=1)),
            wiped_at=ended,
            clean=CLEANING,
        )
        return self.kiosk.page(request, "done", screen=screen, frame=self.kiosk.frame(request, step=11))


def undecided(verdict: Verdict | None) -> list[m.Undecided]:
    """The allergens that a verdict leaves to the officer, each once."""
    found: dict[str, tuple[str, ...]] = {}
    for no in verdict.refusals if verdict else ():
        if no.rule == "R-CON-08" and "may_hide_in" in no.facts:
            may = no.facts["may_hide_in"]
            told = tuple(may) if isinstance(may, list | tuple) else (str(may),)
            found[str(no.facts["allergen"])] = (*found.get(str(no.facts["allergen"]), ()), *told)
    return [m.Undecided(allergen, tuple(dict.fromkeys(may))) for allergen, may in found.items()]


def said_content(net_mg: int | None, station: Station) -> str | None:
    """The net content in the words of the label: '30.0 g'."""
    if not net_mg or net_mg <= 0:
        return None
    return net_content(net_mg, station.settings.scale.resolution_mg).text.partition("：")[2]
