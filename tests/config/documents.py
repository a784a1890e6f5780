"""The demo's documents as its composition root reads them: parsed, patched, dates made those of one day."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from store_service.demo.dates import patch, resolve
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import SNAPSHOT_KINDS, Document

CONFIG = Path(__file__).parents[2] / "config"
OVERLAYS = sorted((CONFIG / "demo" / "refusals").glob("*.toml"))
NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
KIND_OF_FILE = {"staff_register": "staff"} | {kind: kind for kind in SNAPSHOT_KINDS if kind != "staff"}


def raw(name: str) -> dict[str, Any]:
    """A document as it stands in the file, by the name that overlays use."""
    path = CONFIG / f"{name}.toml" if name in ("store", "hub") else CONFIG / "demo" / f"{name}.toml"
    return tomllib.loads(path.read_text("utf-8"))


def document(name: str, changes: Mapping[str, Any] | None = None, now: datetime = NOW) -> dict[str, Any]:
    return resolve(patch(raw(name), changes or {}), beijing_date(now), now)


def snapshot(name: str, changes: Mapping[str, Any] | None = None, now: datetime = NOW) -> Document:
    """A register as head office publishes it: the attestation is stamped now unless the overlay says otherwise."""
    found = document(name, changes, now)
    if name == "products":
        found.setdefault("attested_at", now)
    return SNAPSHOT_KINDS[KIND_OF_FILE[name]].model_validate(found)


def days(found: Any) -> list[date]:
    """Every date anywhere in a document."""
    if isinstance(found, Mapping):
        return [day for value in found.values() for day in days(value)]
    if isinstance(found, list):
        return [day for value in found for day in days(value)]
    return [found] if isinstance(found, date) else []


def texts(found: Any) -> list[str]:
    """Every string anywhere in a document."""
    if isinstance(found, Mapping):
        return [text for value in found.values() for text in texts(value)]
    if isinstance(found, list):
        return [text for value in found for text in texts(value)]
    return [found] if isinstance(found, str) else []
