"""Maps of dispensers: data in `maps/*.toml`, checked when loaded. `style` says which driver reads one.

A map states its source, its provenance, what is known to contradict it and what ends a dose when the host is gone.
Nothing may be stated too: such a model is then used behind a dead-man relay only (`relays.py`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device_drivers.dispensers.base import WATCHDOG, ChannelState
from device_drivers.dispensers.map_head import Head, MapError, head_of, word_order_of
from device_drivers.dispensers.pump_maps import BatchMap, ContinuousMap, RunzeMap, WatsonMarlowMap
from device_drivers.dispensers.registers import WordOrder

_FOLDER = Path(__file__).parent / "maps"

__all__ = ["AnyMap", "DispenserMap", "MapError", "known_maps", "load_map"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DispenserMap(Head):
    """A dispenser with a block of holding registers per channel and a dose counter. Addresses are 0-based."""

    word_order: WordOrder
    channels: int
    speed_max_bp: int
    reverse_max_ms: int
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


AnyMap = DispenserMap | ContinuousMap | BatchMap | WatsonMarlowMap | RunzeMap


def known_maps(folder: Path = _FOLDER) -> list[str]:
    """Names of all maps."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load_map(name: str, folder: Path = _FOLDER) -> AnyMap:
    """The map `<name>.toml`. Raises MapError when it does not exist, lacks a key or contradicts itself."""
    path = folder / f"{name}.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        return _STYLES[raw["style"]](raw)
    except FileNotFoundError:
        raise MapError(f"no dispenser map {name!r}; known: {', '.join(known_maps(folder))}") from None
    except KeyError as error:
        raise MapError(f"{path.name}: key {error.args[0]!r} is missing or unknown") from error
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise MapError(f"{path.name}: {error}") from error


def _counted(raw: Mapping[str, Any]) -> DispenserMap:
    head = head_of(raw)
    watchdog_ms = int(raw["watchdog"]["timeout"]["set_ms"])
    if WATCHDOG in head["ends_by_itself"] and watchdog_ms <= 0:
        raise ValueError("watchdog is named as a bound and its set_ms disables it")
    channel = raw["channel"]
    return DispenserMap(
        **head,
        word_order=word_order_of(raw),
        channels=int(raw["channels"]),
        speed_max_bp=int(raw["speed_max_bp"]),
        reverse_max_ms=int(raw["reverse_max_ms"]),
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

_STYLES: dict[str, Callable[[Mapping[str, Any]], AnyMap]] = {
    "counted": _counted,
    "continuous": ContinuousMap.read,
    "batch": BatchMap.read,
    "watson_marlow": WatsonMarlowMap.read,
    "runze": RunzeMap.read,
}
