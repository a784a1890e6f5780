"""What every map states, whatever the model speaks: source, how sure we are, line, and what bounds a runaway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from device_drivers.dispensers.base import BOUNDS

PROVENANCE = ("manual", "public-code", "simulated", "hardware-verified")
"""How far a map can be trusted, least last but one: a manual's words, other people's code, our simulator, a device."""


class MapError(ValueError):
    """A map that cannot be used; the message names the file and the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """`unit` and `framing` are the factory's; store.toml may say otherwise. `answer_s` is the longest answer."""

    name: str
    model: str
    provenance: str
    source: str
    contradictions: tuple[str, ...]
    ends_by_itself: tuple[str, ...]
    unit: int
    framing: str
    answer_s: float
    confirm_polls: int


def head_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `Head`. `ends_by_itself` must be stated; an empty list is a statement. KeyError, ValueError."""
    bounds = tuple(raw["ends_by_itself"])
    if not set(bounds) <= set(BOUNDS):
        raise ValueError(f"ends_by_itself names some of {BOUNDS}, not {bounds}")
    if raw["provenance"] not in PROVENANCE:
        raise ValueError(f"provenance must be one of {PROVENANCE}")
    return {
        "name": raw["name"],
        "model": raw["model"],
        "provenance": raw["provenance"],
        "source": raw["source"],
        "contradictions": tuple(raw.get("contradictions", ())),
        "ends_by_itself": bounds,
        "unit": int(raw.get("unit", 1)),
        "framing": raw.get("framing", "9600 8N1"),
        "answer_s": float(raw["timing"]["answer_s"]),
        "confirm_polls": int(raw["timing"]["confirm_polls"]),
    }


def word_order_of(raw: Mapping[str, Any]) -> Any:
    if raw["word_order"] not in ("big", "little"):
        raise ValueError("word_order must be big or little")
    return raw["word_order"]
