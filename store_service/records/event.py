"""The envelope of an event and the register of payload types (RECORD.md §2).

A payload's published shape never changes: a new shape is a new `v` with an upcaster from the old one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from store_service.evidence.canonical import entry_bytes, parse

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


class Payload(BaseModel):
    """Base of every event's data: strings, integers, booleans, lists and objects; no float, nothing personal."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: ClassVar[str]
    v: ClassVar[int] = 1

    def __init_subclass__(cls, *, type: str = "", v: int = 1, **kwargs: Any) -> None:  # noqa: A002 — the keyword is the word of the log
        super().__init_subclass__(**kwargs)
        if not type:
            return
        if type in PAYLOADS:
            raise TypeError(f"event type {type} is declared twice")
        cls.type, cls.v = type, v
        PAYLOADS[type] = cls


PAYLOADS: dict[str, type[Payload]] = {}
UPCASTERS: dict[tuple[str, int], Upcaster] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a site's log, read. `payload` is None for a type or version that this build does not know."""

    site: str
    idx: int
    type: str
    v: int
    at: datetime
    boot_id: str
    mono_ns: int
    clock_offset_ms: int | None
    actor: str
    data: Mapping[str, Any]
    payload: Payload | None


def encode(
    payload: Payload,
    *,
    site: str,
    idx: int,
    at: datetime,
    boot_id: str,
    mono_ns: int,
    clock_offset_ms: int | None,
    actor: str,
) -> bytes:
    """The canonical bytes that are hashed and stored. Raises ValueError beyond 65,535 bytes."""
    return entry_bytes(
        {
            "type": payload.type,
            "v": payload.v,
            "site": site,
            "idx": idx,
            "at": rfc3339(at),
            "boot_id": boot_id,
            "mono_ns": mono_ns // 1000 * 1000 % 2**53,
            "clock_offset_ms": clock_offset_ms,
            "actor": actor,
            "data": payload.model_dump(mode="json"),
        }
    )


def decode(entry: bytes) -> Event:
    """Read canonical bytes back. Raises ValueError for bytes that are not a canonical entry."""
    raw: Any = parse(entry)
    if not isinstance(raw, dict):
        raise ValueError("an entry is an object")
    try:
        data, known = raw["data"], PAYLOADS.get(raw["type"])
        payload = None
        if known is not None and raw["v"] <= known.v:
            for version in range(raw["v"], known.v):
                data = UPCASTERS[raw["type"], version](data)
            payload = known.model_validate(data, strict=False)
        return Event(
            site=raw["site"],
            idx=raw["idx"],
            type=raw["type"],
            v=raw["v"],
            at=datetime.fromisoformat(raw["at"]),
            boot_id=raw["boot_id"],
            mono_ns=raw["mono_ns"],
            clock_offset_ms=raw["clock_offset_ms"],
            actor=raw["actor"],
            data=raw["data"],
            payload=payload,
        )
    except (KeyError, TypeError) as missing:
        raise ValueError(f"not an event: {missing}") from missing


def rfc3339(at: datetime) -> str:
    """`2026-11-22T09:36:59.000000Z`: UTC, microseconds, always the same width."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
