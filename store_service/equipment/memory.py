"""What the scale last showed in a dose, kept in a small file: a killed process leaves it behind, unlike its memory.

At resume it tells whether the cup on the pan is the one that was being filled. It is no record: no mass comes from it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from .bench import Seen


class Memory:
    """One bench's file. A file that cannot be read or written is as good as none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.seen: Seen | None = None
        with suppress(OSError, ValueError, TypeError):
            self.seen = Seen(**json.loads(path.read_text("utf-8")))

    def keep(self, seen: Seen) -> None:
        self.seen = seen
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(asdict(seen)), "utf-8")
