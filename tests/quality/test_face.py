"""`/qa` as a person at head office sees it."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest
from fastapi.testclient import TestClient

from kiosk_ui.formats import grams, stamp
from kiosk_ui.record_paper import laid_out, on_paper
from store_service.quality.queries import Filters, units_page
from tests.quality.conftest import TOKEN
from tests.shops import PrivateShop


def batches(shop: PrivateShop) -> dict[str, str]:
    desk = shop.shop.desk
    with desk.read() as connection:
        page = units_page(connection, desk.site_id, Filters(), after=None, limit=10)
    return {one.state: one.batch or "" for one in page.rows}


def test_the_token_opens_and_does_not_travel(client: TestClient) -> None:
    closed = client.get("/qa")
    assert closed.status_code == 401 and 'name="token"' in closed.text and "SH0042-" not in closed.text
    wrong = client.post("/qa/token", data={"token": "guess"})
    assert wrong.status_code == 401 and "set-cookie" not in wrong.headers
    entered = client.post("/qa/token", data={"token": TOKEN}, follow_redirects=False)
    cookie = entered.headers["set-cookie"]
    assert entered.status_code == 303
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and TOKEN not in cookie
    assert client.get("/qa").status_code == 200
    client.post("/qa/leave")
    assert client.get("/qa").status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/qa/units.csv",
        "/qa/units.jsonl",
        "/qa/units/X",
        "/qa/units/X.json",
        "/qa/labels/0",
        "/qa/rules",
        "/qa/standing",
    ],
)
def test_every_page_is_closed(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_list_and_its_files(shop: PrivateShop, reader: TestClient, lang: str) -> None:
    known = batches(shop)
    page = reader.get(f"/qa?lot=HS2609A&lang={lang}").text
    assert known["handed_over"] in page and known["released"] in page and known["stopped"] not in page
    links = re.findall(r'href="(/qa/units\.(?:csv|jsonl)\?[^"]+)"', page)
    assert len(links) == 2
    for link in links:
        file = reader.get(link.replace("&amp;", "&"))
        assert file.status_code == 200 and known["released"] in file.text and known["stopped"] not in file.text
    assert known["handed_over"] not in reader.get("/qa?exceptions=1").text


def test_filters_that_make_no_sense_filter_nothing(shop: PrivateShop, reader: TestClient) -> None:
    page = reader.get("/qa?from=yesterday&state=nonsense&after=x&to=9999-99-99")
    assert page.status_code == 200 and batches(shop)["released"] in page.text


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("state", ["handed_over", "released", "stopped"])
def test_a_units_page_shows_its_whole_record(shop: PrivateShop, reader: TestClient, state: str, lang: str) -> None:
    batch = batches(shop)[state]
    page = reader.get(f"/qa/units/{batch}?lang={lang}")
    assert page.status_code == 200
    assert batch in page.text and "SS2609A" in page.text and "3.003" in page.text and "unit.planned" in page.text
    assert reader.get(f"/qa/units/{batch}.json").json()["unit"]["batch"] == batch
    assert "script" not in page.headers["content-security-policy"]


def test_a_record_on_paper_is_the_same_file_every_time(shop: PrivateShop, reader: TestClient) -> None:
    batch = batches(shop)["handed_over"]
    (link,) = re.findall(r'href="(/qa/units/[^"]+\.pdf)"', reader.get(f"/qa/units/{batch}").text)
    drawn = reader.get(link)
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "application/pdf")
    assert drawn.content.startswith(b"%PDF-1.7") and drawn.content == reader.get(link).content
    assert re.search(rb"pdfaid:part>2<.*pdfaid:conformance>B<", drawn.content, re.DOTALL), "it says PDF/A-2b of itself"
    assert b"NotoSansSC" in drawn.content, "the font of the package, never the machine's"


def test_a_unit_that_is_not_released_has_no_paper(shop: PrivateShop, client: TestClient, reader: TestClient) -> None:
    batch = batches(shop)["stopped"]
    assert ".pdf" not in reader.get(f"/qa/units/{batch}").text
    assert reader.get(f"/qa/units/{batch}.pdf").status_code == 404
    assert reader.get("/qa/units/SH0042-261122-00099.pdf").status_code == 404


def test_the_paper_says_what_the_record_says(shop: PrivateShop, reader: TestClient) -> None:
    file = reader.get(f"/qa/units/{batches(shop)['released']}.json").json()
    ruleset, record = shop.shop.desk.ruleset, file["record"]
    paper = laid_out(record, file["unit"]["record_sha256"], ruleset)
    assert file["seal"]["record_sha256"] in paper["digest"]
    told = json.dumps(paper, ensure_ascii=False)
    parts = record["components"]
    wanted = [record["batch"], record["use_by"], record["people"]["releaser"], record["pack"]["lot"], "泵送 pumped"]
    wanted += [one["filing_number"] for one in parts] + [each["lot"] for one in parts for each in one["from"]]
    wanted += [grams(one["actual_mg"]) for one in parts] + [grams(record["check_weigh"]["net_mg"])]
    wanted += [one["serial"] for one in record["labels"]] + ["已作废 void", stamp_of(record["signed_at"])]
    assert [one for one in wanted if one not in told] == []
    odd = {**record, "name": "乳液 ✕ 😀 \u0e01\ufe0f", "pack": {**record["pack"], "clean": False}}
    assert on_paper(odd, "0" * 64, ruleset).startswith(b"%PDF"), "what the font has not is no reason to give nothing"
    bare = laid_out({"batch": record["batch"]}, "0" * 64, ruleset)
    values = [value for section in bare["facts"] for _, value in section["rows"]]
    assert {"—"} <= set(values) and "None" not in json.dumps(bare), "what an older record lacks is a dash"


def stamp_of(text: str) -> str:
    return stamp(datetime.fromisoformat(text))


def test_labels_are_shown_as_they_were_printed(shop: PrivateShop, reader: TestClient) -> None:
    page = reader.get(f"/qa/units/{batches(shop)['released']}").text
    pictures = set(re.findall(r'src="(/qa/labels/[0-9a-f]{64})"', page))
    assert len(pictures) >= 2, "the void print and the one that was scanned back"
    for one in pictures:
        found = reader.get(one)
        assert found.headers["content-type"] == "image/png" and found.content.startswith(b"\x89PNG")


def test_a_digest_that_is_no_label_gives_nothing(shop: PrivateShop, reader: TestClient) -> None:
    record = reader.get(f"/qa/units/{batches(shop)['released']}.json").json()["unit"]["record_sha256"]
    assert reader.get(f"/qa/labels/{record}").status_code == 404
    assert reader.get("/qa/units/SH0042-261122-00099").status_code == 404


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_every_rule_can_be_read_with_what_is_in_force_here(shop: PrivateShop, reader: TestClient, lang: str) -> None:
    ruleset = shop.shop.desk.ruleset
    page = reader.get(f"/qa/rules?lang={lang}").text
    assert set(re.findall(r'<details id="(R-[A-Z]+-\d\d)"', page)) == set(ruleset.rules)
    assert ruleset.digest[:16] in page
    one = reader.get("/qa/rules?text=R-SCP-03").text
    assert re.findall(r'<details id="([^"]+)" open', one) == ["R-SCP-03"] and "roster_max_age_days" in one
    laws = re.findall(r'<details id="([^"]+)"', reader.get("/qa/rules?basis=law&outcome=refuse").text)
    assert laws and all((ruleset.rules[it].basis, ruleset.rules[it].outcome) == ("law", "refuse") for it in laws)


def test_the_desk_sees_whether_the_shop_may_work(reader: TestClient) -> None:
    page = reader.get("/qa/standing").text
    assert "现在可以调配" in page and "R-" in page
    assert "<button" not in page.partition("<main")[2], "a desk that only reads"
