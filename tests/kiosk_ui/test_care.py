"""The care of a bench on the kiosk: what is flushed is weighed, recorded and off the container; the scale's looks."""

from __future__ import annotations

import re

from store_service.blending import commands as blending
from store_service.equipment.care import REPEATS, repeat_limit_mg
from store_service.equipment.care_queries import line_care, scale_care
from store_service.equipment.queries import bench_facts
from store_service.records.events.equipment import LineFlushed, PumpCalibrated, ScaleRepeated, TubeFitted
from store_service.stock.queries import find_container
from tests.faults.laws import all_hold, log_of
from tests.shops import BLENDER, PrivateShop

from .hand import Hand

LINES, SCALE = "/kiosk/care", "/kiosk/care/scale"


def left_mg(shop: PrivateShop, container_id: str) -> int:
    with shop.shop.desk.read() as connection:
        found = find_container(connection, shop.shop.desk.site_id, container_id)
    assert found is not None
    return found.remaining_mg


def test_what_is_flushed_is_recorded_and_off_the_container(hand: Hand, shop: PrivateShop) -> None:
    before = left_mg(shop, "C-102")
    status, _, body = hand.post(f"{LINES}/line", LINES, channel="2", do="purge")
    assert status == 200, body
    (last,) = [one.payload for one in log_of(shop.shop.desk) if isinstance(one.payload, LineFlushed)]
    assert (last.channel, last.container_id, last.purpose, last.moved_mg) == (2, "C-102", "purge", 30_000)
    assert left_mg(shop, "C-102") == before - 30_000
    shown = hand.get(f"{LINES}?line=2")
    assert re.search(r"排空 30\.000\sg", shown), shown
    all_hold(shop.shop.desk)


def test_three_weighed_runs_calibrate_a_line_and_a_new_tube_voids_it(hand: Hand, shop: PrivateShop) -> None:
    early, _, words = hand.post(f"{LINES}/line", LINES, channel="1", do="reckon")
    assert early == 409 and "三次" in words
    for _ in range(3):
        hand.post(f"{LINES}/line", LINES, channel="1", do="calibrate")
    status, _, body = hand.post(f"{LINES}/line", LINES, channel="1", do="reckon")
    assert status == 200, body
    told = [one.payload for one in log_of(shop.shop.desk) if isinstance(one.payload, PumpCalibrated)][-1]
    assert (told.runs, told.ug_per_ul, told.spread_bp, told.ul_per_rev) == (3, 1_000, 0, None)
    hand.post(f"{LINES}/line", LINES, channel="1", do="tube")
    assert isinstance(log_of(shop.shop.desk)[-1].payload, TubeFitted)
    assert shop.bench.fitted[-1] == 1
    with shop.shop.desk.read() as connection:
        lines = line_care(connection, shop.shop.desk.site_id, shop.shop.station.settings, shop.bench.tubes())
    (first,) = [one for one in lines if one.channel == 1]
    assert (first.calibrated_at, first.runs, str(first.tube_at)) == (None, 0, "2026-03-01")


def test_no_line_is_flushed_into_a_pack_that_stands_on_the_bench(hand: Hand, shop: PrivateShop) -> None:
    unit_id = shop.planned_unit("ENV-TONER")
    shop.cup_unit(unit_id)
    recorded = len(log_of(shop.shop.desk))
    status, _, words = hand.post(f"{LINES}/line", LINES, channel="2", do="prime")
    assert status == 409 and "工位" in words
    assert len(log_of(shop.shop.desk)) == recorded
    blending.discard(shop.shop.desk, BLENDER, shop.bench, unit_id, "test")


def test_an_unknown_line_and_an_unknown_act_are_said_in_words(hand: Hand) -> None:
    for form in ({"channel": "9", "do": "load"}, {"channel": "x", "do": "load"}, {"channel": "2", "do": "explode"}):
        status, _, words = hand.post(f"{LINES}/line", LINES, **form)
        assert status == 409 and 'lang="' in words


def test_a_scale_that_does_not_repeat_fails_its_check(hand: Hand, shop: PrivateShop) -> None:
    settings, bench = shop.shop.station.settings, shop.bench
    for n in range(REPEATS):
        bench.gross_mg = 100_000 + n
        hand.post(f"{LINES}/repeat", SCALE)
    good = log_of(shop.shop.desk)[-1].payload
    assert isinstance(good, ScaleRepeated) and good.passed and good.spread_mg == REPEATS - 1
    for n in range(REPEATS):
        bench.gross_mg = 100_000 + n * repeat_limit_mg(settings)
        hand.post(f"{LINES}/repeat", SCALE)
    bad = log_of(shop.shop.desk)[-1].payload
    assert isinstance(bad, ScaleRepeated) and not bad.passed
    with shop.shop.desk.read() as connection:
        assert bench_facts(connection, shop.shop.desk.site_id, settings).check_passed is False, "R-BLD-10 refuses"
        seen = scale_care(connection, shop.shop.desk.site_id, settings)
    assert (seen.repeat_passed, {one.nominal_mg for one in seen.drifts}) == (False, {20_000, 100_000})


def test_cleaning_is_recorded_again_in_the_middle_of_a_day(hand: Hand, shop: PrivateShop) -> None:
    status, _, _ = hand.post(f"{LINES}/cleaning", SCALE, item=["bench", "tools"])
    assert status == 409
    status, _, body = hand.post(f"{LINES}/cleaning", SCALE, item=["bench", "tools", "waste"])
    assert status == 200, body
    assert log_of(shop.shop.desk)[-1].type == "cleaning.done"
