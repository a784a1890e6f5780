"""One Chromium and one gallery for all tests of this folder."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

from kiosk_ui.gallery import build

expect.set_options(timeout=20_000)  # patience for a busy machine; nothing here measures time
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage", "--mute-audio"]


@dataclass(frozen=True)
class Gallery:
    url: str
    app: FastAPI

    @property
    def posts(self) -> list[tuple[str, dict[str, str]]]:
        return self.app.state.posts


# Package scope: Playwright's loop must be gone before other packages call asyncio.run.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is not there: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def served(browser: Browser) -> Iterator[Gallery]:
    """The gallery on a free port; it depends on `browser` so that streams are closed before the server stops."""
    app = build(period_s=0.1)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield Gallery(f"http://127.0.0.1:{listener.getsockname()[1]}", app)
    server.should_exit = True
    thread.join(10)
    listener.close()
    assert not thread.is_alive()


@pytest.fixture
def gallery(served: Gallery) -> Gallery:
    served.posts.clear()
    return served


@pytest.fixture
def page(browser: Browser, gallery: Gallery) -> Iterator[Page]:
    """A kiosk at 1280 × 800. Any script error or refused resource fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=gallery.url, has_touch=True)
    context.set_default_timeout(10_000)
    tab = context.new_page()
    troubles: list[str] = []
    tab.on("pageerror", lambda error: troubles.append(str(error)))
    tab.on("console", lambda line: troubles.append(line.text) if "Content Security Policy" in line.text else None)
    yield tab
    context.close()
    assert troubles == []
