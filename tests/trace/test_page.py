"""The consumer's page: what it says of each kind of label, and what it never says."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from store_service.blending.queries import Unit
from store_service.equipment.bench import DeviceTrouble
from store_service.privacy.vault import sealed
from store_service.trace.limit import A_PAGE, UNKNOWN, PageLimit
from tests.shops import PrivateShop
from tests.trace.doors import BASE, consumer_door, path_of

INTACT = "Record unaltered since it was sealed · no recall known"
NOT_FOUND = "Record not found"
UNKNOWN_PATH = "/01/09521234590118/21/SH0042-0000000000000"
ENGLISH = {"accept-language": "en-GB,zh;q=0.4"}


@pytest.fixture
def door(shop: PrivateShop) -> Iterator[TestClient]:
    before = shop.dial.seconds
    yield consumer_door(shop)
    shop.dial.seconds = before


def test_the_page_says_unaltered_and_no_recall_known(door: TestClient, unit: Unit) -> None:
    page = door.get(path_of(unit), headers=ENGLISH)
    assert page.status_code == 200
    assert f"✓ {INTACT}" in page.text
    assert unit.batch is not None and unit.batch in page.text
    assert "22.503" in page.text and "LB2608A" in page.text and "沪G妆网备字2025999991" in page.text
    assert "Set by the days of use after blending" in page.text, "what bounds the use-by date is told"


def test_the_page_is_one_small_document_that_runs_and_loads_nothing(door: TestClient, unit: Unit) -> None:
    page = door.get(path_of(unit))
    assert len(page.content) < 15_000
    for loads in ("<script", "<link", "<img", "src=", "@import", "url("):
        assert loads not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "sha256-" in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("ending", ["", ".record"])
def test_nobody_is_named(door: TestClient, shop: PrivateShop, unit: Unit, ending: str) -> None:
    """Neither staff nor consumer, nor a reference to what the consumer told."""
    found = door.get(path_of(unit) + ending, headers={"accept": "application/json"}).json()
    text = json.dumps(found.get("record"), ensure_ascii=False)
    with shop.shop.vault.database.read() as connection:
        refs = [row.ref for row in connection.execute(sealed.select())]
    assert refs and unit.service_id in refs
    for secret in (*refs, unit.service_id, "s-01", "s-02", "店员甲", "25_34"):
        assert secret not in text


def test_chinese_comes_first_and_english_on_wish(door: TestClient, unit: Unit) -> None:
    path = path_of(unit)
    assert 'lang="zh-CN"' in door.get(path).text[:60]
    assert 'lang="zh-CN"' in door.get(path, headers={"accept-language": "fr"}).text[:60]
    assert 'lang="en"' in door.get(path, headers=ENGLISH).text[:60]
    assert 'lang="en"' in door.get(f"{path}?lang=en").text[:60]
    assert 'lang="zh-CN"' in door.get(f"{path}?lang=zh-CN", headers=ENGLISH).text[:60]


def test_a_code_may_be_lower_case_and_carry_its_lot_or_date(door: TestClient, unit: Unit) -> None:
    path, own = path_of(unit), door.get(path_of(unit)).text
    for same in (path.lower(), f"{path}?17=270121", f"/01/{unit.gtin}/10/{unit.batch}/21/{unit.serial}"):
        assert door.get(same).text == own
    by_lot = door.get(f"/01/{unit.gtin}/10/{unit.batch}", headers=ENGLISH)
    assert by_lot.status_code == 200 and INTACT in by_lot.text


@pytest.mark.parametrize(
    "path",
    [
        UNKNOWN_PATH,
        "/01/09521234590118/21/BJ0001-0000000000000",
        "/01/09521234590118/10/SH0042-261122-00022",
        "/01/09521234590118/10/SH0042-261122-0002X",
        "/01/09521234590118/21/%00",
        "/01/09521234590118",
        "/01/nothing/21/at/all",
        "/01/",
    ],
)
def test_what_names_no_unit_is_not_found(door: TestClient, unit: Unit, path: str) -> None:
    page = door.get(path, headers=ENGLISH)
    assert page.status_code == 404
    assert NOT_FOUND in page.text and INTACT not in page.text
    assert "021-0000 0042" in page.text


def test_a_label_of_another_product_or_lot_is_not_found(door: TestClient, unit: Unit) -> None:
    assert door.get(f"/01/09521234590019/21/{unit.serial}").status_code == 404
    assert door.get(f"/01/{unit.gtin}/10/SH0042-261122-00022/21/{unit.serial}").status_code == 404


def test_json_for_who_asks_for_it(door: TestClient, unit: Unit) -> None:
    found = door.get(path_of(unit), headers={"accept": "application/json"}).json()
    assert found["verdict"] == "intact" and found["says"] == INTACT
    assert found["record"]["batch"] == unit.batch
    assert found["log"]["index"] == unit.released_idx and found["log"]["cosigned_at"] is None
    browser = door.get(path_of(unit), headers={"accept": "text/html,application/json;q=0.9,*/*;q=0.8"})
    assert browser.headers["content-type"].startswith("text/html")
    missing = door.get(UNKNOWN_PATH, headers={"accept": "application/json"})
    assert missing.status_code == 404 and missing.json() == {"verdict": "not_found", "says": NOT_FOUND}


def test_link_types(door: TestClient, unit: Unit) -> None:
    path = path_of(unit)
    links = door.get(f"{path}?linkType=all")
    assert links.headers["content-type"] == "application/linkset+json"
    (context,) = links.json()["linkset"]
    assert context["anchor"] == BASE + path
    targets = [one["href"] for one in context["https://gs1.org/voc/traceability"]]
    assert [door.get(one.removeprefix(BASE)).status_code for one in targets] == [200, 200]
    assert door.get(path, headers={"accept": "application/linkset+json"}).json() == links.json()
    assert INTACT in door.get(f"{path}?linkType=pip", headers=ENGLISH).text
    assert door.get(f"{path}?linkType=gs1:traceability").json()["verdict"] == "intact"
    assert door.get(f"{path}?linkType=hasRetailers").status_code == 404


def test_head_answers_without_a_body(door: TestClient, unit: Unit) -> None:
    for ending in ("", ".record", ".tlog-proof"):
        answered, asked = door.head(path_of(unit) + ending), door.get(path_of(unit) + ending)
        assert (answered.status_code, answered.content) == (200, b"")
        assert answered.headers["content-type"] == asked.headers["content-type"]


def test_a_void_label_tells_nothing_of_its_unit(shop: PrivateShop, door: TestClient) -> None:
    unit_id = shop.planned_unit()
    batch = shop.cup_unit(unit_id)
    shop.dosed_unit(unit_id)
    shop.signed_unit(unit_id)
    shop.bench.printer_fault = "paper_out"
    with pytest.raises(DeviceTrouble):
        shop.printed_unit(unit_id)
    shop.bench.printer_fault = None
    (void, *_), unit = shop.serials(unit_id), shop.unit(unit_id)
    shop.printed_unit(unit_id)
    fresh = path_of(shop.unit(unit_id))
    page = door.get(f"/01/{unit.gtin}/21/{void.serial}", headers=ENGLISH)
    assert "This label is void" in page.text and batch not in page.text and INTACT not in page.text
    assert door.get(f"/01/{unit.gtin}/21/{void.serial}.record").status_code == 404
    assert door.get(fresh, headers=ENGLISH).status_code == 404, "printed, but not released"
    assert shop.scanned_unit(unit_id)
    shop.bench.gross_mg = 0
    assert INTACT in door.get(fresh, headers=ENGLISH).text


def test_past_its_use_by_day(shop: PrivateShop, door: TestClient, unit: Unit) -> None:
    assert unit.use_by is not None
    last_day = unit.use_by - shop.shop.desk.now().date()
    shop.dial.seconds += last_day.days * 86_400
    assert INTACT in door.get(path_of(unit), headers=ENGLISH).text
    shop.dial.seconds += 86_400
    page = door.get(path_of(unit), headers=ENGLISH).text
    assert "Past its use-by date" in page and INTACT not in page


def test_a_page_is_limited_and_not_its_reader(shop: PrivateShop, door: TestClient, unit: Unit) -> None:
    answers = [door.get(path_of(unit)).status_code for _ in range(A_PAGE + 1)]
    assert answers == [200] * A_PAGE + [429]
    assert door.get(UNKNOWN_PATH).status_code == 404, "another page is not affected"
    shop.dial.seconds += 60
    assert door.get(path_of(unit)).status_code == 200


def test_guessing_is_limited_whatever_is_guessed() -> None:
    limit = PageLimit(lambda: 0)
    assert all(limit.passes(None) for _ in range(UNKNOWN))
    assert not limit.passes(None)
    assert limit.passes("09521234590118/SH0042-0000000000000"), "a page that exists is still answered"
