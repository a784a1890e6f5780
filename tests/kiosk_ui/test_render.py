"""Every screen renders in both languages from its plain view model, and keeps the rules of its face."""

import base64
import hashlib
import itertools
import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from kiosk_ui.gallery import build
from kiosk_ui.models import RefusalSheet, Words
from kiosk_ui.render import FOLDER, Faces
from kiosk_ui.samples import SAMPLES
from kiosk_ui.samples_service import DOSED, OPENED_TOO_LONG
from kiosk_ui.words import LANGUAGES

KIOSK = [name for name, sample in SAMPLES.items() if sample.frame]
TRACE = [name for name in SAMPLES if name.startswith("trace-")]


KEYS = (f"k{n}" for n in itertools.count())
FACES = Faces(lambda: next(KEYS))


def render(name: str, language: str = "zh-CN", **changes: object) -> str:
    model = {"here": "/gallery/x", "whole": True, "sheet": None, **SAMPLES[name].context, **changes}
    return FACES.html(language, SAMPLES[name].template, **model)


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(build(period_s=0.001), follow_redirects=False)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SAMPLES)
def test_every_screen_renders(name: str, language: str) -> None:
    html = render(name, language)
    assert f'<html lang="{language}"' in html
    assert re.search(r"<title>[^<]+</title>", html)


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_inline(name: str) -> None:
    html = render(name)
    assert " style=" not in html
    assert not re.search(r"\son\w+=", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert name in TRACE or "<style" not in html


@pytest.mark.parametrize("name", KIOSK)
def test_one_filled_button_a_screen(name: str) -> None:
    html = render(name)
    screen, sheet, idle = (
        html.split('<div id="sheet">')[0],
        html.split('<div id="sheet">')[1],
        html.split('id="idle"')[1],
    )
    assert screen.count('class="button primary') <= 1
    assert sheet.count('class="button primary') - idle.count('class="button primary') <= 1


@pytest.mark.parametrize("name", KIOSK)
def test_every_form_that_posts_has_its_own_key(name: str) -> None:
    html = render(name)
    keys = re.findall(r'name="key" value="(k\d+)"', html)
    assert len(keys) == len(set(keys)) == len(re.findall(r'<form method="post"', html))


def test_a_swap_gets_the_screen_without_the_document(client: TestClient) -> None:
    whole = client.get("/gallery/07-dosing").text
    part = client.get("/gallery/07-dosing", headers={"x-swap": "#screen"}).text
    assert "<html" in whole
    assert "<html" not in part
    assert part.lstrip().startswith('<div id="screen"')


def test_no_template_switches_escaping_off() -> None:
    sources = {path.name: path.read_text("utf-8") for path in FOLDER.rglob("*.html")}
    assert [name for name, text in sources.items() if re.search(r"\|\s*safe\b|autoescape", text)] == []


def test_data_is_escaped() -> None:
    sample = SAMPLES["01-sign-in"]
    screen = sample.model["screen"]
    person = type(screen.people[0])("E9", Words("<img src=x>", "-"), screen.people[0].role)
    html = render("01-sign-in", screen=type(screen)((person,)))
    assert "<img src=x>" not in html
    assert "&lt;img src=x&gt;" in html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", TRACE)
def test_the_consumers_page_is_light_and_has_no_script(name: str, language: str) -> None:
    html = render(name, language)
    assert len(html.encode()) < 15_000
    assert "<script" not in html
    assert not re.search(r"\b(?:src|srcset)=|@import|url\(", html)


@pytest.mark.parametrize("name", TRACE)
def test_the_consumers_page_names_its_own_style_in_its_policy(client: TestClient, name: str) -> None:
    answer = client.get(f"/gallery/{name}")
    style = re.search(r"<style>(.*?)</style>", answer.text, re.S)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers


def test_the_recall_stands_first_on_the_page() -> None:
    html = render("trace-recalled")
    assert html.index('role="alert"') < html.index("<main")
    assert 'role="alert"' not in render("trace-intact")


@pytest.mark.parametrize("name", ["trace-missing", "trace-voided"])
def test_a_bad_label_never_claims_an_unaltered_record(name: str) -> None:
    assert "unaltered" not in render(name, "en")
    assert "unaltered since it was sealed" in render("trace-intact", "en")


@pytest.mark.parametrize("name", ["00-ready", "qa-units"])
def test_the_shops_pages_allow_only_themselves(client: TestClient, name: str) -> None:
    policy = client.get(f"/gallery/{name}").headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; style-src 'self';")
    assert "unsafe" not in policy


def test_assets_are_addressed_by_content(client: TestClient) -> None:
    for name in ("kit.js", "atelier.css", "kiosk.css", "qa.css", "mark.svg"):
        answer = client.get(FACES.assets.url(name))
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert client.get("/static/000000000000/kit.js").status_code == 404
    assert client.get("/static/fonts/NotoSansSC-Regular.otf").headers["content-type"] == "font/otf"


def test_the_kit_stays_small() -> None:
    assert len(FACES.assets.bodies["kit.js"]) <= 12_000


def test_language_by_cookie_and_by_query(client: TestClient) -> None:
    assert '<html lang="zh-CN"' in client.get("/gallery/00-ready").text
    assert '<html lang="en"' in client.get("/gallery/00-ready", headers={"cookie": "lang=en"}).text
    assert '<html lang="en"' in client.get("/gallery/trace-intact?lang=en").text
    assert '<html lang="zh-CN"' in client.get("/gallery/trace-intact?lang=xx").text


def test_the_ready_screen_shows_no_consumer() -> None:
    assert "data-personal" not in render("00-ready")
    assert "data-personal" in render("03-many")


@pytest.mark.parametrize(
    ("language", "shown", "hidden"), [("zh-CN", "基底乳液", "Base lotion"), ("en", "Base lotion", "基底乳液")]
)
def test_a_refusal_tells_each_value_once_in_its_language(language: str, shown: str, hidden: str) -> None:
    facts = {"product_zh": "基底乳液", "product_en": "Base lotion", "rh_pct10": 712, "roster": "unknown"}
    sheet = RefusalSheet((replace(OPENED_TOO_LONG, facts=facts),))
    html = FACES.html(language, "fragments/refusal.html", sheet=sheet, frame=SAMPLES["06-lots"].frame)
    assert shown in html
    assert hidden not in html
    assert "71.2\u00a0%" in html
    assert ("未知" if language == "zh-CN" else "unknown") in html


def test_a_fragment_event_names_its_target_first() -> None:
    data = FACES.event("en", "components", "fragments/components.html", screen=DOSED)
    first, rest = data.split("\n", 1)
    assert first == "components"
    assert rest.lstrip().startswith('<section id="components"')
