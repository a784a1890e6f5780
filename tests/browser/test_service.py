"""One consumer's service in a real browser, by touch only, on a real shop; and its bad moments."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser

from tests.benches import Place, shop_on_bench

from .clerk import BLEND, DECANT, Clerk, clerk
from .places import demo

pytestmark = pytest.mark.browser
AXE = Axe()
RAIL = (
    "consent", "formula", "verdict", "clearance", "scan containers", "cup", "dosing", "weigh", "inspect", "sign",
    "label preview", "label printed", "hand-over", "done",
)  # fmt: skip


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A shop in a process of its own beside its bench: it can be killed."""
    folder: Path = tmp_path_factory.mktemp("live")
    with shop_on_bench(folder, apart=True, seed=7) as found:
        yield found


def events(place: Place) -> list[dict[str, Any]]:
    """The whole log through the pull API."""
    token = (place.data / "qa.token").read_text("utf-8").strip()
    answer = httpx.get(
        f"{place.url}/api/v1/qa/entries", headers={"authorization": f"Bearer {token}"}, timeout=10, trust_env=False
    )
    assert answer.is_success, answer.text
    told = [one if isinstance(one, str) else one["entry"] for one in answer.json()["entries"]]
    return [json.loads(base64.b64decode(one)) for one in told]


def kinds(place: Place, since: int = 0) -> Counter[str]:
    return Counter(one["type"] for one in events(place)[since:])


def pixels(picture: Image.Image) -> tuple[tuple[int, int], str]:
    flat = picture.convert("1")
    return flat.size, hashlib.sha256(flat.tobytes()).hexdigest()


def shown_pictures(hand: Clerk) -> list[Image.Image]:
    found: list[Image.Image] = []
    for image in hand.page.locator(".preview img").all():
        answer = hand.page.request.get(f"{hand.kiosk}{image.get_attribute('src')}")
        found.append(Image.open(io.BytesIO(answer.body())))
    return found


def at_the_gauge(hand: Clerk, fill_mg: int = 15_000) -> str:
    """From the ready screen to the gauge of a blend; returns the unit's id."""
    hand.sign_in()
    hand.begin()
    hand.agree()
    hand.answer()
    hand.use(BLEND, fill_mg)
    hand.judge()
    unit_id = hand.accept()
    hand.clear_line()
    hand.scan_all(BLEND)
    hand.place_cup(fill_mg)
    return unit_id


def leave(place: Place, hand: Clerk) -> None:
    """Clear the bench for the next test, whatever stands there."""
    place.bench.do(lambda _: place.bench.faults.clear())
    hand.hand("/api/cup", {"on": False})


def test_a_service_of_two_units_by_touch_only(browser: Browser, tmp_path: Path) -> None:
    with demo(tmp_path / "data") as told, clerk(browser, told["kiosk"], told["bench"]) as hand:
        hand.sign_in()
        hand.begin()
        hand.agree()
        hand.answer()
        hand.add(DECANT, 15_000)
        hand.judge()
        assert hand.page.locator(".verdict.pass").count() == 1
        hand.accept()
        hand.clear_line()

        hand.scan("B-1001")  # a badge instead of a container
        sheet = hand.page.get_by_role("dialog")
        assert "这是工牌，这里要扫容器" in sheet.inner_text()
        sheet.locator(".primary").tap()

        hand.scan_all(BLEND)
        hand.place_cup(30_000)
        hand.dose()
        assert len(hand.gauge) >= 20  # it moved
        hand.check()
        unit_id = hand.unit_id
        hand.sign()
        printed = hand.print()
        assert [pixels(one) for one in shown_pictures(hand)] == [pixels(one) for one in printed]
        content = hand.unit(unit_id)
        hand.scan_back(printed)
        hand.come_to(".verdict.pass", "the next unit")
        hand.accept()
        hand.make(DECANT, 15_000)
        batches = hand.page.locator(".turned .num").first.inner_text()
        assert content["batch"] in batches
        hand.hand_over()
        assert hand.page.locator(".weight.batch").count() == 2
        assert set(RAIL) <= set(hand.names)


def test_a_killed_shop_comes_back_at_the_same_address_with_the_true_grams(browser: Browser, place: Place) -> None:
    with clerk(browser, place.url, place.bench.http_url) as hand:
        unit_id = at_the_gauge(hand, 30_000)  # the first dose is then 3 g
        here = hand.page.url
        hand.primary()
        place.landed_more_than(1_000)
        place.kill()
        hand.come_to("#away", "the banner")
        place.start()
        hand.come_to('form[action$="/resume"]', "the resume screen, by itself")
        assert hand.page.url == here
        hand.page.wait_for_timeout(1_500)
        shown = float(hand.page.locator(".weight [data-bind], .weight").first.inner_text().split("/")[0])
        assert abs(shown * 1_000 - place.in_cup_mg()) < 150
        assert hand.page.locator('form[action$="/resume"] .primary').is_disabled()
        hand.scan("P-30-2609")
        hand.press('form[action$="/resume"] .primary')
        hand.come_to("#gauge", "the gauge again")
        hand.dose()
        hand.finish()
        hand.hand_over()
        doses = [one["data"]["landed_mg"] for one in events(place) if one["type"] == "dose.ended"]
        assert sum(doses) >= 29_000
        assert kinds(place)["unit.resumed"] == 1
        assert hand.page.locator(".weight.batch").inner_text()
        assert unit_id


def test_stop_resume_then_discard_and_the_service_goes_on(browser: Browser, place: Place) -> None:
    with clerk(browser, place.url, place.bench.http_url) as hand:
        unit_id = at_the_gauge(hand, 30_000)  # the first dose is then 3 g
        hand.primary()
        place.landed_more_than(1_000)
        hand.press('form[action$="/stop"] .stop')
        hand.come_to('form[action$="/resume"]', "stopped")
        hand.seen("stopped")
        assert not place.pumping()
        hand.scan("C-101")  # not the cup
        hand.page.keyboard.press("Escape")
        hand.scan("P-30-2609")
        hand.press('form[action$="/resume"] .primary')
        hand.come_to("#gauge", "the gauge")
        hand.press('form[action$="/stop"] .stop')
        hand.come_to('form[action$="/resume"]', "stopped again")
        hand.press('form[action$="/discard"] .stop')
        hand.come_to('button[value="confirm"]', "the formula: the service goes on")
        assert hand.unit(unit_id)["state"] == "discarded"
        leave(place, hand)
        hand.judge()
        hand.accept()
        assert hand.unit_id != unit_id
        hand.press('form[action$="/discard"] .stop')
        hand.come_to('button[value="confirm"]', "taken off")
        hand.press('button[value="confirm"]')
        hand.come_to(".verdict.pass", "judged")
        hand.press('form[action$="/end"] .stop')
        hand.come_to('form[action="/kiosk/service"]', "the service was cancelled")
        assert kinds(place)["service.cancelled"] == 1
        leave(place, hand)


def test_a_printer_out_of_paper_parks_the_unit_and_frees_the_bench(browser: Browser, place: Place) -> None:
    with clerk(browser, place.url, place.bench.http_url) as hand:
        unit_id = at_the_gauge(hand)
        hand.dose()
        hand.check()
        hand.sign()
        place.fault("printer_paper_out")
        hand.press('form[action$="/print"] .primary')
        hand.come_to("dialog[data-refused]", "the printer's trouble in words")
        hand.page.keyboard.press("Escape")
        hand.page.reload()
        hand.come_to("#park", "the way out")
        hand.seen("printer out")
        hand.page.locator('#park [name="tag"]').fill("2")
        hand.press('button[form="park"]')
        hand.come_to(".weight", "parked")
        hand.hand("/api/cup", {"on": False})
        hand.page.goto(f"{place.url}/kiosk")
        assert "已挂起" in hand.page.locator(".tiles").inner_text()
        place.fault("printer_paper_out", on=False)
        hand.page.locator(f'a[href="/kiosk/unit/{unit_id}"]').tap()
        hand.page.wait_for_url(f"**/kiosk/unit/{unit_id}")
        hand.come_to(".weight", "parked, seen again")
        hand.scan("T-2")
        hand.come_to(".preview img", "taken back")
        hand.scan_back(hand.print())
        hand.hand_over()
        assert kinds(place)["unit.parked"] == kinds(place)["unit.unparked"] == 1


def test_two_taps_are_one_event(browser: Browser, place: Place) -> None:
    """Every primary button twice in the kit, and twice more past it: the same form, the same key."""

    def twice(target: Any) -> None:
        target.evaluate(
            """button => {
              const form = button.form ?? button.closest('form');
              if (!form || form.method !== 'post') { button.click(); return; }
              const body = new URLSearchParams(new FormData(form, button));
              button.click();
              button.click();
              const again = () => fetch(form.action, {method: 'POST', body, headers: {'x-swap': '#screen'}});
              again();
              again();
            }"""
        )
        hand.page.wait_for_timeout(60)

    before = len(events(place))
    with clerk(browser, place.url, place.bench.http_url) as hand:
        hand.sign_in()
        hand.tap = twice
        hand.begin()
        hand.agree()
        hand.answer()
        hand.use(BLEND, 15_000)
        hand.judge()
        hand.accept()
        hand.clear_line()
        hand.scan_all(BLEND)
        hand.place_cup(15_000)
        hand.dose()
        hand.finish()
        hand.hand_over()
    once = kinds(place, before)
    for kind in (
        "service.opened", "notice.shown", "consultation.recorded", "unit.planned", "verdict.given", "line.cleared",
        "unit.started", "cup.placed", "unit.dosed", "unit.weighed", "unit.inspected", "unit.signed", "unit.released",
        "service.explained", "service.handed_over",
    ):  # fmt: skip
        assert once[kind] == 1, (kind, once)
    assert once["dose.started"] == once["dose.ended"] >= 3


def test_both_languages_and_nothing_that_axe_objects_to(browser: Browser, place: Place) -> None:
    found: list[str] = []

    def look(hand: Clerk, name: str) -> None:
        if name != "dosing":  # axe takes a processor from a running pump's scale; test_screens has 07-dosing
            found.extend(
                f"{name}: {one['id']} {node['html'][:110]}"
                for one in AXE.run(hand.page).response["violations"]
                for node in one["nodes"]
            )
        here = hand.page.url
        for language in ("en", "zh-CN"):
            hand.page.locator(".langs button").click()
            hand.page.wait_for_load_state("load")
            hand.come_to(f'html[lang="{language}"] .head', "the language")
            assert hand.page.url.split("?")[0] == here.split("?")[0]
            assert hand.page.locator(".head .title").inner_text()

    with clerk(browser, place.url, place.bench.http_url, look) as hand:
        at_the_gauge(hand)
        hand.dose()
        hand.finish()
        hand.hand_over()
        for path in ("/kiosk/devices", "/kiosk/receive", "/kiosk/shift", "/kiosk/clock", "/kiosk/nowhere"):
            hand.page.goto(f"{place.url}{path}")
            found.extend(f"{path}: {one['id']}" for one in AXE.run(hand.page).response["violations"])
    assert found == []
