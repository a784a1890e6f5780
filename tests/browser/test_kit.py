"""What the kit does in the browser: one act per tap, live numbers, scanner, idle guard, languages."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk_ui.samples_service import GAUGE, a_dose

from .conftest import Gallery

pytestmark = pytest.mark.browser

DONE = replace(GAUGE, mg=5_004)
WATCH = """() => {
  window.seen = [];
  const place = document.querySelector('[data-bind=mg]');
  new MutationObserver(() => window.seen.push(place.textContent))
    .observe(place, {childList: true, characterData: true, subtree: true});
}"""


def until(page: Page, holds: Callable[[], bool], tries: int = 500) -> None:
    """Waits without page.wait_for_function, which the page's own policy forbids."""
    for _ in range(tries):
        if holds():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it did not come to hold")


def test_the_gauge_follows_the_stream(page: Page) -> None:
    page.goto("/gallery/07-live")
    page.evaluate(WATCH)
    expect(page.locator("#gauge")).to_have_attribute("data-state", "in_band")
    expect(page.locator("[data-bind=mg]")).to_have_text("5.004")
    seen = [int(text.replace(".", "")) for text in page.evaluate("window.seen")]
    sent = [gauge.mg for gauge in a_dose()]
    assert len(seen) >= 12
    assert seen == sent[-len(seen) :]  # every reading once, in order, none left out
    assert float(page.locator("#gauge").evaluate("e => e.style.getPropertyValue('--fill')")) == DONE.live["fill"] / 1000
    expect(page.get_by_role("meter")).to_have_attribute("aria-valuenow", "5004")


def test_a_step_arrives_as_a_fragment(page: Page) -> None:
    page.goto("/gallery/07-live")
    row = page.locator("#components li").nth(1)
    expect(row).to_contain_text("进行中")
    expect(row).to_contain_text("合格")
    expect(row).to_contain_text("5.004")
    expect(page.locator("#components")).to_have_count(1)


def test_a_lost_stream_shows_the_banner_and_comes_back(page: Page) -> None:
    page.route("**/gallery/still", lambda route: route.abort())
    page.goto("/gallery/07-dosing")
    expect(page.locator("#away")).to_be_visible()
    page.unroute("**/gallery/still")
    expect(page.locator("#away")).to_be_hidden()


def test_a_double_tap_is_one_act(page: Page, gallery: Gallery) -> None:
    page.goto("/gallery/07-dosing")
    stop = page.locator(".button.stop")
    stop.evaluate("button => { button.click(); button.click(); button.form.requestSubmit(); }")
    expect(stop).to_have_attribute("aria-busy", "true")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    assert [path for path, _ in gallery.posts] == ["/kiosk/unit/u1/stop"]


def test_a_swap_keeps_the_page_and_renews_the_key(page: Page, gallery: Gallery) -> None:
    page.goto("/gallery/04-formula")
    page.evaluate("window.same = true")
    for _ in range(2):
        page.locator("[value='plus:P1']").tap()
        expect(page.locator("[data-held]")).to_have_count(0)
    assert page.evaluate("window.same")
    forms = [form for _, form in gallery.posts]
    assert [form["act"] for form in forms] == ["plus:P1", "plus:P1"]
    assert forms[0]["key"] != forms[1]["key"]


def test_a_post_that_fails_keeps_its_key(page: Page, gallery: Gallery) -> None:
    page.goto("/gallery/08-weigh")
    key = page.locator("#task [name=key]").input_value()
    page.route("**/weigh", lambda route: route.abort())
    page.get_by_role("button", name="取数").tap()
    expect(page.locator("[data-held]")).to_have_count(0)
    page.unroute("**/weigh")
    page.get_by_role("button", name="取数").tap()
    expect(page.locator("#task [name=key]")).not_to_have_value(key)
    assert [form["key"] for _, form in gallery.posts] == [key]


def test_without_script_a_form_posts_and_is_redirected(browser: Browser, gallery: Gallery) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=gallery.url)
    tab = context.new_page()
    tab.goto("/gallery/07-dosing")
    tab.locator(".button.stop").click()
    tab.wait_for_url("**/gallery/07-dosing")
    context.close()
    assert [path for path, _ in gallery.posts] == ["/kiosk/unit/u1/stop"]


def test_bursts_of_a_scanner_are_posted_one_after_another(page: Page, gallery: Gallery) -> None:
    page.goto("/gallery/06-lots")
    for code in ("L260117-ABCDEF", "L260233-GHIJKL", "L260190-MNOPQR"):
        page.evaluate("code => dispatchEvent(new CustomEvent('wedge', {detail: code}))", code)
    until(page, lambda: len(gallery.posts) == 3)
    assert [(path, form["code"], form["how"]) for path, form in gallery.posts] == [
        ("/kiosk/unit/u1/scan", code, "wedge") for code in ("L260117-ABCDEF", "L260233-GHIJKL", "L260190-MNOPQR")
    ]


def keys(page: Page, text: str, gap_ms: int) -> None:
    """Real key events whose own time stamps lie `gap_ms` apart, however slow this machine is."""
    wire = page.context.new_cdp_session(page)
    start = time.time()
    for n, sign in enumerate(text):
        key = (
            {"key": "Enter", "text": "\r", "windowsVirtualKeyCode": 13} if sign == "\n" else {"key": sign, "text": sign}
        )
        stamp = {"timestamp": start + n * gap_ms / 1000}
        wire.send("Input.dispatchKeyEvent", {"type": "keyDown", **key, **stamp})
        wire.send("Input.dispatchKeyEvent", {"type": "keyUp", **key, **stamp})


def test_a_burst_of_keys_is_a_scan_wherever_one_stands(page: Page, gallery: Gallery) -> None:
    page.goto("/gallery/06-lots")
    page.get_by_text("无法扫描？").tap()
    page.locator("#manual-code").fill("L2")
    keys(page, "L260233-GHIJKL\n", 5)
    until(page, lambda: len(gallery.posts) == 1)
    assert [(form["code"], form["how"]) for _, form in gallery.posts] == [("L260233-GHIJKL", "wedge")]


def test_a_burst_for_another_field_is_taken_out_of_it(page: Page, gallery: Gallery) -> None:
    page.goto("/gallery/01-sign-in")
    page.locator("#pin").fill("12")
    page.route("**/kiosk/sign-in", lambda route: route.abort())  # the page stays as it is
    with page.expect_request("**/kiosk/sign-in"):
        keys(page, "9876543\n", 5)
    expect(page.locator("#pin")).to_have_value("12")


def test_slow_human_typing_is_not_a_scan(page: Page, gallery: Gallery) -> None:
    page.goto("/gallery/06-lots")
    page.locator("#main").focus()
    keys(page, "L260233\n", 60)
    page.get_by_text("无法扫描？").tap()
    page.locator("#manual-code").focus()
    keys(page, "L260233", 60)
    page.get_by_role("button", name="录入").tap()
    until(page, lambda: len(gallery.posts) == 1)
    assert [(form["code"], form["how"]) for _, form in gallery.posts] == [("L260233", "manual")]


def test_the_simulated_scanner_scans_as_the_wedge_does(page: Page, gallery: Gallery) -> None:
    page.goto("/gallery/06-lots")
    page.get_by_text("模拟扫码枪").tap()
    with page.expect_response("**/scan"):
        page.get_by_role("button", name="舒缓精华 L260233").tap()
    assert [form["how"] for _, form in gallery.posts] == ["wedge"]


def test_a_refused_scan_opens_the_sheet(page: Page) -> None:
    page.goto("/gallery/06-lots")
    page.evaluate("dispatchEvent(new CustomEvent('wedge', {detail: 'BAD-L260117'}))")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_be_visible()
    assert sheet.evaluate("e => e.matches(':modal')")
    expect(sheet).to_contain_text("R-BLD-04")
    expect(sheet).to_contain_text("2026-09-12")
    expect(page.locator("#status")).to_contain_text("1 项规则")
    sheet.get_by_role("button", name="知道了").tap()
    expect(sheet).to_be_hidden()


def test_the_keypad_fills_six_digits_and_no_more(page: Page) -> None:
    page.goto("/gallery/01-sign-in")
    for digit in "1234567":
        page.get_by_role("button", name=digit, exact=True).tap()
    expect(page.locator("#pin")).to_have_value("123456")
    page.get_by_role("button", name="删除一位").tap()
    expect(page.locator("#pin")).to_have_value("12345")


def test_two_fields_share_one_keypad(page: Page) -> None:
    page.goto("/gallery/shift-room")
    for key in "22.5":
        page.get_by_role("button", name=key, exact=True).tap()
    page.locator("#rh").focus()
    for key in "48":
        page.get_by_role("button", name=key, exact=True).tap()
    expect(page.locator("#temp")).to_have_value("22.5")
    expect(page.locator("#rh")).to_have_value("48")


def test_an_idle_screen_with_personal_data_is_wiped(page: Page, gallery: Gallery) -> None:
    page.clock.install()
    page.goto("/gallery/03-many")
    page.clock.run_for(89_000)
    expect(page.locator("#idle")).to_be_hidden()
    page.clock.run_for(2_000)
    expect(page.locator("#idle")).to_be_visible()
    page.get_by_role("button", name="继续").tap()
    expect(page.locator("#idle")).to_be_hidden()
    page.clock.run_for(91_000)
    with page.expect_request("**/kiosk/wipe"):
        page.clock.run_for(16_000)
    until(page, lambda: len(gallery.posts) == 1)
    assert gallery.posts[0][0] == "/kiosk/wipe"


@pytest.mark.parametrize("name", ["07-pour", "00-ready"])
def test_dosing_and_screens_without_personal_data_are_never_wiped(page: Page, gallery: Gallery, name: str) -> None:
    page.clock.install()
    page.goto(f"/gallery/{name}")
    page.clock.run_for(300_000)
    expect(page.locator("#idle")).to_be_hidden()
    assert gallery.posts == []


def test_the_language_switches_where_one_stands(page: Page) -> None:
    page.goto("/gallery/07-dosing")
    page.get_by_role("button", name="中 / EN").tap()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/gallery/07-dosing")
    expect(page.locator("#gauge h1")).to_contain_text("Dosing, please do not touch the scale")
    page.get_by_role("button", name="中 / EN").tap()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
