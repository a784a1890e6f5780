"""The photo of a visit: asked for apart, as easily declined, kept without what the camera wrote, gone at a touch."""

from __future__ import annotations

import base64
import io
import re
from datetime import timedelta

import pytest
from PIL import Image

from store_service.catalogue.commands import import_register
from store_service.catalogue.queries import registers
from store_service.consultation.queries import find_service
from store_service.privacy.vault import held
from store_service.rules.words import lint
from tests.shops import PrivateShop

from .hand import Hand

BOTH = ("allergy", "skin_image")
PURPOSE = 'value="skin_image"'


def picture(size: tuple[int, int] = (640, 480)) -> str:
    """A JPEG as a camera writes it: with a device and a place beside it."""
    beside = Image.Exif()
    beside[0x010F], beside[0x8825] = "CameraOfSomebody", {1: "N", 2: (31.0, 14.0, 9.0)}
    out = io.BytesIO()
    Image.new("RGB", size, (200, 160, 140)).save(out, "JPEG", exif=beside)
    assert b"CameraOfSomebody" in out.getvalue()
    return base64.b64encode(out.getvalue()).decode()


def consented(hand: Hand, *purposes: str) -> tuple[str, str]:
    """The visit, and where the consents lead to."""
    place = hand.service()
    _, then, _ = hand.post(f"{place}/consent", place, purpose=list(purposes))
    return place, then


def test_without_its_consent_the_visit_goes_on_and_there_is_no_photo_screen(hand: Hand) -> None:
    place, then = consented(hand, "allergy")
    assert then == "", "the next screen is this visit's own"
    assert 'type="file"' not in hand.get(f"{place}/photo") and "/photo" not in hand.get(place)
    status, _, sheet = hand.post(f"{place}/photo", place, body=picture())
    assert status == 409 and "R-CON-11" in sheet
    hand.post(f"{place}/end", place)


def test_with_it_the_way_without_a_picture_stands_beside(hand: Hand) -> None:
    place, then = consented(hand, *BOTH)
    assert then == f"{place}/photo"
    page = hand.get(then)
    foot = page[page.index('<footer class="foot">') : page.index("</footer>")]
    assert 'type="file"' in page and 'capture="environment"' in page
    assert f'class="button " href="{place}/consultation"' in foot and 'class="button " form="photo"' in foot
    assert "primary" not in foot, "neither is the one to press"
    assert f"{place}/photo" in hand.get(f"{place}/consultation"), "and the way back to the camera"
    hand.post(f"{place}/end", place)


def test_a_picture_is_kept_bare_and_shown_until_the_screen_is_wiped(hand: Hand, shop: PrivateShop) -> None:
    place, then = consented(hand, *BOTH)
    status, _, page = hand.post(f"{place}/photo", then, body=picture((2600, 1300)))
    until = shop.shop.desk.now().date() + timedelta(days=30)
    assert status == 200 and f"{until:%Y-%m-%d}" in page and f"{place}/photo.jpg" in page
    kept = held(shop.shop.vault, "image", place.rsplit("/", 1)[-1])
    assert kept is not None
    body = base64.b64decode(kept["picture"])
    with Image.open(io.BytesIO(body)) as found:
        assert found.size == (1280, 640) and not found.getexif()
    assert b"CameraOfSomebody" not in body
    answer = hand.web.get(f"{place}/photo.jpg")
    assert (answer.content, answer.headers["cache-control"]) == (body, "no-store")
    hand.web.post("/kiosk/wipe")
    assert hand.web.get(f"{place}/photo.jpg").status_code == 303, "nobody is signed in"
    hand.sign_in()
    assert hand.web.get(f"{place}/photo.jpg").status_code == 404
    assert f"{place}/photo.jpg" not in hand.get(then)
    hand.post(f"{place}/end", place)


def test_deleting_it_takes_the_consent_back_and_the_visit_goes_on(hand: Hand, shop: PrivateShop) -> None:
    place, then = consented(hand, *BOTH)
    hand.post(f"{place}/photo", then, body=picture())
    _, led, _ = hand.post(f"{place}/photo/delete", then)
    assert led == place and held(shop.shop.vault, "image", place.rsplit("/", 1)[-1]) is None
    assert hand.web.get(f"{place}/photo.jpg").status_code == 404
    assert 'name="question"' in hand.get(place) and "/photo" not in hand.get(place)
    hand.post(f"{place}/end", place)


@pytest.mark.parametrize(
    "body", ["", "none", "!", base64.b64encode(b"GIF89a").decode(), picture()[:400], "A" * 1_200_000, "A" * 2_800_004]
)
def test_what_is_no_picture_is_told_and_not_kept(hand: Hand, shop: PrivateShop, body: str) -> None:
    place, then = consented(hand, *BOTH)
    status, _, sheet = hand.post(f"{place}/photo", then, body=body)
    assert status == 409 and "picture" in sheet
    assert held(shop.shop.vault, "image", place.rsplit("/", 1)[-1]) is None
    hand.post(f"{place}/end", place)


def test_without_an_assessment_in_force_nobody_is_even_asked(hand: Hand, shop: PrivateShop) -> None:
    desk = shop.shop.desk
    place = hand.service()
    assert PURPOSE in hand.get(place)
    with desk.read() as connection:
        rules = registers(connection, desk.site_id, desk.now()).parameters
    closed = rules.model_copy(update={"overrides": {"*": {**rules.overrides["*"], "pia_valid_to": "2026-11-21"}}})
    valid_to = desk.now() + timedelta(days=7)
    try:
        import_register(desk, closed, by="import", valid_to=valid_to)
        assert PURPOSE not in hand.get(place)
        hand.post(f"{place}/consent", place, purpose=list(BOTH))
        assert "skin_image" not in _consents(shop, place)
        status, _, sheet = hand.post(f"{place}/photo", place, body=picture())
        assert status == 409 and "R-PRV-02" in sheet
    finally:
        import_register(desk, rules, by="import", valid_to=valid_to)
    hand.post(f"{place}/end", place)


def _consents(shop: PrivateShop, place: str) -> list[str]:
    with shop.shop.desk.read() as connection:
        return list(find_service(connection, shop.shop.desk.site_id, place.rsplit("/", 1)[-1]).consents)


def test_the_screen_s_words_hold_no_medical_talk(hand: Hand) -> None:
    """R-CON-10: every word of the photo screen, in both languages."""
    place, then = consented(hand, *BOTH)
    for language in ("zh-CN", "en"):
        hand.web.cookies.set("lang", language)
        text = re.sub(r"<[^>]+>", " ", hand.get(then))
        assert [hit.word for hit in lint(text) if hit.outcome == "refuse"] == []
    hand.web.cookies.delete("lang")
    hand.post(f"{place}/end", place)
