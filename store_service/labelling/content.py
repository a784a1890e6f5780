"""Everything that a unit's label says, before anybody has decided where it stands (R-LAB-02, 03, 05, 07)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from store_service.rules.amounts import net_content, numeral_min_mm_x100

PERSONALISED = "个性化服务产品"
SMALL_PACK_MG = 15_000  # R-LAB-04
ON_SMALL_PACK = ("name", "filer", "net_content", "use_by", "batch")


@dataclass(frozen=True, slots=True)
class PrintedParty:
    """A company as printed. `licence` is the production licence number, "" where none is printed."""

    name: str
    address: str
    licence: str = ""


@dataclass(frozen=True, slots=True)
class PrintedSource:
    """One source product; `lots` holds a second one when a container ran out (R-BLD-21); no `share_bp` on a decant."""

    name: str
    filing_number: str
    lots: tuple[str, ...]
    expiry: date
    share_bp: int | None = None
    maker: str = ""


@dataclass(frozen=True, slots=True)
class PrintedCode:
    """One physical label's own serial and the Digital Link in its QR."""

    serial: str
    link: str


@dataclass(frozen=True, slots=True)
class LabelContent:
    """The text of one unit's label. `codes` holds one for each physical label that may be used, two for most shops: the
    layout takes as many as it needs, in order. `reprint` counts earlier prints; `training` marks what is not for sale.
    Empty texts are left out and missed by the rules, never invented here. `nickname` is the name that the consumer
    asked for; it stands in the place of the code (R-LAB-09, 17). `ingredients` of several lines are the lists of the
    sources, each after its product's name (R-LAB-06). `responsible` answers at home for sources from abroad."""

    name_zh: str
    filer: PrintedParty
    producer: PrintedParty
    standards: tuple[str, ...]
    ingredients: str
    net_mg: int
    net_content: str
    use_by: date
    blend_date: date
    batch: str
    directions: str
    warnings: str
    storage: str
    store_name: str
    roster_no: str
    sources: tuple[PrintedSource, ...]
    consumer_code: str
    codes: tuple[PrintedCode, ...]
    decant: bool = False
    reprint: int = 0
    training: bool = False
    nickname: str = ""
    responsible: PrintedParty | None = None

    def weighing(self, mass_mg: int, step_mg: int) -> LabelContent:
        """The same text on a unit of another mass, read from a scale of step `step_mg`."""
        net = net_content(mass_mg, step_mg)
        return replace(self, net_mg=net.label_mg, net_content=net.text.partition("：")[2])

    def figure(self) -> tuple[int, int, bool]:
        """What of the mass decides the layout: the figure's length, its least height, and whether the pack is small.
        The font's digits are all of one width."""
        return len(self.net_content), numeral_min_mm_x100(self.net_mg), self.net_mg <= SMALL_PACK_MG

    def items(self) -> dict[str, str]:
        """Printed text by item key, in the words of `rules.case.Label.items`; headings are not part of it."""
        return {
            "name": clean(self.name_zh),
            "personalised": PERSONALISED,
            "net_content": clean(self.net_content),
            "use_by": self.use_by.isoformat(),
            "batch": clean(self.batch),
            "blend_date": self.blend_date.isoformat(),
            "ingredients": clean(self.ingredients),
            "directions": clean(self.directions),
            "warnings": clean(self.warnings),
            "storage": clean(self.storage),
            "sources": " ".join(clean(source.filing_number).join(self.phrase(source)) for source in self.sources),
            "standard": " ".join(clean(standard) for standard in self.standards),
            "filer": clean(self.filer.name),
            "filer_address": clean(self.filer.address),
            "responsible": clean(self.responsible.name) if self.responsible else "",
            "responsible_address": clean(self.responsible.address) if self.responsible else "",
            "producer": clean(self.producer.name),
            "producer_address": clean(self.producer.address),
            "producer_licence": clean(self.producer.licence),
            "store": clean(f"{self.store_name}，名单编号 {self.roster_no}" if self.roster_no else self.store_name),
            "consumer_code": "" if self.nickname else clean(self.consumer_code),
            "nickname": clean(self.nickname),
        }

    def phrase(self, source: PrintedSource) -> tuple[str, str]:
        """One source as it is printed before and after its filing number: name and share; lots, expiry, and its maker
        where that is not the producer, who stands on the label anyway."""
        share = "" if source.share_bp is None else f" {share_text(source.share_bp)}"
        lots = "、".join(clean(lot) for lot in source.lots)
        maker = clean(source.maker)
        maker = f"，{maker}" if maker not in ("", clean(self.producer.name)) else ""
        return clean(source.name) + share + "，", f"，批号 {lots}，限用至 {source.expiry.isoformat()}{maker}"


def clean(text: str) -> str:
    """Text as it is set: runs of white space are one blank, none at the ends."""
    return re.sub(r"\s+", " ", text).strip()


def share_text(share_bp: int) -> str:
    """Basis points as per cent without idle zeros: 3350 is 33.5%."""
    whole, part = divmod(share_bp, 100)
    return f"{whole}.{part:02d}".rstrip("0").rstrip(".") + "%"
