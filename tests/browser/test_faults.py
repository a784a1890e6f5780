"""A dose with a fault, seen through to its end by a clerk who knows nothing of Modbus: what happened, what to do,
nothing lost. He reads the screen and does what it says."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from tests.benches import Place, shop_on_bench

from .clerk import BLEND, CONTAINERS, CUPS, Clerk, clerk

pytestmark = pytest.mark.browser
CREAM, TONER = "ENV-CREAM", "ENV-TONER"
CODES = {**CONTAINERS, TONER: ("C-106", "C-107")}
FILL_MG = 30_000


@pytest.fixture(scope="module")
def place(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with shop_on_bench(tmp_path_factory.mktemp("faults"), apart=True, seed=9) as found:
        yield found


@pytest.fixture(autouse=True)
def left_free(place: Place) -> Iterator[None]:
    """No fault is on afterwards, and nothing stands on the bench."""
    yield
    place.bench.do(lambda _: place.bench.faults.clear())
    for one in place.kiosk.begun:
        place.kiosk.clear(one)
    place.kiosk.begun.clear()


@dataclass
class Scene:
    """One unit at the gauge, and what the record says of it afterwards."""

    place: Place
    hand: Clerk
    unit_id: str

    @property
    def record(self) -> list[dict[str, Any]]:
        """Every event that names the unit, read through the pull API."""
        token = (self.place.data / "qa.token").read_text("utf-8").strip()
        answer = httpx.get(
            f"{self.place.url}/api/v1/qa/entries",
            params={"from": 0, "limit": 1000},
            headers={"authorization": f"Bearer {token}"},
            timeout=10,
            trust_env=False,
        )
        told = [one if isinstance(one, str) else one["entry"] for one in answer.json()["entries"]]
        events = [json.loads(base64.b64decode(one)) for one in told]
        return [one for one in events if self.unit_id in (one["data"].get("unit_id"), one["data"].get("subject"))]

    def in_both_languages(self) -> dict[str, str]:
        """The words on the screen, in Chinese and in English."""
        said = {}
        for language in ("en", "zh-CN"):
            self.hand.page.locator(".langs button").click()
            self.hand.page.wait_for_load_state("load")
            self.hand.come_to(f'html[lang="{language}"] .head', "the language")
            said[language] = self.hand.page.locator("#main").inner_text()
        return said

    def stopped(self) -> dict[str, str]:
        self.hand.come_to('form[action$="/resume"]', "the unit has stopped, and says so by itself")
        assert not self.place.pumping()
        said = self.in_both_languages()
        self.hand.seen("stopped")
        return said

    def go_on(self) -> None:
        """The steps on the screen: the pack on the scale, its code, continue."""
        code, _ = CUPS[FILL_MG]
        self.hand.scan(code)
        ready = self.hand.page.locator('form[action$="/resume"] .primary')
        self.hand.until(lambda: not ready.is_disabled(), "the screen lets one go on, by itself")
        self.hand.press('form[action$="/resume"] .primary')
        self.hand.come_to("#gauge, .facts.big", "the gauge")


def at_the_gauge(place: Place, hand: Clerk, envelope: str) -> str:
    hand.sign_in()
    hand.begin()
    hand.agree()
    hand.answer()
    hand.use(envelope, FILL_MG)
    hand.judge()
    unit_id = hand.accept()
    place.kiosk.begun.append(unit_id)
    hand.clear_line()
    for code in CODES[envelope]:
        hand.scan(code)
    hand.come_to("#cup", "the empty cup")
    hand.place_cup(FILL_MG)
    return unit_id


def cable(scene: Scene) -> None:
    scene.place.fault("scale_unplugged")
    said = scene.stopped()
    assert "秤" in said["zh-CN"] and "插好" in said["zh-CN"] and "瓶子不要动" in said["zh-CN"]
    assert "Plug power and cable in" in said["en"] or "its cable is in" in said["en"]
    assert "Modbus" not in said["zh-CN"] + said["en"]
    scene.place.fault("scale_unplugged", on=False)
    scene.go_on()


def silent_pump(scene: Scene) -> None:
    scene.place.fault("pump_requests_lost")
    said = scene.stopped()
    assert "泵" in said["zh-CN"] and "插好泵的" in said["zh-CN"]
    assert "The pump" in said["en"]
    scene.place.fault("pump_requests_lost", on=False)
    scene.go_on()


def moved_cup(scene: Scene) -> None:
    mine = scene.place.bench.do(lambda plant: plant.cup.cup_id)
    scene.hand.hand("/api/cup", {"on": False})
    said = scene.stopped()
    assert "瓶子离开了秤台" in said["zh-CN"] and "把原来的瓶子放回秤台" in said["zh-CN"]
    assert "The pack left the scale" in said["en"] and "Put the same pack back" in said["en"]
    scene.hand.hand("/api/cup", {"on": True, "tare_mg": CUPS[FILL_MG][1], "cup": mine})
    scene.go_on()


def empty_cartridge(scene: Scene) -> None:
    """The second component, the hydration serum on channel 2, runs dry; another cartridge stands on the shelf."""
    scene.place.landed_more_than(3_700)
    scene.place.fault("container_empty", channel=2)
    said = scene.stopped()
    assert "容器空了" in said["zh-CN"] or "质量没有增加" in said["zh-CN"]
    assert "空了就点“已经用空”" in said["zh-CN"]
    scene.hand.press('form[action$="/empty"] button')
    scene.hand.come_to('form[action$="/resume"]', "still stopped, the container is used up")
    said = scene.in_both_languages()
    foot = scene.hand.page.locator("#screen > .foot").inner_text()
    assert "C-110" in foot and "通道 2" in foot, foot
    scene.place.fault("container_empty", on=False, channel=2)
    goods = {"channel": 2, "product": "SRC-HYDRA", "viscosity": "serum", "mass_mg": 900_000}
    scene.hand.hand("/api/channels", {"channels": [goods]})
    scene.hand.scan("C-110")
    scene.go_on()


FAULTS: dict[str, Callable[[Scene], None]] = {
    "scale cable pulled": cable,
    "pump stopped answering": silent_pump,
    "cup moved": moved_cup,
    "cartridge empty": empty_cartridge,
}
NORMAL = "scale cable pulled"


@pytest.mark.parametrize(
    "fault", [pytest.param(one, marks=[] if one == NORMAL else [pytest.mark.soak]) for one in FAULTS]
)
def test_a_fault_in_mid_dose_ends_in_a_released_unit(browser: Browser, place: Place, fault: str) -> None:
    with clerk(browser, place.url, place.bench.http_url) as hand:
        scene = Scene(place, hand, at_the_gauge(place, hand, BLEND))
        hand.primary()
        place.landed_more_than(1_000)
        FAULTS[fault](scene)
        hand.dose()
        hand.finish()
        hand.hand_over()
        told = [one["type"] for one in scene.record]
        assert told.count("unit.stopped") == told.count("unit.resumed") == 1
        assert told.index("unit.stopped") < told.index("unit.resumed") < told.index("unit.dosed")
        assert told.count("unit.released") == 1
        landed = sum(one["data"]["landed_mg"] or 0 for one in scene.record if one["type"] == "dose.ended")
        weighed = next(one["data"]["net_mg"] for one in scene.record if one["type"] == "unit.weighed")
        assert abs(landed - weighed) <= 150, "what the doses say is what the check weigh finds"
        unit = hand.unit(scene.unit_id)
        assert all(one["outcome"] for one in unit["doses"])


@pytest.mark.soak
def test_poured_over_and_made_good_inside_the_envelope(browser: Browser, place: Place) -> None:
    with clerk(browser, place.url, place.bench.http_url) as hand:
        scene = Scene(place, hand, at_the_gauge(place, hand, TONER))
        hand.primary()
        hand.hand("/api/pour", {"product": "SRC-OILCTL", "mg": 5_200})
        hand.come_to("[data-gauge][data-state=over] .cause", "the help while it is being poured over")
        hand.seen("pouring over")
        assert "还能救" in hand.page.locator("[data-bind=over]").inner_text()
        hand.come_to('form[action$="/reratio"]', "the decision, by itself")
        said = scene.in_both_languages()
        hand.seen("decision")
        assert "倒多了" in said["zh-CN"] and "什么都不取出" in said["zh-CN"]
        assert "was poured" in said["en"] and "Go on with these" in said["en"]
        hand.press('form[action$="/reratio"] .primary')
        hand.come_to('form[action$="/dose"] .primary', "the base comes next")
        hand.primary()
        target = scene.hand.unit(scene.unit_id)["doses"][-1]["target_mg"]
        hand.hand("/api/pour", {"product": "SRC-TONER", "mg": target})
        hand.come_to(".facts.big", "the check weigh")
        hand.check()
        assert "签名即确认" in hand.page.locator("#main").inner_text()
        hand.seen("signature")
        hand.sign()
        hand.scan_back(hand.print())
        hand.hand_over()
        told = [one["type"] for one in scene.record]
        assert told.count("unit.reratioed") == told.count("unit.released") == 1
        assert told.count("deviation.recorded") == told.count("deviation.closed") == 1
