"""Register maps of Modbus dispensers: data in `maps/*.toml`, checked when loaded.

A map states its source, its provenance (`manual`, `simulated`, `hardware-verified`) and what ends a dose when the host
is gone. One that names nothing there is refused: such a bench needs a dead-man relay, and no driver for one exists yet.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from device_drivers.dispensers.base import ChannelState

_FOLDER = Path(__file__).parent / "maps"
_BOUNDS = ("bounded_dose", "watchdog")
_PROVENANCE = ("manual", "simulated", "hardware-verified")


class MapError(ValueError):
    """A map that cannot be used; the message names the file and the key."""


@dataclass(frozen=True, slots=True)
class ChannelMap:
    """Offsets from a channel's start, and the codes that stand there."""

    first: int
    stride: int
    length: int
    at: dict[str, int]
    commands: dict[str, int]
    states: dict[int, ChannelState]
    faults: dict[int, str]


@dataclass(frozen=True, slots=True)
class DispenserMap:
    """One model. Addresses are 0-based holding registers."""

    name: str
    model: str
    provenance: str
    source: str
    word_order: Literal["big", "little"]
    channels: int
    speed_max_bp: int
    reverse_max_ms: int
    ends_by_itself: tuple[str, ...]
    answer_s: float
    confirm_polls: int
    model_at: int
    model_expect: int
    firmware_at: int
    watchdog_at: int
    watchdog_ms: int
    kick_at: int
    device_status_at: int
    device_bits: dict[str, int]
    channel: ChannelMap

    def base(self, channel: int) -> int:
        """Address of channel 1…n's first register. Raises ValueError outside."""
        if not 1 <= channel <= self.channels:
            raise ValueError(f"{self.name} has channels 1 to {self.channels}, not {channel}")
        return self.channel.first + self.channel.stride * (channel - 1)


def load_map(name: str, folder: Path = _FOLDER) -> DispenserMap:
    """The map `<name>.toml`. Raises MapError when it does not exist, lacks a key or names no bound."""
    path = folder / f"{name}.toml"
    try:
        return _built(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in folder.glob("*.toml")))
        raise MapError(f"no dispenser map {name!r}; known: {known}") from None
    except KeyError as error:
        raise MapError(f"{path.name}: key {error.args[0]!r} is missing") from error
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise MapError(f"{path.name}: {error}") from error


def _built(raw: dict[str, Any]) -> DispenserMap:
    bounds = tuple(raw["ends_by_itself"])
    if not bounds or not set(bounds) <= set(_BOUNDS):
        raise ValueError(f"ends_by_itself must name at least one of {_BOUNDS}, not {bounds}")
    if raw["provenance"] not in _PROVENANCE:
        raise ValueError(f"provenance must be one of {_PROVENANCE}")
    if raw["word_order"] not in ("big", "little"):
        raise ValueError("word_order must be big or little")
    watchdog_ms = int(raw["watchdog"]["timeout"]["set_ms"])
    if "watchdog" in bounds and watchdog_ms <= 0:
        raise ValueError("watchdog is named as a bound and its set_ms disables it")
    channel = raw["channel"]
    return DispenserMap(
        name=raw["name"],
        model=raw["model"],
        provenance=raw["provenance"],
        source=raw["source"],
        word_order=raw["word_order"],
        channels=int(raw["channels"]),
        speed_max_bp=int(raw["speed_max_bp"]),
        reverse_max_ms=int(raw["reverse_max_ms"]),
        ends_by_itself=bounds,
        answer_s=float(raw["timing"]["answer_s"]),
        confirm_polls=int(raw["timing"]["confirm_polls"]),
        model_at=int(raw["identity"]["model"]["address"]),
        model_expect=int(raw["identity"]["model"]["expect"]),
        firmware_at=int(raw["identity"]["firmware"]["address"]),
        watchdog_at=int(raw["watchdog"]["timeout"]["address"]),
        watchdog_ms=watchdog_ms,
        kick_at=int(raw["watchdog"]["kick"]["address"]),
        device_status_at=int(raw["device"]["status"]["address"]),
        device_bits={str(k): int(v) for k, v in raw["device"]["bits"].items()},
        channel=ChannelMap(
            first=int(channel["first"]),
            stride=int(channel["stride"]),
            length=int(channel["length"]),
            at={key: int(channel["at"][key]) for key in _OFFSETS},
            commands={key: int(channel["commands"][key]) for key in ("stop", "start", "reverse")},
            states={int(code): ChannelState(word) for code, word in channel["states"].items()},
            faults={int(code): str(word) for code, word in channel["faults"].items()},
        ),
    )


_OFFSETS = (
    "command",
    "state",
    "fault",
    "speed",
    "bound",
    "delivered",
    "counter",
    "actual_speed",
    "reverse_ms",
)
