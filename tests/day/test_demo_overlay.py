"""What an overlay changes, and where; and what only the demo may be asked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from fastapi import HTTPException

from store_service.demo import play as demo
from store_service.demo.api import Pause, move
from store_service.demo.overlay import Overlay, read_document, store_settings
from store_service.records.desk import Actor
from store_service.shop import Shop

CONFIG = Path(__file__).parents[2] / "config"
REFUSALS = CONFIG / "demo" / "refusals"
NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


def test_nothing_is_changed_without_an_overlay() -> None:
    assert store_settings(CONFIG, NOW, Overlay()).shop.province == "SH"
    assert demo.changed_documents(CONFIG / "demo", NOW, "FILER-CR", {}) == {}


def test_the_shops_own_documents_are_changed_before_it_starts() -> None:
    overlay = Overlay.read(REFUSALS / "r-scp-01-outside-pilot.toml")
    assert store_settings(CONFIG, NOW, overlay).shop.province == "XJ"


def test_only_the_named_registers_are_published_again() -> None:
    overlay = Overlay.read(REFUSALS / "r-ppl-07-same-person.toml")
    changed = demo.changed_documents(CONFIG / "demo", NOW, "FILER-CR", overlay.changes)
    assert set(changed) == {"rules", "staff"}


def test_relative_dates_of_a_change_are_those_of_the_clock() -> None:
    changes = {"lots": {"lots[lot_no=OC2609A].expiry": "-1d"}}
    lots = read_document(CONFIG / "demo" / "lots.toml", NOW, changes)["lots"]
    assert next(one for one in lots if one["lot_no"] == "OC2609A")["expiry"].isoformat() == "2026-11-21"


def test_a_clock_is_an_instant(tmp_path: Path) -> None:
    file = tmp_path / "overlay.toml"
    file.write_text('clock = "2027-10-01T00:00:00"', "utf-8")
    with pytest.raises(ValueError, match="time zone"):
        Overlay.read(file)
    file.write_text('clock = "2027-10-01T00:00:00+08:00"', "utf-8")
    assert Overlay.read(file).clock == datetime(2027, 9, 30, 16, tzinfo=UTC)


def test_a_real_shops_clock_is_nobodys_to_move(tmp_path: Path) -> None:
    real = SimpleNamespace(demo=False, data=tmp_path / "shop")
    with pytest.raises(HTTPException) as refused:
        move(Pause(minutes=5), cast(Shop, cast(Any, real)), Actor("s-01", "kiosk-1"))
    assert refused.value.status_code == 403
    assert not list(tmp_path.iterdir())
