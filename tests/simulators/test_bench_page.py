"""The bench page in a real browser: the clerk's hands do what their buttons say."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from simulators.bench import RunningBench, running_bench

CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and os.environ.get("CI") != "true", reason="chromium is not installed"),
]


@pytest.fixture
def bench() -> Iterator[RunningBench]:
    with running_bench(seed=1) as running:
        yield running


@pytest.fixture
def page(bench: RunningBench) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1280, "height": 800})
        said: list[str] = []
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.goto(bench.http_url + "/")
        yield opened
        browser.close()
        assert said == []


def test_cup_pour_fault_and_back(bench: RunningBench, page: Page) -> None:
    expect(page.locator("#content")).to_have_text("–")
    page.click("#cup-on")
    expect(page.locator("#cup-off")).to_be_enabled()
    page.locator("#product").select_option("toner")
    page.locator("#pour").hover()
    page.mouse.down()
    expect(page.locator("#cupline")).to_contain_text("toner")
    assert bench.plant.pouring
    page.mouse.up()
    expect(page.locator("#pour")).not_to_have_class("held")
    page.get_by_label("容器空了 2").click()
    expect(page.get_by_label("容器空了 2")).to_have_attribute("aria-pressed", "true")
    assert bench.faults.active() == [("container_empty", 2)]
    page.click("#cup-off")
    page.locator("#shelf button").click()
    expect(page.locator("#cupline")).to_contain_text("toner")
    assert not bench.plant.pouring
    assert bench.plant.cup is not None
    assert bench.plant.cup.content_mg > 0.0
    assert Axe().run(page).violations_count == 0
