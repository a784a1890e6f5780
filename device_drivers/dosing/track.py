"""The readings of one dose: the last two seconds for judging rest, all of them for the trace."""

from __future__ import annotations

from collections import deque

from device_drivers.reading import Reading

_KEPT_S = 2.0
_QUIET_S = 0.35


class Track:
    """`began` is the dose's start on the monotonic clock; `quiet_mg` what readings at rest may differ by."""

    def __init__(self, began: float, quiet_mg: float) -> None:
        self._began = began
        self.quiet_mg = quiet_mg
        self._recent: deque[tuple[float, int]] = deque()
        self._trace: list[tuple[int, int, int]] = []

    def add(self, reading: Reading, speed_bp: int) -> int:
        """Returns the reading's ms since the start. One without a mass leaves no trace."""
        t_ms = round((reading.at - self._began) * 1000)
        if reading.mass_mg is not None:
            self._recent.append((reading.at, reading.mass_mg))
            while self._recent[0][0] < reading.at - _KEPT_S:
                self._recent.popleft()
            self._trace.append((t_ms, reading.mass_mg, speed_bp))
        return t_ms

    @property
    def last_mg(self) -> int:
        """Raises IndexError before the first mass."""
        return self._recent[-1][1]

    @property
    def last_at(self) -> float:
        """When the last mass came. Raises IndexError before the first."""
        return self._recent[-1][0]

    @property
    def trace(self) -> tuple[tuple[int, int, int], ...]:
        return tuple(self._trace)

    def shown_at_s(self, since: float, before_mg: float, final_mg: float) -> float:
        """When the scale showed the way from `before_mg` to `final_mg`, on the average: the area above its curve."""
        at, mass, area = since, before_mg, 0.0
        for t_ms, shown, _ in self._trace:
            later = self._began + t_ms / 1000.0
            if later > since:
                area += (final_mg - (mass + shown) / 2.0) * (later - at)
                at, mass = later, float(shown)
        return since + area / (final_mg - before_mg)

    def resting_mg(self, now: float, least: int = 3) -> float | None:
        """The mean of the last readings up to `now` when there are enough and they lie together, else None."""
        lately = [mass for at, mass in self._recent if now - _QUIET_S < at <= now]
        if len(lately) < least or max(lately) - min(lately) > self.quiet_mg:
            return None
        return sum(lately) / len(lately)

    def supports(self, reading: Reading, least: int = 3) -> bool:
        """Whether the readings around it agree: a stable flag that is stuck does not hide a moving mass."""
        return reading.stable and self.resting_mg(reading.at, least) is not None
