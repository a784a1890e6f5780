"""Every screen in a real browser: accessible, large enough for fingers, whole in both sizes and languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from kiosk_ui.samples import SAMPLES
from kiosk_ui.words import LANGUAGES

from .conftest import Gallery

pytestmark = pytest.mark.browser
KIOSK = [name for name, sample in SAMPLES.items() if sample.frame]
SIZES = ((1280, 800), (1920, 1080))
AXE = Axe()

CUT_OFF = """() => [...document.querySelectorAll('html, #main, .card, .head, .foot, .preview, .button, .chip, .tile')]
  .filter(e => e.checkVisibility() && (e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2))
  .map(e => `${e.className || e.id}: ${e.textContent.trim().slice(0, 30)}`)"""

# A choice is hit through its tile; the box inside is only drawn.
TARGETS = """() => [...document.querySelectorAll('button, a.button, .tile, summary, label.chip, .field input')]
  .filter(e => e.checkVisibility())
  .map(e => [e.textContent.trim().slice(0, 30) || e.name,
             e.matches('.primary, .stop, .keypad:not(.letters) button') ? 80 : 44,
             e.getBoundingClientRect().width, e.getBoundingClientRect().height])
  .filter(([, floor, width, height]) => height < floor - .5 || width < 43.5)"""


# Every screen in Chinese, and one of each template in English.
ENGLISH = {sample.template: name for name, sample in reversed(SAMPLES.items()) if sample.frame}
VISITS = [("zh-CN", name) for name in SAMPLES] + [("en", name) for name in sorted(ENGLISH.values())]


@pytest.fixture(scope="module")
def tabs(browser: Browser, served: Gallery) -> Iterator[dict[str, Page]]:
    """One tab for all screens of one language."""
    contexts = {language: browser.new_context(base_url=served.url, reduced_motion="reduce") for language in LANGUAGES}
    for language, context in contexts.items():
        context.add_cookies([{"name": "lang", "value": language, "url": served.url}])
    yield {language: context.new_page() for language, context in contexts.items()}
    for context in contexts.values():
        context.close()


def words_of(violations: list[dict[str, Any]]) -> list[str]:
    return [f"{found['id']}: {node['html'][:120]}" for found in violations for node in found["nodes"]]


@pytest.mark.parametrize(("language", "name"), VISITS)
def test_a_screen_is_accessible_and_whole(tabs: dict[str, Page], language: str, name: str) -> None:
    tab = tabs[language]
    tab.set_viewport_size({"width": 1280, "height": 800})
    tab.goto(f"/gallery/{name}", wait_until="domcontentloaded")
    if language == "zh-CN":  # the same elements stand in both languages
        assert words_of(AXE.run(tab).response["violations"]) == []
    if name not in KIOSK:
        return
    assert tab.evaluate(TARGETS) == []
    for width, height in SIZES:
        tab.set_viewport_size({"width": width, "height": height})
        assert tab.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("name", ["06-lots", "06-cup", "09-printed", "receive"])
def test_typing_a_code_by_hand_fits_too(tabs: dict[str, Page], name: str) -> None:
    tab = tabs["zh-CN"]
    tab.set_viewport_size({"width": 1280, "height": 800})
    tab.goto(f"/gallery/{name}", wait_until="domcontentloaded")
    tab.locator(".manual summary").click()
    assert tab.evaluate(TARGETS) == []
    assert tab.evaluate(CUT_OFF) == []


def test_millimetres_are_the_screens_own(page: Page) -> None:
    page.goto("/gallery/07-dosing")
    page.evaluate("document.documentElement.style.setProperty('--mm', '5.9px')")
    box = page.locator(".button.stop").bounding_box()
    assert box
    assert box["height"] >= 117


def test_the_consumers_page_fits_a_phone_in_one_request(browser: Browser, gallery: Gallery) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, base_url=gallery.url, java_script_enabled=False
    )
    phone = context.new_page()
    requests: list[str] = []
    phone.on("request", lambda request: requests.append(request.url))
    for name in (name for name in SAMPLES if name.startswith("trace-")):
        phone.goto(f"/gallery/{name}")
        boxes = [phone.locator(part).bounding_box() for part in ("body", "main")]
        assert all(box and box["x"] + box["width"] <= 360 for box in boxes)
    context.close()
    assert len(requests) == len(set(requests)) == len([name for name in SAMPLES if name.startswith("trace-")])
