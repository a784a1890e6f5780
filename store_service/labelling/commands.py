"""Print, scan back, reprint. The scan-back of the last part asks for the release by itself."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from store_service.blending.cases import View
from store_service.blending.commands.shared import held, unit_in
from store_service.blending.lease import free
from store_service.blending.queries import Unit, components_of, find_unit
from store_service.equipment.bench import Bench, DeviceTrouble
from store_service.evidence.canonical import canonical, sha256_hex
from store_service.records.desk import Actor, Desk, Missing, OutOfStep
from store_service.records.events.blending import UnitReleased
from store_service.records.events.labelling import LabelApplied, LabelPart, LabelPrinted, LabelReserved, LabelVerified
from store_service.records.ledger import Act
from store_service.rules.case import Case
from store_service.settings import BenchSettings
from store_service.trace.complete import complete
from store_service.trace.identifiers import read_scan
from store_service.trace.record import public_record, unit_record

from .layout import LabelSet
from .queries import draw_serials, facts, lay, nickname
from .serials import reserved_serials, serials_of
from .voiding import void_print, void_unconfirmed

FIRST = "first"


@dataclass(frozen=True)
class Press:
    """What a print needs: the bench, what its labels point to, and where serials come from."""

    desk: Desk
    settings: BenchSettings
    devices: Bench
    public_base: str
    random: Callable[[int], int] = secrets.randbelow
    nickname: Callable[[str], str] = lambda _: ""
    """Unit id → the name that its consumer asked for on the pack."""
    _printing: set[str] = field(default_factory=set)

    def print(
        self,
        actor: Actor,
        unit_id: str,
        reason: str = FIRST,
        reasons: Mapping[str, str] | None = None,
        *,
        second: bool = False,
    ) -> str:
        """Print the unit's label set, on the bench's second printer where asked, a leaflet where its paper is; returns
        the set's serial. A set that was printed before is void from now on. Gate `print`; a warning that the verdict
        had is answered with the reason that was given there. The picture that is kept does not bear the name that the
        consumer asked for.

        The serials are reserved first, so none is ever printed twice. Raises DeviceTrouble when the printer does not
        confirm: they are void then, the unit stays signed and may be parked. OutOfStep while it is being printed.
        """
        laid, reserved = self._reserve(actor, unit_id, reason, reasons or {}, second=second)
        fault = "unknown"
        try:
            self._send(laid, second=second)
            fault = ""
        except DeviceTrouble as trouble:
            fault = trouble.fault
            raise
        finally:
            self._printing.discard(unit_id)
            if fault:
                self._failed(actor, unit_id, fault)
        self._printed(actor, reserved)
        return reserved.serial

    def _send(self, laid: LabelSet, *, second: bool) -> None:
        """To the printer that holds the paper. Leaflets first: what came out of a set that fails is void, and a label
        would stick."""
        apart = self.settings.leaflets_apart
        leaflets = [one for one in laid.parts if apart and one.medium == "leaflet"]
        labels = [one for one in laid.parts if one not in leaflets]
        for parts, other in ((leaflets, True), (labels, second)):
            if parts:
                self.devices.print([(one.bitmap.width, one.bitmap.height, one.bitmap.rows) for one in parts], other)

    def _reserve(
        self, actor: Actor, unit_id: str, reason: str, reasons: Mapping[str, str], *, second: bool
    ) -> tuple[LabelSet, LabelReserved]:
        with self.desk.act(actor.staff_id, {"unit": unit_id}) as act:
            # A unit that nobody has signed is the gate's to refuse (R-LAB-11), in words, not merely out of step.
            unit = held(act, self.desk, actor, self.settings, unit_id, "checked", "signed", "printed", "verified")
            if unit.state in ("printed", "verified") and reason == FIRST:
                raise OutOfStep(unit.state, "signed, or printed again with a reason")
            if unit_id in self._printing:
                raise OutOfStep("printing", "signed, or printed again with a reason")
            printer = self.settings.second_printer if second else self.settings.printer
            if printer is None or (second and self.settings.leaflets_apart):
                raise DeviceTrouble(
                    "printer", "absent", "本工位没有配置这台打印机。", "This bench has no such printer configured."
                )
            void_unconfirmed(self.desk, act, "unknown", unit_id)
            laid, plain = self._lay(act, actor, unit, printer.dpi, reasons)
            if unit.serial is not None:
                void_print(self.desk, act, unit_id, unit.serial, reason)
            parts = tuple(
                LabelPart(
                    serial=part.code.serial, medium=part.medium, bitmap_sha256=act.keep(part.bitmap.png(), "image/png")
                )
                for part in plain.parts
            )
            reserved = LabelReserved(
                unit_id=unit_id,
                serial=plain.parts[0].code.serial,
                gtin=unit.gtin,
                stock=printer.stock,
                printer="printer-2" if second else "printer",
                dpi=printer.dpi,
                parts=parts,
                text_sha256=sha256_hex(canonical(dict(plain.items))),
                reprint=unit.prints,
                reason=reason,
            )
            act.record(reserved)
            act.seal = True
            self._printing.add(unit_id)
        return laid, reserved

    def _printed(self, actor: Actor, reserved: LabelReserved) -> None:
        """The printer confirms. A unit that was given up meanwhile leaves a void label behind."""
        with self.desk.act(actor.staff_id) as act:
            unit = find_unit(act.connection, self.desk.site_id, reserved.unit_id)
            live = {one.serial for one in reserved_serials(act.connection, self.desk.site_id)}
            if unit.state == "signed" and unit.tag is None and reserved.serial in live:
                act.record(LabelPrinted.model_validate(reserved.model_dump(exclude={"printer", "dpi"})))
                return
            void_unconfirmed(self.desk, act, "overtaken", reserved.unit_id)
        raise OutOfStep(unit.state, "signed")

    def _failed(self, actor: Actor, unit_id: str, fault: str) -> None:
        with self.desk.act(actor.staff_id) as act:
            void_unconfirmed(self.desk, act, fault, unit_id)

    def _lay(
        self, act: Act, actor: Actor, unit: Unit, dpi: int, reasons: Mapping[str, str]
    ) -> tuple[LabelSet, LabelSet]:
        """The set as it is printed, and the same without the consumer's name."""
        view, asked = View.at(self.desk, act.connection), self.nickname(unit.id)
        serials = draw_serials(self.desk.site_id, self.random, dpi)
        laid, plain = (
            lay(
                view,
                self.desk,
                unit,
                public_base=self.public_base,
                bench_id=self.settings.bench_id,
                resolution_mg=self.settings.scale.resolution_mg,
                dpi=dpi,
                serials=serials,
                nickname=name,
            )
            for name in (asked, "")
        )
        case = replace(_case(view, actor, unit, asked), label=facts(laid))
        self.desk.require(act, "print", case, unit.id, reasons, before=unit.service_id)
        if laid is None or plain is None:
            raise AssertionError("the gate lets no label pass that could not be laid out")
        return laid[0], plain[0]

    def scan_back(self, actor: Actor, unit_id: str, text: str, *, manual: bool = False) -> bool:
        """A label was scanned back; True once the unit is released. Gate `release` with the last part.

        A code that is no label is Missing with what it was; a label that is not this unit's, the gate refuses.
        When the release is refused the unit stays verified: scanning again asks again.
        """
        scan = read_scan(text)
        if scan.kind != "label" or scan.serial is None:
            raise Missing(f"label (this is a {scan.kind})", text)
        with self.desk.act(actor.staff_id, {"unit": unit_id}) as act:
            unit = unit_in(act, self.desk, unit_id, "printed", "verified", "released")
            if unit.state == "released":
                return True
            others = serials_of(act.connection, self.desk.site_id, unit_id)
            live = [one for one in others if one.state not in ("reserved", "voided")]
            found = next((one for one in live if one.serial == scan.serial), None)
            if found is None or scan.gtin != unit.gtin:
                # Another unit's label in hand is a mix-up: the gate refuses and it stands on record (R-LAB-01).
                self._require_release(act, actor, unit)
                raise Missing("label of this unit", scan.serial)
            if found.state == "printed":
                open_parts = {
                    one.serial
                    for one in others
                    if one.set_serial == found.set_serial and one.medium == "label" and one.state == "printed"
                }
                act.record(
                    LabelVerified(
                        unit_id=unit_id, serial=found.serial, complete=open_parts <= {found.serial}, manual=manual
                    )
                )
        return self._release(actor, unit_id)

    def _release(self, actor: Actor, unit_id: str) -> bool:
        with self.desk.act(actor.staff_id, {"unit": unit_id}) as act:
            unit = find_unit(act.connection, self.desk.site_id, unit_id)
            if unit.state != "verified":
                return False
            view = self._require_release(act, actor, unit)
            if unit.batch is None or unit.serial is None or unit.releaser_id is None:
                raise AssertionError("a verified unit has a batch number, a serial and a releaser")
            whole = canonical(unit_record(act.connection, self.desk, view.known, unit_id))
            public = canonical(public_record(act.connection, self.desk, view.known, unit_id))
            act.record(
                UnitReleased(
                    unit_id=unit_id,
                    batch=unit.batch,
                    gtin=unit.gtin,
                    serial=unit.serial,
                    releaser_id=unit.releaser_id,
                    record_sha256=act.keep(whole, "application/json"),
                    public_sha256=act.keep(public, "application/json"),
                )
            )
            act.record(LabelApplied(unit_id=unit_id, serial=unit.serial, serials=self._live(act, unit)))
            free(self.desk, act, unit_id)
            act.seal = True
        return True

    def _live(self, act: Act, unit: Unit) -> tuple[str, ...]:
        pieces = serials_of(act.connection, self.desk.site_id, unit.id)
        return tuple(one.serial for one in pieces if one.set_serial == unit.serial and one.state != "voided")

    def _require_release(self, act: Act, actor: Actor, unit: Unit) -> View:
        view = View.at(self.desk, act.connection)
        printed = serials_of(act.connection, self.desk.site_id, unit.id)
        laid = lay(
            view,
            self.desk,
            unit,
            public_base=self.public_base,
            bench_id=self.settings.bench_id,
            resolution_mg=self.settings.scale.resolution_mg,
            dpi=self.settings.dpi,
        )
        record = unit_record(act.connection, self.desk, view.known, unit.id)
        case = replace(_case(view, actor, unit), label=facts(laid, printed), record=record)
        case = replace(case, progress=complete(view, unit, case.progress))
        self.desk.require(act, "release", case, unit.id)
        return view


def _case(view: View, actor: Actor, unit: Unit, name: str = "") -> Case:
    parts = components_of(view.connection, view.desk.site_id, unit.id)
    bound = view.use_by(unit, parts)
    progress = replace(view.progress(unit, parts), computed_use_by=bound.date if bound else None)
    case = replace(view.standing(actor.staff_id), unit=view.planned(unit, parts), progress=progress)
    return view.knowing(replace(case, texts=nickname(name)))
