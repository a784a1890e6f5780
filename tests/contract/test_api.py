"""The JSON API by its own description: whatever is sent, the answer is one that it promises, and never a 500."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, seed, settings

from store_service.app import shop_app
from store_service.line import Line
from store_service.people import credentials
from tests.shops import private_shop

EXAMPLES = 10


@pytest.fixture(scope="module")
def door() -> Iterator[tuple[FastAPI, str]]:
    """A private shop's application with somebody signed in."""
    with tempfile.TemporaryDirectory() as folder, private_shop(Path(folder)) as private:
        private.released_unit()
        token = credentials.open_session(private.shop.vault, "s-01", "test", private.shop.desk.now())
        yield shop_app(private.shop, Line(None, threading.Event())), token


def test_no_input_breaks_the_service(door: tuple[FastAPI, str]) -> None:
    app, token = door
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 30
    broken: list[str] = []
    for operation in operations:
        if operation.path.endswith("/sign-out"):
            continue

        @seed(1)
        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            answer = case.call(headers={"authorization": f"Bearer {token}"})
            if answer.status_code in (500, 501, 502):
                broken.append(f"{case.method} {case.formatted_path} {case.body!r}")

        ask()
    assert not broken, "\n".join(broken[:10])
