"""From a finger to the next paint, at a quarter of this machine's speed, over the screens of a whole service."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.benches import shop_on_bench
from tests.browser.clerk import BLEND, Clerk, clerk
from tests.browser.conftest import CHROMIUM, FLAGS

SLOWER = 4
# Event Timing rounds to 8 ms and tells nothing that took less than 16 ms. Screens come and go: the tab remembers.
OBSERVE = """
new PerformanceObserver(list => {
  const kept = JSON.parse(sessionStorage.getItem('touch') ?? '[]');
  for (const one of list.getEntries()) {
    if (one.name === 'pointerdown' || one.name === 'click') kept.push([one.name, one.duration, location.pathname]);
  }
  sessionStorage.setItem('touch', JSON.stringify(kept));
}).observe({type: 'event', durationThreshold: 16, buffered: true});
"""


def serve(hand: Clerk) -> None:
    """One consumer, one unit, every primary button by touch."""
    hand.sign_in()
    hand.begin()
    hand.agree()
    hand.answer()
    hand.use(BLEND, 15_000)
    hand.judge()
    hand.accept()
    hand.make(BLEND, 15_000)
    hand.hand_over()


def measure() -> dict[str, float]:
    """Slowest pointerdown and click to paint, and the slowest of both (`touch_ms`); how many touches were seen."""
    told: list[list[Any]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        shop_on_bench(Path(folder), seed=5, apart=True) as place,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        with clerk(browser, place.url, place.bench.http_url) as hand:
            hand.tap = lambda target: target.tap()
            hand.page.add_init_script(OBSERVE)
            wire = hand.page.context.new_cdp_session(hand.page)
            wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            serve(hand)
            told = json.loads(hand.page.evaluate("sessionStorage.getItem('touch') ?? '[]'"))
        browser.close()
    slowest = {name: max((one[1] for one in told if one[0] == name), default=0.0) for name in ("pointerdown", "click")}
    return {
        "touches": float(len(told)),
        "pointerdown_ms": float(slowest["pointerdown"]),
        "click_ms": float(slowest["click"]),
        "touch_ms": float(max(slowest.values())),
    }
