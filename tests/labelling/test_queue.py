"""The life of a serial: reserved, printed, verified, applied or voided; never printed twice, whatever dies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store_service.blending import commands as blending
from store_service.equipment.bench import DeviceTrouble
from store_service.labelling.voiding import void_unconfirmed
from store_service.records.desk import OutOfStep
from store_service.records.event import Event
from store_service.records.events.labelling import LabelFailed, LabelPart, LabelPrinted, LabelReserved
from store_service.records.events.quality import DeviationClosed, DeviationRecorded
from store_service.records.ledger import events_of
from store_service.rules.refusal import Refused
from store_service.shop import begin
from store_service.trace.identifiers import digital_link
from tests.shops import BLENDER, PrivateShop, private_shop


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("queue")) as made:
        yield made


@pytest.fixture
def shop(opened: PrivateShop) -> Iterator[PrivateShop]:
    """A unit is signed on the bench (`shop.signed`); it is given up afterwards, whatever became of it."""
    opened.bench.printed.clear()
    unit_id = opened.planned_unit("ENV-TONER")
    opened.cup_unit(unit_id)
    opened.dosed_unit(unit_id)
    opened.signed_unit(unit_id)
    opened.signed = unit_id  # type: ignore[attr-defined]  # the one unit of a test
    yield opened
    opened.bench.printer_fault = opened.bench.on_print = None
    if opened.unit(unit_id).state not in ("released", "discarded"):
        blending.discard(opened.shop.desk, BLENDER, opened.bench, unit_id, "test")
    opened.bench.gross_mg = 0


def the_unit(shop: PrivateShop) -> str:
    return str(shop.signed)  # type: ignore[attr-defined]  # set by the fixture


def states(shop: PrivateShop) -> list[str]:
    return [one.state for one in shop.serials(the_unit(shop))]


def label_events(shop: PrivateShop) -> list[Event]:
    with shop.shop.desk.read() as connection:
        log = list(events_of(connection, shop.shop.desk.site_id))
    return [one for one in log if one.type.startswith("label.") and one.data["unit_id"] == the_unit(shop)]


def test_reserved_before_a_byte_goes_out_then_printed_verified_and_applied(shop: PrivateShop) -> None:
    seen: list[list[str]] = []
    shop.bench.on_print = lambda: seen.append(states(shop))
    unit_id = the_unit(shop)
    serial = shop.printed_unit(unit_id)
    assert set(seen[0]) == {"reserved"} and len(seen) == 1
    assert set(states(shop)) == {"printed"}
    one, *rest = [one for one in shop.serials(unit_id) if one.medium == "label"]
    link = digital_link(shop.shop.settings.public_base, shop.unit(unit_id).gtin, one.serial)
    released = shop.station.press.scan_back(BLENDER, unit_id, link)
    assert released == (not rest)
    shop.scanned_unit(unit_id)
    assert set(states(shop)) == {"applied"}
    assert shop.unit(unit_id).serial == serial
    kinds = [one.type for one in label_events(shop)]
    assert kinds[:2] == ["label.reserved", "label.printed"] and kinds[-1] == "label.applied"


def test_the_record_says_printer_resolution_reason_and_count(shop: PrivateShop) -> None:
    unit_id = the_unit(shop)
    shop.printed_unit(unit_id)
    shop.station.press.print(BLENDER, unit_id, "smudged")
    first, second = [one.payload for one in label_events(shop) if isinstance(one.payload, LabelReserved)]
    assert (first.reprint, first.reason, first.printer, first.dpi) == (0, "first", "printer", 203)
    assert (second.reprint, second.reason) == (1, "smudged")
    assert not {one.serial for one in first.parts} & {one.serial for one in second.parts}
    printed = [one.payload for one in label_events(shop) if isinstance(one.payload, LabelPrinted)]
    assert [one.serial for one in printed] == [first.serial, second.serial]
    live = {one.serial for one in second.parts}
    assert {one.serial for one in shop.serials(unit_id) if one.state == "printed"} == live
    assert {one.state for one in shop.serials(unit_id) if one.serial not in live} == {"voided"}


def test_a_print_without_a_reason_is_not_repeated(shop: PrivateShop) -> None:
    shop.printed_unit(the_unit(shop))
    with pytest.raises(OutOfStep):
        shop.printed_unit(the_unit(shop))
    assert set(states(shop)) == {"printed"}


def test_a_verified_label_that_is_spoilt_is_printed_again(shop: PrivateShop) -> None:
    """Release refused after the scan-back, then the label torn: a new serial, scanned anew."""
    unit_id, desk = the_unit(shop), shop.shop.desk
    shop.printed_unit(unit_id)
    with desk.act("s-02") as act:
        act.record(DeviationRecorded(deviation_id="d-torn", subject=unit_id, kind="test", detail="test", by="s-02"))
    with pytest.raises(Refused):
        shop.scanned_unit(unit_id)
    assert shop.unit(unit_id).state == "verified"
    torn = {one.serial for one in shop.serials(unit_id)}
    shop.station.press.print(BLENDER, unit_id, "torn")
    assert {one.state for one in shop.serials(unit_id) if one.serial in torn} == {"voided"}
    with desk.act("s-02") as act:
        act.record(DeviationClosed(deviation_id="d-torn", subject=unit_id, decision="test", by="s-02", second="s-01"))
    assert shop.scanned_unit(unit_id)
    assert {one.state for one in shop.serials(unit_id) if one.serial not in torn} == {"applied"}


@pytest.mark.parametrize("fault", ["PaperOut", "PrintUncertain"])
def test_what_a_printer_does_not_confirm_is_void_and_the_next_has_new_serials(shop: PrivateShop, fault: str) -> None:
    unit_id = the_unit(shop)
    shop.bench.printer_fault = fault
    with pytest.raises(DeviceTrouble):
        shop.printed_unit(unit_id)
    assert (shop.unit(unit_id).state, set(states(shop))) == ("signed", {"voided"})
    assert [one.payload.fault for one in label_events(shop) if isinstance(one.payload, LabelFailed)] == [fault]
    void = {one.serial for one in shop.serials(unit_id)}
    shop.bench.printer_fault = None
    shop.printed_unit(unit_id)
    assert {one.serial for one in shop.serials(unit_id) if one.state == "printed"}.isdisjoint(void)
    link = digital_link(shop.shop.settings.public_base, shop.unit(unit_id).gtin, next(iter(void)))
    with pytest.raises(Refused):
        shop.station.press.scan_back(BLENDER, unit_id, link)
    assert shop.unit(unit_id).state == "printed"


class Killed(BaseException):
    """The process dies here: nothing of it runs any more."""


def killed_while_printing(shop: PrivateShop, *, came_out: bool, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """As kill -9 leaves it: the serials reserved and committed, no word about them, maybe a label in the tray."""

    def die() -> None:
        if came_out:
            shop.bench.printed.append((8, 1, b"\xff"))
        raise Killed

    shop.bench.on_print = die
    press = shop.station.press
    with monkeypatch.context() as gone:
        gone.setattr(type(press), "_failed", lambda *_: None)  # a dead process records nothing
        with pytest.raises(Killed):
            press.print(BLENDER, the_unit(shop))
    shop.bench.on_print = None
    assert set(states(shop)) == {"reserved"}
    return {one.serial for one in shop.serials(the_unit(shop))}


@pytest.mark.parametrize("came_out", [False, True], ids=["before the print", "before the confirmation"])
def test_a_process_that_dies_in_mid_print_leaves_void_serials(
    shop: PrivateShop, came_out: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit_id = the_unit(shop)
    lost = killed_while_printing(shop, came_out=came_out, monkeypatch=monkeypatch)
    begin(shop.shop)
    assert {one.serial for one in shop.serials(unit_id) if one.state == "voided"} == lost
    assert [one.payload.fault for one in label_events(shop) if isinstance(one.payload, LabelFailed)] == ["restart"]
    assert shop.unit(unit_id).state == "signed"
    shop.printed_unit(unit_id)
    assert lost.isdisjoint(one.serial for one in shop.serials(unit_id) if one.state == "printed")
    link = digital_link(shop.shop.settings.public_base, shop.unit(unit_id).gtin, lost.pop())
    with pytest.raises(Refused):
        shop.station.press.scan_back(BLENDER, unit_id, link)
    assert shop.scanned_unit(unit_id)


def test_a_set_that_nobody_confirmed_is_void_at_the_next_print_also_without_a_restart(
    shop: PrivateShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = killed_while_printing(shop, came_out=True, monkeypatch=monkeypatch)
    shop.printed_unit(the_unit(shop))
    told = {one.serial: one.state for one in shop.serials(the_unit(shop))}
    assert {told[one] for one in lost} == {"voided"}
    assert {state for serial, state in told.items() if serial not in lost} == {"printed"}


def test_the_same_unit_is_not_printed_twice_at_a_time(shop: PrivateShop) -> None:
    caught: list[str] = []

    def again() -> None:
        shop.bench.on_print = None
        with pytest.raises(OutOfStep) as no:
            shop.printed_unit(the_unit(shop))
        caught.append(no.value.state)

    shop.bench.on_print = again
    shop.printed_unit(the_unit(shop))
    assert caught == ["printing"]
    assert set(states(shop)) == {"printed"}
    assert len(shop.bench.printed) == len(states(shop))


def test_a_unit_that_is_given_up_while_it_prints_keeps_no_live_label(shop: PrivateShop) -> None:
    unit_id = the_unit(shop)
    shop.bench.on_print = lambda: void(
        blending.discard(shop.shop.desk, BLENDER, shop.bench, unit_id, "test"),
    )
    with pytest.raises(OutOfStep):
        shop.printed_unit(unit_id)
    assert shop.unit(unit_id).state == "discarded"
    assert set(states(shop)) == {"voided"}


def void(_: object) -> None:
    """Call for its effect."""


def test_nothing_is_voided_where_nothing_is_open(shop: PrivateShop) -> None:
    shop.printed_unit(the_unit(shop))
    with shop.shop.desk.act("service") as act:
        void_unconfirmed(shop.shop.desk, act, "restart")
        assert act.events == []
    assert set(states(shop)) == {"printed"}


def test_a_log_from_before_serials_were_reserved_reads_as_it_did(shop: PrivateShop) -> None:
    unit_id, desk = the_unit(shop), shop.shop.desk
    part = LabelPart(serial="SH0042-0000000000OLD", medium="label", bitmap_sha256="0" * 64)
    old = LabelPrinted(
        unit_id=unit_id,
        serial=part.serial,
        gtin=shop.unit(unit_id).gtin,
        stock="72x60",
        parts=(part,),
        text_sha256="0" * 64,
        reprint=0,
        reason="first",
    )
    with desk.act("s-01") as act:
        act.record(old)
    unit = shop.unit(unit_id)
    assert (unit.state, unit.serial, unit.prints, states(shop)) == ("printed", part.serial, 1, ["printed"])
    with desk.act("s-01") as act:
        act.record(LabelFailed(unit_id=unit_id, serial=part.serial, serials=(part.serial,), fault="paper_out"))
    assert (shop.unit(unit_id).state, states(shop)) == ("signed", ["voided"])
