"""Head office's pages of second signatures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .frame import Words


@dataclass(frozen=True, slots=True)
class OfficePart:
    """One component of the unit in question; `manual`: its code was typed."""

    name: Words
    lots: tuple[str, ...]
    containers: tuple[str, ...]
    target_mg: int
    actual_mg: int
    manual: bool


@dataclass(frozen=True, slots=True)
class OfficeDeviation:
    at: datetime
    kind: str
    detail: str
    by: str
    open: bool


@dataclass(frozen=True, slots=True)
class OfficeRequest:
    """One request of a shop. `what` is the unit's batch number, or the subject where it is no unit's; `said` what the
    shop was told, `why` the reason that it gave. `sha256` goes back with the form."""

    href: str
    store_id: str
    entry: int
    sha256: str
    at: datetime
    by: str
    rule: str
    title: Words
    said: Words
    why: Words | None
    what: str
    product: str = ""
    net_mg: int | None = None
    blender: str = ""
    parts: tuple[OfficePart, ...] = ()
    deviations: tuple[OfficeDeviation, ...] = ()
    refused_before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OfficeAnswer:
    """An answer of the last day and what became of it in the shop."""

    at: datetime
    store_id: str
    what: str
    rule: str
    agreed: bool
    reason: str
    by: str
    effect: Literal["on_the_way", "settled", "without"]


@dataclass(frozen=True, slots=True)
class OfficeQueue:
    """What waits, the newest first. `live_url` names what is shown, so that the stream draws only what is new."""

    waiting: tuple[OfficeRequest, ...]
    given: tuple[OfficeAnswer, ...]
    live_url: str
