"""Fifteen pilot provinces, Xinjiang, Jiangsu and a place that nobody knows: shop and product crossed, and every date
that a province sets at both of its ends (R-SCP-01, 02, 08, 10, 14; R-ADM-01, 19)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import pytest

from store_service.rules.dates import BEIJING
from store_service.rules.dossier import ReadinessRegister
from store_service.rules.gates import ask
from store_service.rules.refusal import Verdict

from .cases import READINESS, RULES, changed, passing
from .refusing import order
from .refusing_label import VERDICT, imported

PILOT = {
    "BJ": "京", "TJ": "津", "HE": "冀", "HL": "黑", "SH": "沪", "ZJ": "浙", "SD": "鲁", "HA": "豫", "HN": "湘",
    "GD": "粤", "GX": "桂", "HI": "琼", "CQ": "渝", "YN": "云", "SN": "陕",
}  # fmt: skip
OUTSIDE = {"XJ": "新", "JS": "苏", "ZZ": "滇"}
"""Xinjiang and Jiangsu have filing prefixes and no pilot; ZZ is no province, and 滇 no prefix of one."""
PLACES = PILOT | OUTSIDE
NUMBERS = ("{}G妆网备字2025999995", "国妆网备进字({})2025999995")
STANDING = ("open_service", "verdict", "start", "dose")
SETS: Mapping[str, Mapping[str, object]] = {
    "BJ": {"also_no_failed_sampling": True, "e_label_allowed": True},
    "SH": {"store_licence_required": True, "e_label_allowed": True},
    "ZJ": {"e_label_allowed": True},
    "SD": {"e_label_allowed": True},
    "GD": {"e_label_allowed": True},
    "CQ": {"e_label_allowed": True},
    "HI": {"label_extra_enforced": True, "first_check_months": 3},
}
"""What regulation.md §13 lets each province set; all else is the default."""


def in_place(letters: str, **params: object) -> dict[str, object]:
    """The whole case moved there: shop, roster row, province status and parameters."""
    return {
        "site.province": letters,
        "params": {**RULES.params(letters), **params},
        "roster.rows.0.province": letters,
        "roster.province_status": {letters: "active"},
    }


def asked(gate: str, changes: Mapping[str, object]) -> Verdict:
    return ask(gate, changed(passing(gate), changes), RULES)


def refused(gate: str, changes: Mapping[str, object]) -> set[str]:
    return {one.rule for one in asked(gate, changes).refusals}


def warned(gate: str, changes: Mapping[str, object]) -> set[str]:
    return {one.rule for one in asked(gate, changes).warnings}


def midnight(day: date) -> datetime:
    """The first instant of a Beijing day."""
    return datetime.combine(day, time(), BEIJING).astimezone(UTC)


CROSSED = [(place, prefix, NUMBERS[0]) for place in PLACES for prefix in PLACES.values()]
CROSSED += [(place, prefix, NUMBERS[1]) for place in PLACES for prefix in dict.fromkeys(("沪", PLACES[place]))]


@pytest.mark.parametrize(("place", "prefix", "number"), CROSSED)
def test_the_shop_s_province_decides_and_the_product_s_does_not(place: str, prefix: str, number: str) -> None:
    abroad = imported(*VERDICT) if number == NUMBERS[1] else {}
    changes = in_place(place) | abroad | {"units.0.sources.1.product.filing_number": number.format(prefix)}
    expected = set() if place in PILOT else {"R-SCP-01"}
    if prefix == PLACES["ZZ"]:
        expected.add("R-ADM-01")
    assert refused("verdict", changes) == expected


@pytest.mark.parametrize("place", PLACES)
def test_a_foreign_product_that_is_not_on_the_list_is_refused_everywhere(place: str) -> None:
    """R-ADM-19: what is filed elsewhere needs the approved list, nothing more and nothing less."""
    foreign = {"units.0.sources.1.product.filing_number": "新G妆网备字2025999995"}
    assert "R-SCP-13" in refused("verdict", in_place(place) | foreign | {"roster.rows.0.approved_products": ("BASE",)})


@pytest.mark.parametrize("gate", STANDING)
@pytest.mark.parametrize("place", PLACES)
def test_both_ends_of_the_window(place: str, gate: str) -> None:
    first, after = midnight(date(2025, 10, 1)), midnight(date(2027, 10, 1))
    blink = timedelta(microseconds=1)
    for now, inside in ((first - blink, False), (first, True), (after - blink, True), (after, False)):
        found = refused(gate, in_place(place) | {"now": now})
        assert ("R-SCP-02" not in found) is inside
        assert ("R-SCP-01" not in found) is (place in PILOT)


@pytest.mark.parametrize("place", PLACES)
def test_both_ends_of_a_late_start_and_of_an_extension(place: str) -> None:
    start, end = date(2026, 3, 1), date(2028, 3, 31)
    moved = in_place(place, province_start=start, extension_end=end, extension_doc="DOC-9")
    for day, inside in (
        (start - timedelta(days=1), False),
        (start, True),
        (date(2027, 10, 1), True),
        (end, True),
        (end + timedelta(days=1), False),
    ):
        assert ("R-SCP-02" not in refused("dose", moved | {"now": midnight(day)})) is inside


@pytest.mark.parametrize("place", PILOT)
def test_both_ends_of_the_roster_row(place: str) -> None:
    row = {"roster.rows.0.valid_from": date(2026, 4, 1), "roster.rows.0.valid_to": date(2026, 9, 30)}
    for day, inside in (
        (date(2026, 3, 31), False),
        (date(2026, 4, 1), True),
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
    ):
        now = midnight(day)
        found = refused("dose", in_place(place) | row | {"now": now, "roster.fetched_at": now})
        assert ("R-SCP-03" not in found) is inside


def test_each_province_sets_what_it_sets_and_nothing_else() -> None:
    for letters in PLACES:
        params = RULES.params(letters)
        told = {name: value for name, value in params.items() if value != RULES.params("TJ")[name]}
        expected = dict(SETS.get(letters, {})) if letters in PILOT else {"in_pilot": False}
        assert told == expected, letters
    assert all(RULES.params(letters)["in_pilot"] for letters in PILOT)


@pytest.mark.parametrize("place", PILOT)
def test_only_shanghai_asks_for_the_shop_s_licence(place: str) -> None:
    """R-SCP-10, at both ends of the licence."""
    today = date(2026, 11, 22)
    asks = place == "SH"
    assert refused("open_service", in_place(place) | {"site.licence_number": None}) == ({"R-SCP-10"} if asks else set())
    last = in_place(place) | {"site.licence_valid_to": today}
    assert refused("open_service", last) == set()
    past = in_place(place) | {"site.licence_valid_to": today - timedelta(days=1)}
    assert refused("open_service", past) == ({"R-SCP-10"} if asks else set())
    instead = in_place(place) | {"site.licence_number": None, "roster.rows.0.replaces_licence": True}
    assert refused("open_service", instead) == set()


@pytest.mark.parametrize("place", PILOT)
def test_only_beijing_counts_a_failed_sampling(place: str) -> None:
    """R-SCP-08, at both ends of the 36 months; a penalty counts everywhere."""
    for field, where in (("failed_sampling_on", {"BJ"}), ("penalty_on", set(PILOT))):
        for day, inside in (
            (date(2023, 11, 21), False),
            (date(2023, 11, 22), True),
            (date(2026, 11, 22), True),
        ):
            found = asked("open_service", in_place(place) | {f"site.filer.{field}": day})
            assert found.allowed, "an alert, never a stop"
            heard = {one.rule for one in found.warnings}
            assert heard == ({"R-SCP-08"} if inside and place in where else set())


@pytest.mark.parametrize("place", PILOT)
def test_only_hainan_asks_for_its_application_file(place: str) -> None:
    """R-SCP-14, at both ends of the document."""
    today = date(2026, 11, 22)

    def until(last: date) -> set[str]:
        rows = tuple(
            row.model_copy(update={"valid_to": last}) if row.rule == "R-SCP-14" else row for row in READINESS.documents
        )
        return warned("verdict", in_place(place) | {"readiness": ReadinessRegister(documents=rows)})

    assert until(today) == set()
    assert until(today - timedelta(days=1)) == ({"R-SCP-14"} if place == "HI" else set())


@pytest.mark.parametrize("place", PLACES)
def test_the_kill_switch_reaches_every_province(place: str) -> None:
    for status, stopped in (("active", False), ("suspended", True)):
        found = refused("release", in_place(place) | {"roster.province_status": {place: status}})
        assert ("R-SCP-12" in found) is stopped
    assert "R-SCP-12" in refused("release", in_place(place) | {"roster.province_status": {}})


def test_the_pilot_counts_down_in_its_last_ninety_days() -> None:
    """R-SCP-17: told, never asked about."""
    for day, told in ((date(2027, 7, 1), False), (date(2027, 7, 2), True), (date(2027, 9, 30), True)):
        now = midnight(day)
        verdict = asked("open_service", {"now": now, "roster.fetched_at": now})
        assert [one.rule for one in verdict.notes] == (["R-SCP-17"] if told else [])


def test_the_countdown_names_the_document_that_extends() -> None:
    last = {"params.extension_end": date(2026, 12, 31), "params.extension_doc": "DOC-9"}
    (told,) = asked("open_service", last).notes
    assert (told.facts["doc_no"], told.facts["days"]) == ("DOC-9", 39)
    assert asked("open_service", {"params.extension_end": date(2026, 12, 31)}).notes == ()
    now = midnight(date(2027, 9, 30))
    (plain,) = asked("open_service", {"now": now, "roster.fetched_at": now}).notes
    assert plain.facts["doc_no"] == "unknown"


@pytest.mark.parametrize(("days", "said"), [(8, None), (7, "due"), (1, "due"), (0, "due"), (-1, "overdue")])
def test_an_order_is_due_until_its_day_is_over(days: int, said: str | None) -> None:
    """R-SCP-16: a reason while it is due, a second person once it is overdue."""
    one = order(due=date(2026, 11, 22) + timedelta(days=days))
    found = asked("open_service", {"roster.rows.0.orders": (one,)}).warnings
    assert [warning.second_person for warning in found] == ([] if said is None else [said == "overdue"])
