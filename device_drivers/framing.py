"""From a stream of bytes to dated frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

_LONGEST = 512


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame without its terminator. `at` is the monotonic second when its last byte came.

    `newest` is False when more frames arrived in the same breath: such a frame waited somewhere for an unknown time,
    and only the last one of the batch can be dated.
    """

    raw: bytes
    at: float
    newest: bool = True


class Splitter(Protocol):
    """Cuts a stream of bytes into frames; one for each time a line is opened."""

    def feed(self, chunk: bytes, at: float) -> list[Frame]:
        """Frames completed by `chunk`, oldest first."""


class FrameSplitter:
    """Cuts at `terminator`; frames may come split anywhere or joined. Endless noise is dropped, never kept."""

    def __init__(self, terminator: bytes = b"\r\n") -> None:
        if not terminator:
            raise ValueError("a terminator has at least one byte")
        self._terminator = terminator
        self._rest = b""

    def feed(self, chunk: bytes, at: float) -> list[Frame]:
        """Frames completed by `chunk`, oldest first. Empty frames are kept out: they carry nothing in any protocol."""
        if not chunk:
            return []
        *whole, self._rest = (self._rest + chunk).split(self._terminator)
        self._rest = self._rest[-_LONGEST:]
        kept = [raw for raw in whole if raw]
        return [Frame(raw, at, newest=index == len(kept) - 1) for index, raw in enumerate(kept)]
