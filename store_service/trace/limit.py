"""A limit by page, not by person: who asks is neither looked at nor remembered (ui note §3.3)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOW_NS = 60 * 10**9
A_PAGE = 60
UNKNOWN = 600


@dataclass
class PageLimit:
    """At most `a_page` answers a minute for one label, and `together` a minute for whatever names no label.

    Counts begin again with each minute, so that memory is bounded by what one minute can ask.
    """

    mono_ns: Callable[[], int]
    a_page: int = A_PAGE
    together: int = UNKNOWN
    _began: int = 0
    _counts: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def passes(self, key: str | None) -> bool:
        """Count one question about `key`, None for a code that names nothing; False when it is one too many."""
        with self._lock:
            now = self.mono_ns()
            if now - self._began >= WINDOW_NS:
                self._began, self._counts = now, {}
            name = key or ""
            self._counts[name] = self._counts.get(name, 0) + 1
            return self._counts[name] <= (self.a_page if key else self.together)
