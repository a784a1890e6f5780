"""What the consumer's phone loads: the page of a released unit, in bytes, and how many requests."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from fastapi.testclient import TestClient

from store_service.app import shop_app
from store_service.line import Line
from tests.shops import private_shop


def measure() -> dict[str, float]:
    """Bytes of the page; 1 request, because it names nothing else to load."""
    with tempfile.TemporaryDirectory() as folder, private_shop(Path(folder)) as private:
        unit = private.unit(private.released_unit())
        page = TestClient(shop_app(private.shop, Line(None, threading.Event()))).get(
            f"/01/{unit.gtin}/21/{unit.serial}"
        )
        if page.status_code != 200 or "src=" in page.text or "<link" in page.text or "<script" in page.text:
            raise AssertionError("the page is not the one request that it should be")
    return {"page_bytes": len(page.content), "page_requests": 1}
