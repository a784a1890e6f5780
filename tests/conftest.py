"""The long files first, so that the workers end together."""

from __future__ import annotations

import pytest

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
