"""What each channel has learned of each product, lot and tube, in small files: outside the log, visible, resettable.

A new lot and a new tube begin with what is known already and with a spread that is honest about the change
(`Learned.changed`); for a new tube the means are those of the last one when it was new, where they are known.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from device_drivers.dosing.learning import Learned

from .bench import DoseOrder, Figure, Known

MOST_ROWS = 24
NEW_UNTIL_MG = 100_000
"""Until so much has gone through a tube it counts as new: about 0.2 % of wear."""


@dataclass(frozen=True, slots=True)
class TubeAge:
    """Which tube of its channel, counted from 1, and what has gone through it."""

    number: int
    pumped_mg: int


class LearnedFiles:
    """One bench's folder. A file that cannot be read means a fresh start, one that cannot be written is not missed."""

    def __init__(self, folder: Path, bench_id: str, today: Callable[[], date]) -> None:
        self._folder, self._bench_id, self._today = folder, bench_id, today

    def of(self, order: DoseOrder, tube: TubeAge) -> Learned:
        """What the next dose may count on."""
        rows = self._read(self._place(order.channel, order.product_id))
        for row in rows:
            if (row["lot_no"], row["tube"]) == (order.lot_no, tube.number):
                learned = Learned.from_json(row["learned"])
                learned.aged((tube.pumped_mg - row["pumped_mg"]) / 1e6)
                return learned
        if not rows:
            return self._of_an_old_file(order) or Learned.fresh(order.density_ug_per_ul)
        nearest = max(enumerate(rows), key=lambda one: (one[1]["tube"] == tube.number, one[0]))[1]
        learned = Learned.from_json(nearest["learned"])
        new_tube = nearest["tube"] != tube.number
        when_new = next((row["new"] for row in reversed(rows) if row["new"]), None)
        if new_tube and when_new:
            learned.flow_mg_s.mean, learned.yield_mg_per_ul.mean = when_new
        learned.changed(lot=nearest["lot_no"] != order.lot_no, tube=new_tube)
        return learned

    def keep(self, order: DoseOrder, tube: TubeAge, learned: Learned) -> None:
        place = self._place(order.channel, order.product_id)
        rows = self._read(place)
        same = [row for row in rows if (row["lot_no"], row["tube"]) == (order.lot_no, tube.number)]
        new = same[0]["new"] if same else None
        if tube.pumped_mg <= NEW_UNTIL_MG:
            new = [learned.flow_mg_s.mean, learned.yield_mg_per_ul.mean]
        row = {
            "lot_no": order.lot_no,
            "tube": tube.number,
            "pumped_mg": tube.pumped_mg,
            "doses": (same[0]["doses"] if same else 0) + 1,
            "on": self._today().isoformat(),
            "new": new,
            "learned": learned.to_json(),
        }
        rows = [*(one for one in rows if one not in same), row]
        self._write(place, order.channel, order.product_id, rows[-MOST_ROWS:])

    def all(self) -> list[Known]:
        """Everything that any channel has learned, the last used first."""
        found: list[Known] = []
        for place in sorted(self._folder.glob(f"{self._bench_id}-*-learned.json")):
            with suppress(OSError, ValueError, KeyError, TypeError):
                said = json.loads(place.read_text("utf-8"))
                rows = self._read(place)
                found += [_known(int(said["channel"]), str(said["product_id"]), row) for row in rows]
        return sorted(found, key=lambda one: one.last, reverse=True)

    def forget(self, known: tuple[int, str, str, int]) -> bool:
        """Delete what was learned of (channel, product, lot, tube); False when there is nothing."""
        channel, product_id, lot_no, tube = known
        place = self._place(channel, product_id)
        rows = self._read(place)
        left = [row for row in rows if (row["lot_no"], row["tube"]) != (lot_no, tube)]
        if left == rows:
            return False
        if left:
            self._write(place, channel, product_id, left)
        else:
            place.unlink(missing_ok=True)
            self._old_place(channel, product_id).unlink(missing_ok=True)
        return True

    def _of_an_old_file(self, order: DoseOrder) -> Learned | None:
        """Earlier versions kept one set of values for all lots and tubes."""
        try:
            learned = Learned.from_json(json.loads(self._old_place(order.channel, order.product_id).read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        learned.changed(lot=True, tube=True)
        return learned

    def _read(self, place: Path) -> list[dict[str, Any]]:
        try:
            rows: list[dict[str, Any]] = json.loads(place.read_text("utf-8"))["rows"]
            for row in rows:
                _known(0, "", row)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return []
        return rows

    def _write(self, place: Path, channel: int | None, product_id: str, rows: list[dict[str, Any]]) -> None:
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            place.write_text(json.dumps({"channel": channel, "product_id": product_id, "rows": rows}), "utf-8")

    def _place(self, channel: int | None, product_id: str) -> Path:
        return self._folder / f"{self._bench_id}-{channel}-{product_id}-learned.json"

    def _old_place(self, channel: int | None, product_id: str) -> Path:
        return self._folder / f"{self._bench_id}-{channel}-{product_id}.json"


def _known(channel: int, product_id: str, row: dict[str, Any]) -> Known:
    """Raises KeyError, TypeError or ValueError for a row that is not ours."""
    learned = Learned.from_json(row["learned"])
    if row["new"] is not None:
        _, _ = map(float, row["new"])
    quantities = {name: getattr(learned, name) for name in learned.__dataclass_fields__}
    return Known(
        channel=channel,
        product_id=product_id,
        lot_no=str(row["lot_no"]),
        tube=int(row["tube"]),
        pumped_mg=int(row["pumped_mg"]),
        doses=int(row["doses"]),
        last=date.fromisoformat(row["on"]).isoformat(),
        figures={name: Figure(one.mean, one.sd, one.count) for name, one in quantities.items()},
    )
