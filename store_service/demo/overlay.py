"""An overlay of the demo: documents changed by path, and the instant at which its clock stands.

`store`, `filer`, `opening` and `label` are changed before the shop starts. The registers are published by the demo's
head office once the opening of the shift has been played with the unchanged ones (config/demo/refusals/README.md).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from store_service.demo.dates import patch, resolve
from store_service.rules.dates import beijing_date
from store_service.settings import StoreSettings

Changes = Mapping[str, Mapping[str, Any]]
"""Document name → path → value."""


@dataclass(frozen=True, slots=True)
class Overlay:
    changes: Changes = field(default_factory=dict)
    clock: datetime | None = None

    @classmethod
    def read(cls, path: Path) -> Overlay:
        """Raises tomllib's error for malformed TOML, ValueError for a clock that is no instant."""
        raw = tomllib.loads(path.read_text("utf-8"))
        clock = datetime.fromisoformat(raw["clock"]) if "clock" in raw else None
        if clock is not None and clock.tzinfo is None:
            raise ValueError(f"{path.name}: clock needs a time zone")
        return cls(raw.get("set", {}), clock)


def read_document(path: Path, now: datetime, changes: Changes | None = None) -> dict[str, Any]:
    """A TOML document with an overlay's changes of it, its relative dates made dates of `now`."""
    raw = tomllib.loads(path.read_text("utf-8"))
    return resolve(patch(raw, (changes or {}).get(path.stem, {})), beijing_date(now), now)


def store_settings(config: Path, now: datetime, overlay: Overlay) -> StoreSettings:
    """store.toml as the overlay has it. Raises pydantic's ValidationError, which names the setting."""
    return StoreSettings.model_validate(read_document(config / "store.toml", now, overlay.changes))
