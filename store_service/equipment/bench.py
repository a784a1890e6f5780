"""What a command may ask of a bench. `live.py` is the one that drives devices; commands know only this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol


class DeviceTrouble(Exception):
    """A device did not do what was asked; `zh` and `en` tell a clerk what happened and what to do.

    `uncertain`: nobody heard whether it did; whatever was asked may be under way.
    """

    def __init__(self, device: str, fault: str, zh: str, en: str, detail: str = "", *, uncertain: bool = False) -> None:
        self.device, self.fault, self.zh, self.en, self.detail = device, fault, zh, en, detail
        self.uncertain = uncertain
        super().__init__(f"{device}: {fault} {detail}".strip())


class Unbounded(ValueError):
    """A dispenser that nothing stops when this program dies (DESIGN.md §4.7): it is not used."""

    def __init__(self, name: str) -> None:
        self.zh = (
            f"电脑一旦停止工作，没有任何机制能停住“{name}”这种泵，因此不能使用。请在电机供电中加装看门狗继电器，"
            "并写入 store.toml 的 [benches.dispenser.relay]；或换用自带定量或通信看门狗的泵。"
        )
        self.en = (
            f"Nothing stops a pump of map {name} when this computer dies, so it is not used. Fit a dead-man relay into "
            "the motor's supply and name it in [benches.dispenser.relay] of store.toml, or choose a pump with bounded "
            "doses or a watchdog of its own."
        )
        super().__init__(self.en)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A stable gross reading and the frame it came in."""

    gross_mg: int
    raw: str


@dataclass(frozen=True, slots=True)
class DoseOrder:
    """One dose to carry out. `channel` None is a pour by hand under the gauge. What a channel learns is of `lot_no`."""

    dose_id: str
    product_id: str
    channel: int | None
    target_mg: int
    under_mg: int
    over_mg: int
    gross_before_mg: int
    max_gross_mg: int
    density_ug_per_ul: int
    bound_ul: int
    lot_no: str = ""


@dataclass(frozen=True, slots=True)
class DoseReport:
    """How a dose ended. `gross_after_mg` is None when the scale could not be read: the dose then stays open."""

    dose_id: str
    outcome: str
    fault: str | None
    gross_after_mg: int | None
    raw_before: str
    raw_after: str
    trace: bytes | None
    duration_ms: int
    starts: int


@dataclass(frozen=True, slots=True)
class FlushOrder:
    """Product through a line into a vessel on the scale: `volume_ul` at most, less once `enough_mg` have landed."""

    channel: int
    volume_ul: int
    enough_mg: int | None = None


@dataclass(frozen=True, slots=True)
class Flushed:
    """What moved by the scale (None: it could not be weighed) and by the pump; `fault` as of a dose."""

    moved_mg: int | None
    delivered_ul: int
    fault: str | None
    raw_before: str
    raw_after: str


@dataclass(frozen=True, slots=True)
class Tube:
    """A pump tube since it was fitted. `lost_bp`: share of its yield that is gone; `change_on`: when that is a tenth.
    Both None while there is too little to judge by.
    """

    channel: int
    fitted: str
    pumped_mg: int
    lost_bp: int | None
    change_on: date | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A learned number: `sd` is its spread, `count` how many doses it comes from since it last had to begin anew."""

    mean: float
    sd: float
    count: int


@dataclass(frozen=True, slots=True)
class Known:
    """What a channel has learned of one lot of a product with one tube. `tube` counts the channel's tubes from 1,
    `pumped_mg` is its age at the last of the `doses`. `figures` by name: flow_mg_s, lag_s, tail_s, yield_mg_per_ul,
    void_mg (device_drivers/dosing/learning.py says what they are).
    """

    channel: int
    product_id: str
    lot_no: str
    tube: int
    pumped_mg: int
    doses: int
    last: str
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Seen:
    """The last gross reading of the last dose that was begun here, also after the process died."""

    dose_id: str
    gross_mg: int


@dataclass(frozen=True, slots=True)
class Gauge:
    """What the gauge shows now. `mg` is the last true gross reading, None before the first; `age_ms` how old it is."""

    mg: int | None
    stable: bool
    age_ms: int
    state: str  # ok | overload | underload | lost
    dose_id: str | None = None
    phase: str = "idle"  # idle | dosing | settling
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class DeviceHealth:
    """One device: what is connected, and in words what to do when it is not; `fault` is the error's name."""

    device: str
    ok: bool
    identity: str
    zh: str = ""
    en: str = ""
    detail: str = ""
    fault: str = ""


class Bench(Protocol):
    """Thread-safe; every call may block for device time and must not be made inside a transaction."""

    def weigh(self) -> Weighed:
        """A stable gross reading. Raises DeviceTrouble."""

    def begin(self, order: DoseOrder, ended: Callable[[DoseReport], None]) -> None:
        """Start a dose and return; `ended` is called once, in another thread. Raises DeviceTrouble if nothing moved."""

    def settle(self, dose_id: str) -> None:
        """The clerk says that a pour is finished."""

    def stop(self) -> None:
        """Stop whatever moves. Safe at any time."""

    def flush(self, order: FlushOrder) -> Flushed:
        """Load, prime or purge; returns when it stands and is weighed. Raises DeviceTrouble if nothing moved."""

    def tubes(self) -> list[Tube]:
        """Every tube that has pumped; never blocks."""

    def fit_tube(self, channel: int) -> None:
        """A new tube is in this channel: its wear counts from now."""

    def learned(self) -> list[Known]:
        """What the channels have learned; never blocks."""

    def forget(self, known: tuple[int, str, str, int]) -> bool:
        """(channel, product, lot, tube) begins anew; False when there is nothing. Raises DeviceTrouble in a dose."""

    def print(self, bitmaps: list[tuple[int, int, bytes]], second: bool = False) -> None:
        """Print labels (width, height, rows) one after another, on the second printer where asked. Raises
        DeviceTrouble: what came out is then void."""

    def gauge(self) -> Gauge:
        """The latest reading; never blocks."""

    def health(self) -> list[DeviceHealth]:
        """Every device of the bench; never blocks."""
