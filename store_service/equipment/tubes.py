"""What each pump tube has given so far, in small files: outside the log, visible, begun anew when a tube is fitted.

From it comes the wear and the day to change the tube (device_drivers/dosing/wear.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

from device_drivers.dosing.calibration import NotCalibrated, WeighedRun, calibrate
from device_drivers.dosing.wear import YieldPoint, wear

from .bench import DoseOrder, Tube
from .learned import TubeAge

MOST_POINTS = 120


class TubeFiles:
    """One bench's folder. `today` is the Beijing day or any other that never goes back. What cannot be read is a new
    tube, what cannot be written is not missed.
    """

    def __init__(self, folder: Path, bench_id: str, today: Callable[[], date]) -> None:
        self._folder, self._bench_id, self._today = folder, bench_id, today

    def note(self, order: DoseOrder, landed_mg: int | None, mg_per_ul: float) -> None:
        """A dose that was weighed."""
        if order.channel is None or landed_mg is None or landed_mg <= 0:
            return
        state = self._read(order.channel)
        state["pumped_mg"] += landed_mg
        points = state["products"].setdefault(order.product_id, [])
        points.append([self._today().isoformat(), state["pumped_mg"], mg_per_ul])
        if len(points) > MOST_POINTS:
            del points[1:-1:2]
        self._write(order.channel, state)

    def add(self, channel: int, moved_mg: int) -> None:
        """Mass that went through without a dose: it wears the tube and tells nothing of its yield."""
        if moved_mg > 0:
            state = self._read(channel)
            state["pumped_mg"] += moved_mg
            self._write(channel, state)

    def fit(self, channel: int) -> None:
        """A new tube is in this channel."""
        number = self.age(channel).number + 1
        self._write(channel, {"fitted": self._today().isoformat(), "pumped_mg": 0, "products": {}, "number": number})

    def age(self, channel: int) -> TubeAge:
        """The tube that is in this channel."""
        state = self._read(channel)
        return TubeAge(state["number"], state["pumped_mg"])

    def all(self) -> list[Tube]:
        """Every channel that has pumped."""
        found = self._folder.glob(f"{self._bench_id}-*-tube.json")
        channels = sorted(int(path.name.removesuffix("-tube.json").rsplit("-", 1)[1]) for path in found)
        return [self._tube(channel, self._read(channel)) for channel in channels]

    def _tube(self, channel: int, state: dict[str, Any]) -> Tube:
        """The worst of its products: each has a yield of its own."""
        judged = [wear(_points(points)) for points in state["products"].values()]
        known = [one for one in judged if one is not None]
        days = [one.change_on for one in known if one.change_on is not None]
        return Tube(
            channel=channel,
            fitted=state["fitted"],
            pumped_mg=state["pumped_mg"],
            lost_bp=round(max(one.lost_share for one in known) * 10_000) if known else None,
            change_on=min(days) if days else None,
        )

    def _read(self, channel: int) -> dict[str, Any]:
        fresh = {"fitted": self._today().isoformat(), "pumped_mg": 0, "products": {}, "number": 1}
        try:
            state = json.loads(self._place(channel).read_text("utf-8"))
            date.fromisoformat(state["fitted"])
            for points in state["products"].values():
                _points(points)
            number = int(state.get("number", 1))
            return {**fresh, **state, "pumped_mg": int(state["pumped_mg"]), "number": number}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return fresh

    def _write(self, channel: int, state: dict[str, Any]) -> None:
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._place(channel).write_text(json.dumps(state), "utf-8")

    def _place(self, channel: int) -> Path:
        return self._folder / f"{self._bench_id}-{channel}-tube.json"


def calibrated(runs: list[tuple[int, float]], density_ug_per_ul: int) -> dict[str, Any]:
    """From (mg, turns) of weighed runs: `mg_per_rev`, `spread_bp`, `ul_per_rev`; or `why` there is none."""
    try:
        found = calibrate([WeighedRun(moved, turns) for moved, turns in runs])
    except NotCalibrated as no:
        return {"mg_per_rev": None, "spread_bp": None, "ul_per_rev": None, "why": str(no)}
    return {
        "mg_per_rev": round(found.mg_per_rev),
        "spread_bp": round(found.spread * 10_000),
        "ul_per_rev": found.ul_per_rev(density_ug_per_ul),
        "why": "",
    }


def _points(stored: list[list[Any]]) -> list[YieldPoint]:
    return [YieldPoint(date.fromisoformat(day), int(pumped), float(mg)) for day, pumped, mg in stored]
