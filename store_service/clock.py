"""Time is injected. Nothing but this module and the composition roots reads the machine's clock.

`Clock.now()` is an aware UTC instant; `Clock.mono_ns()` never goes back within one boot.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """The machine's clock, shifted by `offset` (the demo's; zero in a real shop)."""

    offset: timedelta = timedelta()
    wall: Callable[[], float] = field(default=time.time)
    mono: Callable[[], int] = field(default=time.monotonic_ns)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.wall(), UTC) + self.offset

    def mono_ns(self) -> int:
        return self.mono()
