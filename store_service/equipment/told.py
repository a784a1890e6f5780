"""What the running shop knows of its devices, in a small file that others on this machine may read without asking the
devices. Written when something changes; true for as long as the shop runs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from .bench import DeviceHealth


class Told:
    """One bench's file in `folder`."""

    def __init__(self, folder: Path, bench_id: str) -> None:
        self._path = place(folder, bench_id)
        self._last: list[DeviceHealth] | None = None

    def keep(self, health: Sequence[DeviceHealth]) -> None:
        """A disk that takes nothing loses nothing that counts."""
        if list(health) == self._last:
            return
        fresh = self._path.with_suffix(".new")
        with suppress(OSError):
            fresh.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps([asdict(one) for one in health], ensure_ascii=False), "utf-8")
            fresh.replace(self._path)
            self._last = list(health)


def place(folder: Path, bench_id: str) -> Path:
    return folder / f"{bench_id}-devices.json"


def devices_told(folder: Path, bench_id: str) -> list[DeviceHealth]:
    """What was written last; nothing where there is none or it cannot be read."""
    try:
        return [DeviceHealth(**one) for one in json.loads(place(folder, bench_id).read_text("utf-8"))]
    except (OSError, ValueError, TypeError):
        return []
