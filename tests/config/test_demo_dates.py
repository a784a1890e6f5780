from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store_service.demo.dates import patch, resolve
from store_service.rules.dates import beijing_date

NOW = datetime(2026, 11, 21, 17, 5, tzinfo=UTC)  # already the 22nd in Beijing
TODAY = date(2026, 11, 22)


def test_every_form_of_moment() -> None:
    found = resolve(
        {"a": "+540d", "b": ["-3d", {"c": "-3d 09:30"}], "d": "now", "e": "-2h", "f": "+30m", "g": "+0d"}, TODAY, NOW
    )
    assert found == {
        "a": date(2028, 5, 15),
        "b": [date(2026, 11, 19), {"c": datetime(2026, 11, 19, 1, 30, tzinfo=UTC)}],
        "d": NOW,
        "e": NOW - timedelta(hours=2),
        "f": NOW + timedelta(minutes=30),
        "g": TODAY,
    }


@pytest.mark.parametrize(
    "text", ["540d", "+d", "+5days", "lot +5d", "+5d ", "-3d 9:30", "Now", "021-0000 0042", "+5w", ""]
)
def test_other_texts_stay_texts(text: str) -> None:
    assert resolve({"a": text}, TODAY, NOW) == {"a": text}


def test_what_is_no_text_stays_itself() -> None:
    found = {"n": 5, "yes": True, "day": date(2030, 3, 31), "none": None}
    assert resolve(found, TODAY, NOW) == found


def test_a_clock_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        resolve({}, TODAY, datetime(2026, 11, 22))


@given(st.integers(-9999, 9999), st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)))
def test_days_move_with_the_clock(offset: int, now: datetime) -> None:
    today = beijing_date(now)
    found = resolve({"day": f"{offset:+d}d", "at": f"{offset:+d}d 00:00"}, today, now)
    assert found["day"] - today == timedelta(days=offset)
    assert beijing_date(found["at"]) == found["day"]
    assert found["at"].tzinfo is UTC


DOCUMENT = {"a": 1, "rows": [{"id": "x-1.2", "v": [1, 2]}, {"id": "y", "deep": {"k": "old"}}]}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("a", 2, {"a": 2, "rows": DOCUMENT["rows"]}),
        ("new", "n", DOCUMENT | {"new": "n"}),
        ("rows[1].deep.k", "new", {"a": 1, "rows": [{"id": "x-1.2", "v": [1, 2]}, {"id": "y", "deep": {"k": "new"}}]}),
        ("rows[id=y].deep", {}, {"a": 1, "rows": [{"id": "x-1.2", "v": [1, 2]}, {"id": "y", "deep": {}}]}),
        ("rows[id=x-1.2].v[0]", 9, {"a": 1, "rows": [{"id": "x-1.2", "v": [9, 2]}, {"id": "y", "deep": {"k": "old"}}]}),
    ],
)
def test_patch(path: str, value: object, expected: object) -> None:
    assert patch(DOCUMENT, {path: value}) == expected


def test_patch_leaves_its_input_alone() -> None:
    before = repr(DOCUMENT)
    patch(DOCUMENT, {"rows[id=y].deep.k": "new", "rows[0].v[1]": 7})
    assert repr(DOCUMENT) == before


@pytest.mark.parametrize(
    "path", ["missing.x", "rows[7].id", "rows[7]", "rows[id=z].v", "rows[nofield=y].v", "a.b", "a[0]", "rows[", ""]
)
def test_a_path_that_leads_nowhere_is_named(path: str) -> None:
    with pytest.raises(KeyError) as caught:
        patch(DOCUMENT, {path: 1})
    assert caught.value.args == (path,)
