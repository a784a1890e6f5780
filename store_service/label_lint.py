"""A label document asked as the label that is about to be printed, without a shop around it (`label-lint`).

The document has the text and layout of one finished label set, and in `[decided]` what the record says and the label
must repeat (config/demo/label.toml). Products, envelope, filer and rule parameters are those of a folder of registers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from store_service.demo.overlay import Overlay, read_document, store_settings
from store_service.http import finding_json
from store_service.rules.amounts import targets
from store_service.rules.case import Case, Code, Label, LabelPart, PlannedUnit, Progress, Site, Source
from store_service.rules.catalogue import RuleSet, load
from store_service.rules.dates import BEIJING
from store_service.rules.dossier import (
    Document,
    EnvelopeRegister,
    Filer,
    LotRegister,
    ProductRegister,
    Roster,
    RuleParameters,
)
from store_service.rules.gates import ask
from store_service.rules.refusal import Verdict
from store_service.rules.words import LONGEST
from store_service.text_lint import lint_text


class Decided(Document):
    envelope_id: str
    net_mg: int
    use_by: date
    blended_on: date


class Part(Document):
    medium: str
    serial: str
    printed_at: AwareDatetime | None = None
    scanned_back_at: AwareDatetime | None = None
    voided: bool = False


class LabelDocument(Document):
    """The file's shape; `items` and `on_pack` use the keys of `rules.case.Label`. Heights are hundredths of a mm."""

    fits: bool
    net_mg: int
    net_numeral_mm_x100: int
    min_char_mm_x100: int
    leaflet: bool
    free_text: tuple[Annotated[str, Field(max_length=LONGEST)], ...] = ()
    nickname: str = Field(default="", max_length=LONGEST)
    name_requested: bool = False
    code_text: str | None = None
    code_side_mm_x100: int | None = None
    on_code: tuple[str, ...] = ()
    foreign_larger: tuple[str, ...] = ()
    on_pack: tuple[str, ...]
    decided: Decided
    items: Mapping[str, Annotated[str, Field(max_length=LONGEST)]]
    parts: tuple[Part, ...]

    def label(self) -> Label:
        return Label(
            items=self.items,
            on_pack=frozenset(self.on_pack),
            fits=self.fits,
            net_mg=self.net_mg,
            net_numeral_mm_x100=self.net_numeral_mm_x100,
            min_char_mm_x100=self.min_char_mm_x100,
            parts=tuple(LabelPart(**part.model_dump()) for part in self.parts),
            leaflet=self.leaflet,
            free_text=self.free_text,
            code=None if self.code_text is None else Code(self.code_text, self.code_side_mm_x100 or 0),
            on_code=frozenset(self.on_code),
            foreign_larger=self.foreign_larger,
            name_requested=self.name_requested,
        )

    def progress(self) -> Progress:
        """Weighed and signed as decided: what is linted is the label alone."""
        decided = self.decided
        begun = datetime.combine(decided.blended_on, time(), BEIJING)
        return Progress(
            unit_id="label",
            state="signed",
            batch=self.items.get("batch"),
            started_at=begun,
            signed_at=begun,
            net_mg=decided.net_mg,
            use_by=decided.use_by,
            computed_use_by=decided.use_by,
        )


def lint(file: Path, config: Path, registers: Path, overlay: Path | None, now: datetime) -> dict[str, Any]:
    """{gate, allowed, asked, refusals, warnings} of gate `print`; a file that is no TOML is asked for words alone.
    Raises as `judge`."""
    ruleset = load(config / "rules", config / "provinces.toml")
    if file.suffix != ".toml":
        return lint_text(file, ruleset)
    over = Overlay.read(overlay) if overlay else Overlay()
    verdict = judge(file, config, registers, over, now, ruleset)
    return {
        "gate": verdict.gate,
        "allowed": verdict.allowed,
        "asked": len(verdict.asked),
        "refusals": [finding_json(one) for one in verdict.refusals],
        "warnings": [finding_json(one) for one in verdict.warnings],
    }


def judge(file: Path, config: Path, registers: Path, over: Overlay, now: datetime, ruleset: RuleSet) -> Verdict:
    """What gate `print` says of a label in a file. Raises ValueError (pydantic names the field) for a document that is
    not one, or an envelope that is not registered."""
    document = LabelDocument.model_validate(read_document(file, now, {file.stem: over.changes.get("label", {})}))
    return ask("print", _case(document, config, registers, ruleset, now, over), ruleset)


def _case(
    document: LabelDocument, config: Path, registers: Path, ruleset: RuleSet, now: datetime, over: Overlay
) -> Case:
    def read(name: str) -> dict[str, Any]:
        return read_document(registers / f"{name}.toml", now, over.changes)

    settings = store_settings(config, now, Overlay())
    shop = settings.shop
    products = ProductRegister.model_validate({"filer_id": settings.filer_id, "attested_at": now, **read("products")})
    envelopes = EnvelopeRegister.model_validate(read("envelopes"))
    parameters = RuleParameters.model_validate(read("rules"))
    lots = LotRegister.model_validate(read("lots"))
    return Case(
        now=now,
        site=Site(shop.store_id, shop.province, shop.ownership, Filer.model_validate(read("filer"))),
        params=ruleset.params(shop.province, parameters.overrides),
        roster=Roster.model_validate(read("roster")),
        unit=_unit(document.decided, products, envelopes, lots),
        label=document.label(),
        texts={"nickname": document.nickname} if document.nickname else {},
        progress=document.progress(),
        allergen_groups=parameters.allergen_groups,
        clock_ok=True,
    )


def _unit(decided: Decided, products: ProductRegister, envelopes: EnvelopeRegister, lots: LotRegister) -> PlannedUnit:
    """The unit of a label that has no bottle yet: a released lot of each product stands for the one in it."""
    envelope = next((one for one in envelopes.envelopes if one.envelope_id == decided.envelope_id), None)
    if envelope is None:
        raise ValueError(f"decided.envelope_id: {decided.envelope_id} is not registered")
    by_id = {one.product_id: one for one in products.products}
    lot_of = {one.product_id: one for one in lots.lots if one.status == "released" and one.hold is None}
    masses = targets(decided.net_mg, envelope.default_bp)
    return PlannedUnit(
        unit_id="label",
        kind=envelope.kind,
        envelope=envelope,
        envelope_id=envelope.envelope_id,
        target_mg=decided.net_mg,
        sources=tuple(
            Source(
                part.product_id,
                by_id.get(part.product_id),
                share,
                mass,
                lot=lot_of.get(part.product_id),
                register_attested_at=products.attested_at,
            )
            for part, share, mass in zip(envelope.components, envelope.default_bp, masses, strict=True)
        ),
    )
