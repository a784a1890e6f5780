"""The photo screen in a real browser: what the camera gives is made small on the page and posted as text."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from .conftest import Gallery

pytestmark = pytest.mark.browser


def test_a_chosen_picture_is_shown_made_small_and_posted(page: Page, gallery: Gallery) -> None:
    camera, beside = io.BytesIO(), Image.Exif()
    beside[0x010F] = "CameraOfSomebody"
    Image.new("RGB", (2000, 1000), (200, 160, 140)).save(camera, "JPEG", exif=beside)
    page.goto("/gallery/03-photo")
    page.set_input_files("input[type=file]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": camera.getvalue()})
    expect(page.locator("canvas")).to_be_visible()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("button[form=photo]").click()
    ((path, form),) = gallery.posts
    body = base64.b64decode(form["body"], validate=True)
    with Image.open(io.BytesIO(body)) as posted:
        assert (path, posted.format, posted.size) == ("/kiosk/service/s1/photo", "JPEG", (1280, 640))
    assert b"CameraOfSomebody" not in body


def test_a_file_that_is_no_picture_is_posted_as_such(page: Page, gallery: Gallery) -> None:
    page.goto("/gallery/03-photo")
    page.set_input_files("input[type=file]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    expect(page.locator("input[name=body]")).to_have_value("none")
    assert page.locator("canvas").is_hidden()
