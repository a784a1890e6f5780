"""A unit's label as it would be printed, and the serials that were."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from PIL import Image
from pylopdf_fonts_zh_cn import sans_path
from sqlalchemy import Connection, select

from store_service.blending.cases import View
from store_service.blending.queries import Component, Unit, components_of
from store_service.catalogue.directory import label_warnings
from store_service.records.desk import Desk, Missing
from store_service.records.tables import blob
from store_service.rules.amounts import component_tolerance
from store_service.rules.case import Code, LabelPart
from store_service.rules.case import Label as LabelFacts
from store_service.rules.checks.claims import NICKNAME
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Product
from store_service.rules.merge import ingredients_text, net_content
from store_service.rules.parties import answering
from store_service.rules.reratio import band
from store_service.stock.queries import find_container, label_stock
from store_service.trace.identifiers import digital_link, make_serial

from .compose import SMALLEST
from .content import LabelContent, PrintedCode, PrintedParty, PrintedSource
from .layout import LabelSet, lay_out
from .qr import side_mm_x100
from .serials import Serial
from .stock import HEADS, STOCKS
from .typeset import Face

SERIALS = 3
WIDE = "R"
"""A label is planned with serials of this letter, and those drawn for it are no wider: four of five are not."""


@dataclass(frozen=True, slots=True)
class PrintedSize:
    """Of a bitmap that was printed: dots of its head, and whole millimetres."""

    width: int
    height: int
    dpi: int

    @property
    def width_mm(self) -> int:
        return round(self.width * 25.4 / self.dpi)

    @property
    def height_mm(self) -> int:
        return round(self.height * 25.4 / self.dpi)


def printed_size(connection: Connection, sha256: str) -> PrintedSize:
    """Raises Missing for a picture that was not kept."""
    body = connection.execute(select(blob.c.body).where(blob.c.sha256 == sha256, blob.c.media == "image/png")).scalar()
    if body is None:
        raise Missing("label", sha256)
    with Image.open(io.BytesIO(body)) as picture:
        return PrintedSize(*picture.size, round(picture.info["dpi"][0]))


def content_of(
    view: View,
    desk: Desk,
    unit: Unit,
    parts: Sequence[Component],
    codes: tuple[PrintedCode, ...],
    *,
    resolution_mg: int,
) -> LabelContent | None:
    """What the unit's label says; None while a product or the envelope is unknown. Before the check weigh the planned
    mass and the first usable lots stand in, so that the text can be laid out before anything is dosed (R-LAB-18)."""
    envelope, site, shop = view.known.envelopes.get(unit.envelope_id), desk.site, desk.shop
    formula = [(view.known.products.get(part.product_id), part.share_bp) for part in parts]
    known = [(product, bp) for product, bp in formula if product is not None]
    if envelope is None or site is None or shop is None or len(known) != len(parts):
        return None
    made = beijing_date(unit.started_at or view.now)
    use_by = unit.use_by or (bound.date if (bound := view.use_by(unit, parts)) else None) or made
    net = net_content(unit.net_mg or unit.target_mg, resolution_mg)
    decant = unit.kind == "decant"
    only = known[0][0]
    filer, responsible = answering(site.filer, only)
    return LabelContent(
        name_zh=only.name_zh if decant else unit.name_zh,
        filer=PrintedParty(filer.name, filer.address),
        responsible=PrintedParty(responsible.name, responsible.address) if responsible else None,
        producer=PrintedParty(site.filer.name, site.filer.address, site.filer.licence.number),
        standards=tuple(dict.fromkeys(product.executed_standard for product, _ in known)),
        ingredients=ingredients_text(known),
        net_mg=net.label_mg,
        net_content=net.text.partition("：")[2],
        use_by=use_by,
        blend_date=made,
        batch=unit.batch or f"{desk.site_id}-{made:%y%m%d}-0000X",
        directions=only.directions if decant else envelope.directions,
        warnings="".join(label_warnings(view.connection, desk, view.known, known)),
        storage="".join(dict.fromkeys(product.storage for product, _ in known)),
        store_name=shop.name_zh,
        roster_no=shop.roster_doc,
        sources=tuple(
            _printed(view, desk, part, product, decant) for part, (product, _) in zip(parts, known, strict=True)
        ),
        consumer_code=unit.service_id[-6:].upper(),
        codes=codes,
        decant=decant,
        reprint=max(0, unit.prints),
    )


def _printed(view: View, desk: Desk, part: Component, product: Product, decant: bool) -> PrintedSource:
    containers = [find_container(view.connection, desk.site_id, one) for one in part.containers]
    planned = view.source(part).container
    chosen = [one for one in containers if one is not None] or ([planned] if planned is not None else [])
    lots = tuple(dict.fromkeys(one.lot_no for one in chosen))
    known = [view.known.lots.get((part.product_id, lot)) for lot in lots]
    expiry = min((one.expiry for one in known if one is not None), default=beijing_date(view.now))
    return PrintedSource(
        name=product.name_zh,
        filing_number=product.filing_number,
        lots=lots or ("-",),
        expiry=expiry,
        share_bp=None if decant else part.share_bp,
        maker=product.producer.name,
    )


def lay(
    view: View,
    desk: Desk,
    unit: Unit,
    *,
    public_base: str,
    bench_id: str,
    resolution_mg: int,
    dpi: int = 203,
    serials: Sequence[str] = (),
    nickname: str = "",
    parts: Sequence[Component] | None = None,
) -> tuple[LabelSet, LabelContent] | None:
    """Lay out a unit's label set for the stock that is loaded; None while something that it says is unknown.

    Before the check weigh it fits only where it would at every mass within tolerance, so that no text is without room
    once the product is in the cup (R-LAB-18). `nickname` is left out again where it takes a further label or finds no
    room on the pack. `parts`: its components as they would be, where they are not those on record."""
    stock = STOCKS.get(label_stock(view.connection, desk.site_id, bench_id) or "")
    parts = components_of(view.connection, desk.site_id, unit.id) if parts is None else parts
    names = tuple(serials) or (_planned_serial(desk.site_id),) * SERIALS
    codes = tuple(PrintedCode(one, digital_link(public_base, unit.gtin, one)) for one in names)
    content = content_of(view, desk, unit, parts, codes, resolution_mg=resolution_mg)
    if stock is None or content is None:
        return None
    weights = (content,) if unit.net_mg else at_the_edges(content, weights_within(parts), resolution_mg)
    laid = [lay_out(one, stock, str(sans_path()), dpi) for one in weights]
    bad = next((place for place, one in enumerate(laid) if not one.fits), None)
    if bad is not None:
        others = [one for one in STOCKS.values() if one is not stock]
        fits_on = tuple(
            one.key for one in others if all(lay_out(each, one, str(sans_path()), dpi).fits for each in weights)
        )
        edge_mg = weights[bad].net_mg if bad else None
        return replace(laid[bad], stock=stock.key, fits_on=fits_on, edge_mg=edge_mg), weights[bad]
    if nickname:
        wished = [replace(one, nickname=nickname) for one in weights]
        named = [lay_out(one, stock, str(sans_path()), dpi) for one in wished]
        room = (len(one.parts) == len(bare.parts) for one, bare in zip(named, laid, strict=True))
        if all(room) and all(one.fits and "nickname" in one.on_pack for one in named):
            return replace(named[0], stock=stock.key), wished[0]
    return replace(laid[0], stock=stock.key), content


def draw_serials(site: str, random: Callable[[int], int], dpi: int) -> list[str]:
    """New serials for a set. The foot of a small label has room for no wider ones than it was planned with (R-LAB-18);
    what is given up by that is less than one bit of 65. `random(n)` gives an unpredictable integer in [0, n)."""
    face, size = Face(str(sans_path())), HEADS[dpi].eighths(SMALLEST)
    most = face.width(_planned_serial(site), size)
    fit = (one for one in iter(partial(make_serial, site, random), None) if face.width(one, size) <= most)
    return list(islice(fit, SERIALS))


def _planned_serial(site: str) -> str:
    return f"{site}-{WIDE * 13}"


def weights_within(parts: Sequence[Component]) -> tuple[int, int]:
    """The lightest and the heaviest unit that R-BLD-07 lets pass; a component that landed as it is aimed stays so."""
    lightest = heaviest = 0
    for part in parts:
        tolerance_mg = component_tolerance(part.target_mg, part.abs_tol_mg, part.rel_tol_bp)
        under, over = band(part.target_mg, tolerance_mg, active=part.one_sided)
        landed = part.actual_mg == part.target_mg
        lightest += part.target_mg - (0 if landed else under)
        heaviest += part.target_mg + (0 if landed else over)
    return lightest, heaviest


def at_the_edges(content: LabelContent, weights: Sequence[int], resolution_mg: int) -> tuple[LabelContent, ...]:
    """The label as planned, then at those of these masses where its figure is set in another way."""
    found = {content.figure(): content}
    for mass_mg in weights:
        one = content.weighing(max(mass_mg, resolution_mg), resolution_mg)
        found.setdefault(one.figure(), one)
    return tuple(found.values())


def nickname(name: str) -> dict[str, str]:
    """The name that the consumer asked for as a text to be screened; nothing where there is none."""
    return {NICKNAME: name} if name else {}


def facts(laid: tuple[LabelSet, LabelContent] | None, printed: Sequence[Serial] = ()) -> LabelFacts | None:
    """The label as a gate sees it."""
    if laid is None:
        return None
    found, content = laid
    return LabelFacts(
        items=found.items,
        on_pack=found.on_pack,
        fits=found.fits,
        net_mg=content.net_mg,
        net_numeral_mm_x100=found.net_numeral_mm_x100,
        min_char_mm_x100=found.min_char_mm_x100,
        leaflet=found.leaflet,
        code=_code(found),
        foreign_larger=found.foreign_larger,
        stock=found.stock,
        fits_on=found.fits_on,
        edge_mg=found.edge_mg,
        parts=tuple(_part(one) for one in printed),
        name_requested=bool(content.nickname),
    )


def _part(one: Serial) -> LabelPart:
    printed_at = None if one.state == "reserved" else one.printed_at
    return LabelPart(one.medium, one.serial, printed_at, one.verified_at, one.state == "voided")


def _code(laid: LabelSet) -> Code | None:
    link = laid.parts[0].code.link if laid.parts else None
    return Code(link, side_mm_x100(link)) if link is not None else None
