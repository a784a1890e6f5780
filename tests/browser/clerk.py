"""A clerk's hands at a live kiosk: touches, the scanner, the bench. Nothing goes past the screen but the bench's own
hands (a cup on the pan, a product poured) and the read-only log."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.shops import EXPLAINED

PINS = {"s-01": "135790", "s-02": "246801"}
ANSWERS = {
    "condition": "none", "age": "25_34", "allergy": "none", "feel": "tight", "goal": "moisture", "texture": "milky",
}  # fmt: skip
BLEND, DECANT = "ENV-LOTION", "ENV-DECANT"
CONTAINERS = {BLEND: ("C-101", "C-102", "C-103"), DECANT: ("C-109",)}
CUPS = {15_000: ("P-15-2609", 12_000), 30_000: ("P-30-2609", 18_000)}
PATIENCE_S = 45.0

Look = Callable[["Clerk", str], None]
"""Called at every screen that the clerk comes to, with its name."""


def nothing(_: Clerk, name: str) -> None:
    """No look is taken."""


@dataclass
class Clerk:
    page: Page
    kiosk: str
    bench: str
    look: Look = nothing
    tap: Callable[[Any], None] = lambda target: target.click()
    names: list[str] = field(default_factory=list)
    gauge: set[str] = field(default_factory=set)
    """Every mass that was read off the gauge."""

    # screen
    def at(self) -> str:
        """The state of the screen: path and title."""
        return f"{self.page.url.removeprefix(self.kiosk)} {self.page.locator('.head .title').inner_text()}"

    def seen(self, name: str) -> None:
        self.names.append(name)
        self.look(self, name)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                if holds():
                    return
            except Exception as no:  # the page is being replaced under our eyes
                if "closed" in str(no):
                    raise
            self.page.wait_for_timeout(50)
        raise AssertionError(f"{what}: {self.at()} {self.page.locator('#sheet, #main').all_inner_texts()}")

    def come_to(self, selector: str, what: str) -> None:
        self.until(lambda: self.page.locator(selector).first.is_visible(), what)

    def press(self, selector: str) -> None:
        """Touch a button and wait until the kit has let go of it."""
        self.tap(self.page.locator(selector).first)
        self.settled()

    def settled(self) -> None:
        def still() -> bool:
            return bool(
                self.page.evaluate("document.readyState === 'complete' && !document.querySelector('[data-held]')")
            )

        self.page.wait_for_timeout(60)
        self.until(still, "the screen settles")

    def primary(self) -> None:
        self.press("#screen > .foot .primary")

    def choose(self, selector: str) -> None:
        """Touch the tile around a tick, as a finger does."""
        tick = self.page.locator(selector).first
        if not tick.is_checked():
            tick.locator("xpath=ancestor::label").click()
        self.until(tick.is_checked, f"{selector} is ticked")

    def keys(self, digits: str) -> None:
        for digit in digits:
            self.page.locator(f'[data-key="{digit}"]').click()

    def scan(self, code: str) -> None:
        def posted(answer: Any) -> bool:
            return bool(answer.request.method == "POST")

        with self.page.expect_response(posted):
            self.page.evaluate("code => dispatchEvent(new CustomEvent('wedge', {detail: code}))", code)
        self.settled()

    @property
    def unit_id(self) -> str:
        return self.page.url.rsplit("/", 1)[-1]

    # bench
    def hand(self, path: str, body: Mapping[str, Any]) -> Any:
        answer = httpx.post(f"{self.bench}{path}", json=dict(body), timeout=10, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()

    def labels(self) -> list[dict[str, Any]]:
        found = httpx.get(f"{self.bench}/api/labels", timeout=10, trust_env=False).json()
        return list(found["labels"] if isinstance(found, dict) else found)

    def picture(self, label: Mapping[str, Any]) -> Image.Image:
        body = httpx.get(f"{self.bench}{label['png']}", timeout=10, trust_env=False).content
        return Image.open(io.BytesIO(body))

    # record
    def unit(self, unit_id: str) -> dict[str, Any]:
        answer = self.page.request.get(f"{self.kiosk}/api/v1/units/{unit_id}")
        assert answer.ok, answer.text()
        return dict(answer.json())

    # steps
    def sign_in(self, staff_id: str = "s-01") -> None:
        self.page.goto(f"{self.kiosk}/")
        self.seen("ready")
        self.page.goto(f"{self.kiosk}/kiosk/sign-in")
        self.seen("sign-in")
        self.choose(f"input[value={staff_id}]")
        self.keys(PINS[staff_id])
        self.primary()
        self.come_to('form[action="/kiosk/sign-out"]', "signed in")

    def begin(self) -> None:
        self.come_to('form[action="/kiosk/service"]', "the shop may work")
        self.primary()
        self.come_to("#consent", "the consents")
        self.seen("consent")

    def agree(self, *purposes: str) -> None:
        for purpose in purposes or ("questionnaire", "allergy"):
            self.choose(f'input[value="{purpose}"]')
        self.press('button[form="consent"]')
        self.come_to("#answer", "the first question")

    def answer(self, **other: str) -> None:
        for question, value in {**ANSWERS, **other}.items():
            self.until(
                lambda question=question: self.page.locator("#answer [name=question]").input_value() == question,
                f"question {question}",
            )
            self.seen(f"question {question}")
            self.choose(f'#answer input[value="{value}"]')
            self.press('button[form="answer"]')
        self.come_to('button[value="confirm"]', "the formula")
        self.seen("formula")

    def add(self, envelope: str, fill_mg: int) -> None:
        """Another unit beside the first one."""
        self.press('button[value="add"]')
        self.use(envelope, fill_mg)

    def use(self, envelope: str, fill_mg: int) -> None:
        if self.page.locator(f'button[value="use:{envelope}"]').count():
            self.page.locator(".card details:has(button[value^='use:']) summary").click()
            self.press(f'button[value="use:{envelope}"]')
        self.press(f'button[value="fill:{fill_mg}"]')

    def judge(self) -> None:
        self.press('button[value="confirm"]')
        self.come_to(".verdict.pass, .verdict.fail", "the verdict")
        self.seen("verdict")

    def accept(self) -> str:
        """The verdict is accepted; returns the id of the first unit."""
        self.primary()
        self.come_to("#start", "the line's clearance")
        self.seen("clearance")
        return self.unit_id

    def clear_line(self) -> None:
        for item in ("labels", "lots", "hands"):
            self.choose(f'input[value="{item}"]')
        self.press('button[form="start"]')
        self.come_to("[data-scan] .lot.now", "the scans")
        self.seen("scan containers")

    def scan_all(self, envelope: str) -> None:
        for code in CONTAINERS[envelope]:
            self.scan(code)
        self.come_to("#cup", "the empty cup")

    def place_cup(self, fill_mg: int) -> None:
        code, tare_mg = CUPS[fill_mg]
        self.hand("/api/cup", {"on": True, "tare_mg": tare_mg})
        self.scan(code)
        self.seen("cup")
        for item in ("clean", "intact"):
            self.choose(f'input[value="{item}"]')
        self.until(lambda: self.page.locator("[data-stable=true]").count() > 0, "a steady scale")
        self.press('button[form="cup"]')
        self.come_to("#gauge", "the gauge")
        self.seen("dosing idle")

    def dose(self) -> None:
        """Press Begin whenever the screen offers it, until the unit is dosed."""
        self.primary()
        self.seen("dosing")

        def over() -> bool:
            if self.page.locator(".facts.big").count():
                return True
            if self.page.locator('form[action$="/reratio"] .primary').count():
                self.press('form[action$="/reratio"] .primary')
            self.gauge.add(self.page.locator("#gauge [data-bind=mg]").inner_text(timeout=300))
            return False

        self.until(over, "the check weigh")

    def pour(self, product: str, mass_mg: int) -> None:
        self.primary()
        self.hand("/api/pour", {"product": product, "mg": mass_mg})
        self.seen("pouring")
        self.come_to(".facts.big", "the check weigh")

    def check(self) -> None:
        self.seen("weigh")
        self.until(lambda: self.page.locator("[data-stable=true]").count() > 0, "a steady scale")
        self.press('button[form="task"]')
        self.come_to('input[name="appearance"]', "the look at it")
        self.seen("inspect")
        if self.page.locator('input[name="mixed"]').count():
            self.choose('input[name="mixed"]')
        for look in ("appearance", "odour", "homogeneous"):
            self.choose(f'input[name="{look}"][value="ok"]')
        self.press('button[form="task"]')
        self.come_to('input[name="signer"]', "the signature")
        self.seen("sign")

    def sign(self, staff_id: str = "s-02") -> None:
        self.choose(f'input[value="{staff_id}"]')
        self.keys(PINS[staff_id])
        self.press('button[form="task"]')
        self.come_to(".preview img", "the label's preview")
        self.seen("label preview")

    def print(self) -> list[Image.Image]:
        """Print the set; the pictures that came out."""
        before = len(self.labels())
        self.press('form[action$="/print"] .primary')
        self.come_to(".preview .chip.lake, .preview .chip.sage", "the printed labels")
        self.seen("label printed")
        return [self.picture(one) for one in self.labels()[before:]]

    def scan_back(self, pictures: list[Image.Image]) -> None:
        for picture in pictures:
            read = zxingcpp.read_barcode(picture)
            if read is not None and "/kiosk/unit/" in self.page.url:
                self.scan(read.text)
        self.hand("/api/cup", {"on": False})
        self.until(lambda: "/kiosk/service/" in self.page.url, "released")

    def make(self, envelope: str, fill_mg: int) -> None:
        """One unit from the clearance of the line to its release."""
        self.clear_line()
        self.scan_all(envelope)
        self.place_cup(fill_mg)
        if envelope == DECANT:
            self.pour("SRC-HAND", fill_mg - 10)
        else:
            self.dose()
        self.finish()

    def finish(self) -> None:
        self.check()
        self.sign()
        self.scan_back(self.print())

    def hand_over(self) -> None:
        self.come_to('form[action$="/hand-over"]', "the hand-over")
        self.seen("hand-over")
        for item in EXPLAINED:
            self.choose(f'input[name="explained"][value="{item}"]')
        self.choose('input[name="recall_card"]')
        self.press('[form="hand-over"].primary')
        self.come_to(".weight.batch", "done")
        self.seen("done")


@contextmanager
def clerk(browser: Browser, kiosk: str, bench: str, look: Look = nothing, **context: Any) -> Iterator[Clerk]:
    """A kiosk of its own at 1280 × 800 whose scripts must not fail."""
    settings: dict[str, Any] = {
        "viewport": {"width": 1280, "height": 800},
        "has_touch": True,
        "reduced_motion": "reduce",
    }
    opened = browser.new_context(**{**settings, **context})
    opened.set_default_timeout(20_000)
    troubles: list[str] = []
    page = opened.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if "Content Security" in line.text else None)
    yield Clerk(page, kiosk, bench, look)
    opened.close()
    assert not troubles, troubles
