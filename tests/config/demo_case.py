"""The demo as the gates see it: one service of the overlay's documents and acts, without a shop around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast

from store_service.rules.amounts import largest_remainder, net_content
from store_service.rules.case import (
    Bench,
    Case,
    Code,
    Consumer,
    Container,
    Cup,
    Dosed,
    Label,
    LabelPart,
    Person,
    PlannedUnit,
    Progress,
    Receipt,
    Site,
    Source,
    Sync,
)
from store_service.rules.catalogue import RuleSet
from store_service.rules.checks.people import stands_as_officer
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import (
    Envelope,
    EnvelopeRegister,
    Filer,
    LotRegister,
    PackSpec,
    ProductRegister,
    ReadinessRegister,
    Roster,
    RuleParameters,
    StaffRegister,
)
from store_service.rules.matters import Matter, ReactionCase
from store_service.rules.merge import ingredients_text
from tests.rules.cases import EXPLAINED, MATTERS, PIA, RECORD

from .documents import NOW, document, snapshot

BLENDER, RELEASER, LAST = "s-01", "s-02", "SRC-OILCTL"
UNITS = [{"envelope_id": "ENV-TONER", "fill_mg": 30_000, "pack_sku": "PK-30"}]

HALF_MADE = ("resume", "reratio")


class Demo:
    """An overlay's documents and acts; `case(gate)` is what a command would hand to that gate."""

    def __init__(self, overlay: Mapping[str, Any], ruleset: RuleSet) -> None:
        self.now = datetime.fromisoformat(overlay["clock"]) if "clock" in overlay else NOW
        self.today = beijing_date(self.now)
        self.act: dict[str, Any] = overlay.get("act", {})
        changes: dict[str, dict[str, Any]] = overlay.get("set", {})
        self.store, self.opening, self.label_file = (
            document(name, changes.get(name), self.now) for name in ("store", "opening", "label")
        )
        self.products, self.lots, self.envelopes, self.roster, self.staff, self.parameters, self.readiness = (
            snapshot(name, changes.get(name), self.now)
            for name in ("products", "lots", "envelopes", "roster", "staff_register", "rules", "readiness")
        )
        shop = self.store["shop"]
        filer = Filer.model_validate(document("filer", changes.get("filer"), self.now))
        licence = shop.get("store_licence", {})
        self.site = Site(
            shop["store_id"],
            shop["province"],
            shop["ownership"],
            filer,
            licence.get("number"),
            licence.get("valid_to"),
            len(self.store["benches"]),
        )
        self.rules = cast(RuleParameters, self.parameters)
        self.params = ruleset.params(shop["province"], self.rules.overrides)
        self.units = tuple(self._unit(n, row) for n, row in enumerate(self.act.get("units", UNITS), 1))

    def case(self, gate: str) -> Case:
        standing = Case(
            now=self.now,
            site=self.site,
            params=self.params,
            shelf=self._shelf(),
            roster=cast(Roster, self.roster),
            person=self._person(self.act.get("releaser", RELEASER) if gate in ("sign", "release") else BLENDER),
            officers_on_duty=tuple(s for s in self.opening["shift"]["on_duty"] if self._officer(s)),
            readiness=cast(ReadinessRegister, self.readiness),
            sync=Sync(has_hub=True),
            started_today=self.act.get("started_today", 0),
            record=self._record(),
            bench=self._bench(),
            allergen_groups=self.rules.allergen_groups,
            clock_ok=True,
            explained=tuple(one for one in EXPLAINED if one not in self.act.get("skip", ())),
            recall_by=None if "recall_card" in self.act.get("skip", ()) else "card",
        )
        if gate == "receive":
            return replace(standing, receipt=self._receipt())
        if gate in ("sign_in", "open_service"):
            return standing
        if gate in MATTERS:
            params = {**self.params, **PIA} if gate == "image" else self.params
            return replace(standing, person=self._person(RELEASER), params=params, matter=self._matter(gate))
        standing = replace(standing, consumer=self._consumer(gate))
        if gate in ("consult", "verdict", "hand_over"):
            units = tuple(replace(one, use_by=self._use_by(cast(Envelope, one.envelope))) for one in self.units)
            return replace(standing, units=units, label=self._label(), texts=self._texts(), bench=self._bench())
        unit = self.units[0]
        source = self._in_hand(unit, gate) if gate in ("scan", "dose") else None
        return replace(
            standing,
            unit=unit,
            source=source,
            cup=self._cup(unit),
            progress=self._progress(unit, gate),
            label=self._label(),
            texts=self._texts(),
            name_fits=True,
        )

    def _matter(self, gate: str) -> Matter:
        """What is in hand after the sale; its times are the demo's."""
        return ReactionCase(self.now) if gate == "reaction" else MATTERS[gate]

    def linted(self) -> Case:
        """The label file asked as the label that is about to be printed."""
        decided, file = self.label_file["decided"], self.label_file
        at = datetime.combine(decided["blended_on"], datetime.min.time(), NOW.tzinfo)
        label = Label(
            items=file["items"],
            on_pack=frozenset(file["on_pack"]),
            parts=tuple(LabelPart(**part) for part in file["parts"]),
            free_text=tuple(file["free_text"]),
            code=Code(file["code_text"], file["code_side_mm_x100"]),
            on_code=frozenset(file.get("on_code", ())),
            foreign_larger=tuple(file.get("foreign_larger", ())),
            name_requested=file.get("name_requested", False),
            **{k: file[k] for k in ("fits", "net_mg", "net_numeral_mm_x100", "min_char_mm_x100", "leaflet")},
        )
        progress = replace(
            self._progress(self.units[0], "print"),
            started_at=at,
            use_by=decided["use_by"],
            computed_use_by=decided["use_by"],
            net_mg=decided["net_mg"],
        )
        texts = {"nickname": file["nickname"]} if file.get("nickname") else {}
        return replace(self.case("print"), label=label, progress=progress, texts=texts)

    def _shelf(self) -> tuple[Any, ...]:
        held = {row["product_id"] for row in self.opening["containers"]}
        return tuple(one for one in cast(ProductRegister, self.products).products if one.product_id in held)

    def _officer(self, staff_id: str) -> bool:
        rows = {row.staff_id: row for row in cast(StaffRegister, self.staff).staff}
        return stands_as_officer(rows[staff_id], rows, self.site, self.today)

    def _record(self) -> dict[str, Any]:
        roster = cast(Roster, self.roster).rows
        return {
            **RECORD,
            "store": {**RECORD["store"], "roster": roster[0].doc_no if roster else ""},
            "people": {**RECORD["people"], "blender": BLENDER, "releaser": self.act.get("releaser", RELEASER)},
        }

    def _person(self, staff_id: str) -> Person:
        row = next(row for row in cast(StaffRegister, self.staff).staff if row.staff_id == staff_id)
        return Person(staff_id, row, True if staff_id in self.opening["shift"]["fit"] else None)

    def _consumer(self, gate: str) -> Consumer:
        skip = self.act.get("skip", [])
        return Consumer(
            notice_version=None if "notice" in skip else "N1",
            consents=frozenset() if "consent" in skip else frozenset({"allergy", "questionnaire"}),
            needed_consents=frozenset({"allergy"}),
            bundled_consent=self.act.get("bundled_consent", False),
            age=self.act.get("age", 25),
            consulted_at=None if "consultation" in skip else self.now - timedelta(minutes=5),
            judged_at=self.now - timedelta(minutes=4),
            allergies=tuple(self.act.get("allergy", ())),
            conditions=frozenset(self.act.get("condition", ())),
            withdrawn=frozenset(self.act.get("withdraw", ()) if gate != "consult" else ()),
            review_open=self.act.get("review", False),
        )

    def _bench(self) -> Bench:
        scale, room = self.store["benches"][0]["scale"], self.opening["room"]
        earlier = self.now - timedelta(minutes=20)
        return Bench(
            scale_id=scale["scale_id"],
            certificate_no=scale["certificate_no"],
            verified_to=scale["verified_to"],
            resolution_mg=scale["resolution_mg"],
            checked_at=earlier,
            check_passed=True,
            cleaned_at=earlier if self.opening["cleaning"]["done"] else None,
            temp_c10=room["temp_c10"],
            rh_pct10=room["rh_pct10"],
            room_recorded_at=earlier,
            cleared_for=None if "clearance" in self.act.get("skip", []) else "u-1",
        )

    def _texts(self) -> dict[str, str]:
        return {unit.unit_id: unit.envelope.name_zh for unit in self.units if unit.envelope is not None}

    def _receipt(self) -> Receipt:
        row = next(row for row in self.opening["deliveries"] if row["product_id"] == LAST)
        fields = {key: str(value) for key, value in row["fields"].items() if key != self.act.get("receipt_without")}
        source = self._source(LAST, None, 0, 0)
        lot = self._lot(LAST, row["lot_no"])
        return Receipt(LAST, source.product, lot, fields, source.register_attested_at, row["expiry"])

    def _unit(self, number: int, row: Mapping[str, Any]) -> PlannedUnit:
        register = cast(EnvelopeRegister, self.envelopes)
        envelope = next(e for e in register.envelopes if e.envelope_id == row["envelope_id"])
        shares = row.get("shares_bp", envelope.default_bp)
        targets = largest_remainder(row["fill_mg"], shares)
        sources = tuple(
            self._source(part.product_id, self._planned(part.product_id), share, target)
            for part, share, target in zip(envelope.components, shares, targets, strict=True)
        )
        pack = next(p for p in register.packs if p.sku == row["pack_sku"])
        return PlannedUnit(f"u-{number}", envelope.kind, envelope, row["envelope_id"], row["fill_mg"], sources, pack)

    def _source(self, product_id: str, container: Container | None, share: int, target: int) -> Source:
        register = cast(ProductRegister, self.products)
        spare = sum(
            max(0, other.remaining_mg - other.heel_mg)
            for other in self._usable(product_id)
            if container is None or other.container_id != container.container_id
        )
        return Source(
            product_id=product_id,
            product=next((p for p in register.products if p.product_id == product_id), None),
            share_bp=share,
            target_mg=target,
            lot=self._lot(product_id, container.lot_no) if container else None,
            container=container,
            register_attested_at=register.attested_at,
            spare_mg=spare,
        )

    def _lot(self, product_id: str, lot_no: str) -> Any:
        lots = cast(LotRegister, self.lots).lots
        return next((lot for lot in lots if (lot.product_id, lot.lot_no) == (product_id, lot_no)), None)

    def _containers(self) -> list[Container]:
        return [
            Container(
                container_id=row["container_id"],
                product_id=row["product_id"],
                lot_no=row["lot_no"],
                kind=row["kind"],
                state="opened" if "opened" in row else "closed",
                opened_at=row.get("opened"),
                remaining_mg=row["net_mg"],
                heel_mg=row["heel_mg"],
                filled_on=row.get("filled_on"),
                position=row.get("position"),
            )
            for row in self.opening["containers"]
        ]

    def _usable(self, product_id: str) -> list[Container]:
        """Opened ones first, of lots that are released and in date, not opened for longer than a year."""
        found = []
        for container in self._containers():
            lot = self._lot(product_id, container.lot_no) if container.product_id == product_id else None
            young = container.opened_at is None or self.now - container.opened_at < timedelta(days=365)
            if lot is not None and lot.status == "released" and lot.expiry >= self.today and young:
                found.append(container)
        return sorted(found, key=lambda c: c.state != "opened")

    def _planned(self, product_id: str) -> Container | None:
        return next(iter(self._usable(product_id)), None)

    def _in_hand(self, unit: PlannedUnit, gate: str) -> Source:
        held = [one for one in unit.sources if one.lot is not None and one.lot.lot_no == self.act.get("hold_lot")]
        source = (*unit.sources, *held)[-1]
        scanned = self.act.get("second_container") or self.act.get("container")
        if scanned:
            container = next(c for c in self._containers() if c.container_id == scanned)
            before = replace(source.container, state="empty") if source.container else None
            source = replace(
                source, container=container, lot=self._lot(source.product_id, container.lot_no), before=before
            )
        if gate == "dose" and source.lot is not None and source.lot.lot_no == self.act.get("hold_lot"):
            source = replace(source, lot=source.lot.model_copy(update={"hold": "QA"}))
        return source

    def _cup(self, unit: PlannedUnit) -> Cup:
        received = {row["pack_lot"]: row["sku"] for row in self.opening["packs"]}
        pack = cast(PackSpec, unit.pack)
        lot = self.act.get("pack_lot") or next(lot for lot, sku in received.items() if sku == pack.sku)
        gross = (pack.tare_min_mg + pack.tare_max_mg) // 2
        own = self.act.get("own_container", False)
        return Cup(lot, received.get(lot), own, gross, visual_ok=True, pack_received=lot in received)

    def _progress(self, unit: PlannedUnit, gate: str) -> Progress:
        envelope = cast(Envelope, unit.envelope)
        dosed = []
        for part, source in zip(envelope.components, unit.sources, strict=True):
            extra = self.act.get("pour_extra_mg", 0) if source is unit.sources[-1] else 0
            lot, container = source.lot, source.container
            dosed.append(
                Dosed(
                    source.product_id,
                    source.target_mg,
                    source.target_mg + extra,
                    part.abs_tol_mg,
                    part.rel_tol_bp,
                    part.one_sided,
                    (lot.lot_no,) if lot else (),
                    (container.container_id,) if container else (),
                    manual=self.act.get("typed_code", False),
                )
            )
        swapped = self.act.get("swap_cup", False)
        done = dosed if gate not in ("scan", "dose") or self.act.get("second_container") else dosed[:-1]
        if gate == "dose" and "pour_extra_mg" in self.act:
            done = dosed[-1:]  # it came first, and the base waits
        use_by = self._use_by(envelope)
        return Progress(
            unit_id=unit.unit_id,
            state="stopped" if gate == "resume" else "dosing",
            batch=f"SH0042-{self.today:%y%m%d}-0001X",
            started_at=self.now - timedelta(minutes=4),
            stopped_at=self.now - timedelta(minutes=self.act.get("pause_minutes", 5)) if gate in HALF_MADE else None,
            dosed=tuple(done),
            net_mg=sum(d.actual_mg for d in dosed) - self.act.get("spill_mg", 0),
            gross_now_mg=18_900 if swapped else 44_100,
            gross_expected_mg=44_100,
            cup_scanned="P-30-2609",
            cup_expected="P-30-2609",
            appearance_ok=True,
            odour_ok=True,
            homogeneous_ok=self.act.get("homogeneous_ok", True),
            mixed=True,
            blender_id=BLENDER,
            releaser_id=self.act.get("releaser", RELEASER),
            signed_at=None if self.act.get("print_before_sign") else self.now,
            use_by=use_by,
            computed_use_by=use_by,
        )

    def _use_by(self, envelope: Envelope) -> date:
        return self.today + timedelta(days=envelope.in_use_days)

    def _label(self) -> Label:
        unit = self.units[0]
        envelope, filer = cast(Envelope, unit.envelope), self.site.filer
        formula = [(source.product, source.share_bp) for source in unit.sources if source.product]
        content = net_content(unit.target_mg, self.store["benches"][0]["scale"]["resolution_mg"])
        items = self.label_file["items"] | {
            "name": envelope.name_zh,
            "filer": filer.name,
            "filer_address": filer.address,
            "directions": envelope.directions,
            "warnings": "".join(dict.fromkeys(w for product, _ in formula for w in product.warnings)),
            "ingredients": ingredients_text(formula),
            "net_content": content.text,
            "use_by": self._use_by(envelope).isoformat(),
            "blend_date": self.today.isoformat(),
        }
        returned = None if "scan_back" in self.act else self.now
        return Label(
            items=items,
            on_pack=frozenset(items),
            fits=self.opening["label_stock"]["stock"] != "48x40" or unit.target_mg < 15_000,
            net_mg=content.label_mg,
            net_numeral_mm_x100=content.numeral_min_mm_x100,
            min_char_mm_x100=190,
            parts=(LabelPart("label", "SH0042-7KQ2M9XD4TB5V", self.now, returned),),
        )
