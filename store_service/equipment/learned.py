"""What each channel has learned of each product, in small files: outside the log, visible, resettable by deletion."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from device_drivers.dosing.learning import Learned

from .bench import DoseOrder


class LearnedFiles:
    """One bench's folder. A file that cannot be read means a fresh start, one that cannot be written is not missed."""

    def __init__(self, folder: Path, bench_id: str) -> None:
        self._folder, self._bench_id = folder, bench_id

    def of(self, order: DoseOrder) -> Learned:
        try:
            return Learned.from_json(json.loads(self._place(order).read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return Learned.fresh(order.density_ug_per_ul)

    def keep(self, order: DoseOrder, learned: Learned) -> None:
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._place(order).write_text(json.dumps(learned.to_json()), "utf-8")

    def _place(self, order: DoseOrder) -> Path:
        return self._folder / f"{self._bench_id}-{order.channel}-{order.product_id}.json"
