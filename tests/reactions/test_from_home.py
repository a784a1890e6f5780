"""The form behind a label: no script, no cookie, nothing of it outside the vault, and not endlessly."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kiosk_ui.routes_trace import add_trace
from store_service.app import phones_app
from store_service.reactions.commands import Reactions, Told
from store_service.reactions.intake import own_intake
from store_service.trace.archive import Archives, own_archive
from store_service.trace.intake import A_LABEL
from tests.faults.laws import log_of
from tests.shops import PrivateShop, private_shop
from tests.trace.doors import BASE, FACES, path_of


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    with private_shop(tmp_path_factory.mktemp("home")) as opened:
        opened.hand_over(opened.released_unit("ENV-TONER"))
        yield opened


@pytest.fixture
def path(shop: PrivateShop) -> str:
    released = [one for one in log_of(shop.shop.desk) if one.type == "unit.released"][-1]
    return path_of(shop.unit(str(released.data["unit_id"])))


@pytest.fixture
def door(shop: PrivateShop) -> TestClient:
    """The door as it stands on its own listener, with a limit of its own."""
    app, archive = FastAPI(), own_archive(shop.shop.desk)
    intake = own_intake(shop.shop.desk, shop.shop.vault)
    find = Archives(lambda site: archive if site == shop.shop.desk.site_id else None).find
    add_trace(app, FACES, find, mono_ns=shop.dial.clock.mono_ns, base=BASE, phone="021", intake=intake)
    return TestClient(app)


def cases(shop: PrivateShop) -> list[dict[str, object]]:
    return [dict(one.data) for one in log_of(shop.shop.desk) if one.type == "reaction.reported"]


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_page_leads_to_the_form(door: TestClient, path: str, lang: str) -> None:
    link = re.search(r'href="([^"]+\.reaction[^"]*)"', door.get(f"{path}?lang={lang}").text)
    assert link is not None
    form = door.get(link[1])
    assert form.status_code == 200 and f'<html lang="{lang}"' in form.text and "120" in form.text
    assert len(form.content) < 15_000 and "<script" not in form.text and "src=" not in form.text
    assert "form-action 'self'" in form.headers["content-security-policy"] and "set-cookie" not in form.headers
    assert "form-action 'none'" in door.get(path).headers["content-security-policy"]


def test_told_in_two_touches_and_kept_in_the_vault(door: TestClient, shop: PrivateShop, path: str) -> None:
    told = {"symptom": ["itch", "burning"], "place": "cheeks", "began": "today", "words": "第二次用后", "key": "k" * 16}
    sent = door.post(f"{path}.reaction", data=told)
    assert sent.status_code == 200
    case = cases(shop)[-1]
    assert str(case["case_id"]) in sent.text and case["channel"] == "page" and case["batch"]
    assert "第二次用后" not in sent.text
    assert (shop.shop.vault.get("reaction", str(case["case_id"])) or {})["symptoms"] == ["burning", "itch"]
    count = len(cases(shop))
    again = door.post(f"{path}.reaction", data=told)
    assert str(case["case_id"]) in again.text and len(cases(shop)) == count, "a double touch is one case"
    left = door.post(f"{path}.reaction", data={"case": str(case["case_id"]), "contact": "13900001234"})
    assert left.status_code == 200
    assert shop.shop.vault.get("reaction_contact", str(case["case_id"])) == {"contact": "13900001234"}
    log = str([one.data for one in log_of(shop.shop.desk)])
    assert "13900001234" not in log and "第二次" not in log and "burning" not in log


def test_a_label_opens_its_own_cases_alone(door: TestClient, shop: PrivateShop, path: str) -> None:
    """Somebody else's case number is told on the telephone, and stands on papers."""
    reactions = Reactions(shop.shop.desk, shop.shop.vault)
    other = reactions.report("s-01", Told(("itch",)), channel="counter", contact="13900001234")
    assert door.post(f"{path}.reaction", data={"case": other, "contact": "10086"}).status_code == 422
    assert shop.shop.vault.get("reaction_contact", other) == {"contact": "13900001234"}


@pytest.mark.parametrize("told", [{}, {"symptom": "fever"}, {"case": "r-nobody", "contact": "1"}, {"words": "  "}])
def test_what_says_nothing_is_asked_again(door: TestClient, shop: PrivateShop, path: str, told: dict[str, str]) -> None:
    before = len(cases(shop))
    answer = door.post(f"{path}.reaction", data=told)
    assert answer.status_code == 422 and "<form" in answer.text and len(cases(shop)) == before


def test_nothing_is_taken_anywhere_else(door: TestClient, path: str) -> None:
    for other in (path, f"{path}.record", "/01/09521234590118/21/SH0042-0000000000000.reaction", "/01/x"):
        assert door.post(other, data={"symptom": "itch"}).status_code == 404
    assert door.post(f"{path}.reaction", content=b"a" * 20_000).status_code == 413
    many = "&".join(f"a{n}=1" for n in range(100))
    assert door.post(f"{path}.reaction", content=many.encode()).status_code == 422


def test_not_endlessly(door: TestClient, shop: PrivateShop, path: str) -> None:
    answers = [door.post(f"{path}.reaction", data={}).status_code for _ in range(A_LABEL + 1)]
    assert answers[-1] == 429 and answers.count(429) == 1
    shop.dial.seconds += 61
    assert door.post(f"{path}.reaction", data={}).status_code == 422


def test_a_record_that_is_locked_says_so(door: TestClient, shop: PrivateShop, path: str) -> None:
    shop.shop.desk.ledger.frozen = ("锁定", "locked")
    try:
        answer = door.post(f"{path}.reaction", data={"symptom": "itch"})
        assert answer.status_code == 503 and "tel:" in answer.text
    finally:
        shop.shop.desk.ledger.frozen = None


def test_the_phones_own_listener_takes_it(shop: PrivateShop, path: str) -> None:
    phones, before = TestClient(phones_app(shop.shop)), len(cases(shop))
    assert phones.post(f"{path}.reaction", data={"symptom": "itch"}).status_code == 200
    assert len(cases(shop)) == before + 1
    assert phones.get("/kiosk/office/reactions").status_code == 404
