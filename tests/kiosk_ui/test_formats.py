"""Numbers and dates as people read them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui import formats
from kiosk_ui.models import Gauge


@pytest.mark.parametrize(
    ("mg", "text"),
    [
        (3_912, "3.912\u00a0g"),
        (12_004, "12.004\u00a0g"),
        (0, "0.000\u00a0g"),
        (-5, "−0.005\u00a0g"),
        (7, "0.007\u00a0g"),
    ],
)
def test_grams(mg: int, text: str) -> None:
    assert formats.grams(mg) == text


@given(st.integers(-(10**9), 10**9))
def test_grams_lose_nothing(mg: int) -> None:
    text = formats.grams(mg, unit=False, sign=True)
    assert int(text.replace(".", "").replace("−", "-").replace("+", "")) == mg


def test_sign_unit_and_content() -> None:
    assert formats.grams(4, sign=True) == "+0.004\u00a0g"
    assert formats.grams(4, unit=False) == "0.004"
    assert formats.content(30_000) == "30\u00a0g"
    assert formats.content(29_950) == "29.95\u00a0g"
    assert formats.percent(1_250) == "12.5\u00a0%"
    assert formats.percent(10_000) == "100\u00a0%"
    assert formats.tenths(-5) == "−0.5"


def test_instants_are_shown_in_beijing() -> None:
    late = datetime(2026, 11, 21, 16, 30, 5, tzinfo=UTC)
    assert formats.day(late) == "2026-11-22"
    assert formats.stamp(late) == "2026-11-22 00:30:05"
    assert formats.clock(late) == "00:30"
    assert formats.day(date(2026, 1, 2)) == "2026-01-02"


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("left_mg", 412_000, "412.000\u00a0g"),
        ("share_bp", 2_500, "25\u00a0%"),
        ("temp_c10", 225, "22.5\u00a0°C"),
        ("rh_pct10", 712, "71.2\u00a0%"),
        ("height_mm_x100", 205, "2.05\u00a0mm"),
        ("total_ppm", 900, "900\u00a0ppm"),
        ("days", 71, "71"),
        ("passed", False, "✕"),
        ("lots", ["L1", "L2"], "L1、L2"),
        ("lots", [], "—"),
        ("expiry", None, "—"),
        ("lot_no", "L260117", "L260117"),
    ],
)
def test_facts_are_written_by_their_unit(key: str, value: object, text: str) -> None:
    assert formats.fact(key, value) == text


gauges = st.builds(
    lambda mg, target, tolerance: Gauge(mg, target, target - tolerance, target + tolerance),
    st.integers(-500, 200_000),
    st.integers(200, 100_000),
    st.integers(1, 100),
)


@given(gauges)
def test_the_gauge_keeps_its_order(gauge: Gauge) -> None:
    assert 0 <= gauge.permille(gauge.low_mg) <= gauge.permille(gauge.target_mg) <= gauge.permille(gauge.high_mg) < 1000
    assert 0 < gauge.near_permille(gauge.low_mg) < 500 < gauge.near_permille(gauge.high_mg) < 1000
    assert gauge.near_permille(gauge.target_mg) == 500
    assert all(0 <= value <= 1000 for name, value in gauge.live.items() if name != "now")


@given(gauges)
def test_the_red_part_shows_only_beyond_the_band(gauge: Gauge) -> None:
    live = gauge.live
    assert (live["over"] > live["fill"] or live["near-over"] > live["near"]) <= (gauge.mg > gauge.high_mg)
