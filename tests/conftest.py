"""The long files first, so that the workers end together; and a test that stands for a rule is held to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog

from store_service.logs import AS_JSON
from store_service.rules.covered import witnessed

from . import witness

witness.listen()
structlog.configure(processors=AS_JSON)  # as in the shop; structlog's own way draws a traceback's locals for seconds
PAIRS = witnessed(witness.ROOT) if witness.KEPT.exists() else {}

LONGEST = (
    "browser/test_service.py",
    "browser/test_faults.py",
    "simulators/test_store_day.py",
    "faults/test_mid_dose.py",
    "device_drivers/test_against_simulators.py",
    "faults/test_killed.py",
    "sync/test_histories.py",
    "browser/test_screens.py",
    "browser/test_kit.py",
    "faults/test_printer.py",
    "faults/test_head_office.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        return next((n for n, name in enumerate(LONGEST) if item.path.as_posix().endswith(name)), len(LONGEST))

    items.sort(key=rank)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    with witness.hearing() as heard:
        yield
    gone = witness.broken(item.nodeid, heard, PAIRS)
    assert not gone, f"stands for {', '.join(gone)}, and shows it no longer: python -m tests.witness {item.path}"
