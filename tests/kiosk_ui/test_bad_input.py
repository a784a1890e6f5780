"""What may be typed into the kiosk's forms by mistake or on purpose: a sheet that names the field, and nothing kept."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_ui.kiosk.office_typed import LARGEST, mg, moment, number, on_day, tenths
from store_service.http import FIRST, LAST
from store_service.records.ledger import events_of
from tests.kiosk_ui.hand import Hand
from tests.shops import PrivateShop

LONG = "字" * 20_000
NUMBERS = st.one_of(
    st.text(max_size=40),
    st.decimals().map(str),
    st.builds("{}e{}".format, st.integers(), st.integers()),
    st.sampled_from(["1e9999999", "-1E+999999999", "NaN", "sNaN", "Infinity", "٣", "½", "9" * 100_000, LONG]),
)


@given(NUMBERS)
def test_a_number_is_of_a_size_that_a_shop_has_or_its_field_is_named(text: str) -> None:
    for read in (number, mg, tenths):
        try:
            found = read(text, "temp")
        except ValueError as no:
            assert str(no).startswith("temp: ") and len(str(no)) < 60
        else:
            assert found is None or abs(found) <= LARGEST * 1000


@given(
    st.one_of(
        st.text(max_size=20),
        st.datetimes().map(datetime.isoformat),
        st.datetimes().map(lambda at: at.isoformat(timespec="minutes")),
        st.dates().map(str),
        st.sampled_from(["2026-02-30", "0001-01-01T00:00", "9999-12-31T23:59", LONG]),
    )
)
def test_a_time_is_of_this_world_or_its_field_is_named(text: str) -> None:
    try:
        found = moment(text, "aware_at")
    except ValueError as no:
        assert str(no).startswith("aware_at: ") and len(str(no)) < 90
    else:
        assert found is None or FIRST <= found <= LAST
    try:
        assert FIRST.date() <= on_day(text, "due") <= LAST.date()
    except ValueError as no:
        assert str(no).startswith("due: ") and len(str(no)) < 90


@pytest.fixture(scope="module")
def hand(shop: PrivateShop) -> Hand:
    found = Hand(shop)
    found.sign_in("s-02")
    return found


def size(shop: PrivateShop) -> int:
    with shop.shop.desk.read() as connection:
        return len(list(events_of(connection, shop.shop.desk.site_id)))


GOOD = {"code": "", "container": "C-107", "mass_g": "5", "place": "A", "temp": "20", "kinds": "names"}
RECEIPT = {
    "product_id": "SRC-OILCTL",
    "lot_no": "OC2609A",
    "container_id": "C-900",
    "net_g": "100",
    "expiry": "2027-05-31",
}


@pytest.mark.parametrize(
    ("page", "act", "field", "text"),
    [
        ("/kiosk/shift", "/kiosk/shift/room", "temp", "1e9999999"),
        ("/kiosk/shift", "/kiosk/shift/room", "rh", "NaN"),
        ("/kiosk/shift", "/kiosk/shift/room", "rh", LONG),
        ("/kiosk/receive", "/kiosk/receive", "net_g", "-1e9999999"),
        ("/kiosk/receive", "/kiosk/receive", "expiry", "2026-02-30"),
        ("/kiosk/receive", "/kiosk/receive", "expiry", "9999-12-31"),
        ("/kiosk/office/rights", "/kiosk/office/rights/breach", "aware_at", "0001-01-01T00:00"),
        ("/kiosk/office/rights", "/kiosk/office/rights/breach", "aware_at", "2026-02-30T10:00"),
        ("/kiosk/office/samples", "/kiosk/office/samples/keep", "mass_g", "1e9999999"),
        ("/kiosk/office/samples", "/kiosk/office/samples/keep", "temp", "1e9999999"),
    ],
)
def test_a_form_with_one_wrong_field_names_it_and_keeps_nothing(
    shop: PrivateShop, hand: Hand, page: str, act: str, field: str, text: str
) -> None:
    good = {"temp": "20", "rh": "50"} if "shift" in act else RECEIPT if "receive" in act else GOOD
    before = size(shop)
    status, _, told = hand.post(act, page, **{**good, field: text})
    assert status < 500
    assert f"{field}: {text[:10]}" in told
    assert size(shop) == before
    assert hand.web.get(page).status_code == 200, "and the page is there again"


@pytest.mark.parametrize(
    "act", ["plus:NONE", "minus:", "fill:abc", "fill:9" + "9" * 5_000, "show:²", "use:NONE", "", "x"]
)
def test_a_touch_that_no_screen_has_moves_no_formula(hand: Hand, act: str) -> None:
    place = hand.service()
    hand.answered(place, ("allergy", "questionnaire"), feel="tight", goal="moisture", texture="milky")
    status, _, _ = hand.post(f"{place}/formula", place, act=act)
    assert status < 500
    assert hand.web.get(place, follow_redirects=True).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("expiry", "9999-12-31"),
        ("expiry", "2026-02-30"),
        ("expiry", "1999-01-01"),
        ("product_id", LONG),
        ("lot_no", LONG),
    ],
)
def test_the_api_names_the_field(shop: PrivateShop, hand: Hand, field: str, value: str) -> None:
    body = {"product_id": "SRC-OILCTL", "lot_no": "L-9", "expiry": "2027-05-31", "fields": {}, "containers": []}
    token = hand.web.post(
        "/api/v1/sign-in",
        json={"badge": "B-1001", "pin": "135790", "kiosk": "t"},
        headers={"idempotency-key": f"sign-in-{field}-{len(value)}"},
    ).json()["token"]
    before = size(shop)
    answer = hand.web.post(
        "/api/v1/lots",
        json={**body, field: value},
        headers={"authorization": f"Bearer {token}", "idempotency-key": "bad-input-1"},
    )
    assert answer.status_code == 422 and field in answer.text and len(answer.text) < 5_000
    assert size(shop) == before
