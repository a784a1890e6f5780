"""How a round with head office ended. Nothing that a network or a hub does is an exception to the caller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Acked:
    """Head office holds every entry below `size`, by its verified cosignature."""

    size: int


@dataclass(frozen=True, slots=True)
class Sending:
    """Some entries went over, more wait; go on at once."""

    next_entry: int
    size: int


@dataclass(frozen=True, slots=True)
class Pulled:
    """Every register was asked for; `accepted` names the kinds of which a newer one is in force now."""

    accepted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Away:
    """Head office cannot be reached, or is busy; `retry_after` is in seconds, if it said so."""

    why: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Head office, or our own check of what it offered, said no. `word` ends the problem's type (protocol §3)."""

    word: str
    detail: str


@dataclass(frozen=True, slots=True)
class Nonsense:
    """The answer is not of the protocol: another server, a captive portal, a broken proxy."""

    detail: str


Outcome: TypeAlias = Acked | Sending | Pulled | Away | Refused | Nonsense


class Halted(Exception):
    """Ends a round; the round's entry point turns it into its outcome."""

    def __init__(self, outcome: Away | Refused | Nonsense) -> None:
        self.outcome = outcome
        super().__init__(repr(outcome))
