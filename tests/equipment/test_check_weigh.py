"""The daily check weighing (R-BLD-10): the scale says what it reads, the bench's settings say within what it must."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from store_service.equipment.check_weigh import CheckWeighing, check_scale, weigh_one
from store_service.records.projections.equipment import bench
from store_service.records.projections.site import finding
from store_service.rules.refusal import Refused
from store_service.settings import ScaleSettings
from tests.desks import Desked, desk
from tests.kiosk_ui.hand import Hand
from tests.shops import BLENDER, OFFICER, PrivateShop, private_shop

PATH = "/benches/bench-1/check-weigh"
E_MG = 10


@pytest.fixture(scope="module")
def at_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desked]:
    with desk(tmp_path_factory.mktemp("scale")) as made:
        yield made


@pytest.fixture
def private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("scale")) as shop:
        yield shop


def recorded(shop: PrivateShop) -> tuple[bool, list[dict[str, int]]]:
    with shop.shop.desk.read() as connection:
        row = connection.execute(select(bench)).one()
    return row.check_passed, row.check_points


def weighed(shop: PrivateShop, *readings_mg: int) -> bool | None:
    """Both test weights after each other, as the scale shows them; the verdict after the last."""
    at, under_way, passed = shop.station, CheckWeighing(), None
    for nominal, reading in zip(at.settings.scale.check_weights_mg, readings_mg, strict=True):
        shop.bench.gross_mg = reading
        passed = weigh_one(shop.shop.desk, OFFICER, at.settings, shop.bench, under_way, nominal).passed
    return passed


def test_the_reading_comes_from_the_scale_through_the_api(at_desk: Desked) -> None:
    at_desk.kiosk.hands.gross_mg = 20_004
    first = at_desk.kiosk.do(PATH, {"nominal_mg": 20_000})
    assert first == {"reading_mg": 20_004, "waiting_mg": [100_000], "passed": None}
    at_desk.kiosk.hands.gross_mg = 99_991
    last = at_desk.kiosk.do(PATH, {"nominal_mg": 100_000})
    assert last == {"reading_mg": 99_991, "waiting_mg": [], "passed": True}
    assert recorded(at_desk.private) == (
        True,
        [{"nominal_mg": 20_000, "reading_mg": 20_004}, {"nominal_mg": 100_000, "reading_mg": 99_991}],
    )


@pytest.mark.parametrize(
    "body",
    [
        {"points": [{"nominal_mg": 20_000, "reading_mg": 20_900}], "limit_mg": 1000},
        {"nominal_mg": 20_000, "limit_mg": 1000},
        {"nominal_mg": 20_000, "reading_mg": 20_000},
        {"nominal_mg": 50_000},
        {"nominal_mg": 0},
        {},
    ],
)
def test_a_screen_gives_neither_reading_nor_limit(at_desk: Desked, body: dict[str, object]) -> None:
    assert at_desk.kiosk.ask(PATH, body).status_code == 422


@pytest.mark.parametrize("off_mg", [E_MG, -E_MG, 0])
def test_within_e_passes_and_a_unit_may_start(private: PrivateShop, off_mg: int) -> None:
    assert weighed(private, 20_000 + off_mg, 100_000 - off_mg) is True
    assert private.cup_unit(private.planned_unit())


@pytest.mark.parametrize("readings_mg", [(20_000 + E_MG + 1, 100_000), (20_000, 100_000 - E_MG - 1), (0, 0)])
def test_beyond_e_fails_and_no_unit_starts(private: PrivateShop, readings_mg: tuple[int, int]) -> None:
    assert weighed(private, *readings_mg) is False
    unit_id = private.planned_unit()
    with pytest.raises(Refused) as no:
        private.cup_unit(unit_id)
    assert [one.rule for one in no.value.verdict.refusals] == ["R-BLD-10"]
    with private.shop.desk.read() as connection:
        refused = connection.execute(select(finding.c.rules).where(finding.c.subject == unit_id)).scalars().all()
    assert ["R-BLD-10"] in refused


def test_yesterdays_first_weight_does_not_count_today(private: PrivateShop) -> None:
    at, under_way = private.station, CheckWeighing()
    private.bench.gross_mg = 20_000
    assert weigh_one(private.shop.desk, OFFICER, at.settings, private.bench, under_way, 20_000).waiting_mg == (100_000,)
    private.dial.seconds += 24 * 3600
    private.bench.gross_mg = 100_000
    again = weigh_one(private.shop.desk, OFFICER, at.settings, private.bench, under_way, 100_000)
    assert again.waiting_mg == (20_000,)
    assert again.passed is None


def test_every_test_weight_of_the_bench_is_read(private: PrivateShop) -> None:
    with pytest.raises(ValueError, match="every test weight"):
        check_scale(private.shop.desk, BLENDER, private.station.settings, {20_000: 20_000})
    private.cup_unit(private.planned_unit())


@pytest.mark.parametrize(("reading_mg", "passed"), [(100_000 + E_MG, True), (100_000 + E_MG + 1, False)])
def test_the_kiosk_reads_the_same_scale_against_the_same_limit(
    private: PrivateShop, reading_mg: int, passed: bool
) -> None:
    hand = Hand(private)
    hand.sign_in()
    for gross_mg in (20_000, reading_mg):
        private.bench.gross_mg = gross_mg
        assert hand.post("/kiosk/shift/check-weigh", "/kiosk/shift")[0] == 200
    assert recorded(private) == (
        passed,
        [{"nominal_mg": 20_000, "reading_mg": 20_000}, {"nominal_mg": 100_000, "reading_mg": reading_mg}],
    )


def scale(**values: object) -> ScaleSettings:
    base = {"scale_id": "s", "driver": "sbi", "port": "p", "repeatability_mg": 2, "max_gross_mg": 220_000}
    return ScaleSettings.model_validate(base | {"resolution_mg": 5} | values)


@pytest.mark.parametrize(("e_mg", "limit_mg"), [(None, 5), (50, 50), (1, 5)])
def test_the_limit_is_e_and_never_finer_than_the_step(e_mg: int | None, limit_mg: int) -> None:
    assert scale(e_mg=e_mg).check_limit_mg == limit_mg


@pytest.mark.parametrize("weights", [(20_000,), (20_000, 20_000), (0, 20_000), (20_000, 220_001)])
def test_two_test_weights_that_the_scale_can_bear(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError, match="check_weights_mg"):
        scale(check_weights_mg=weights)
