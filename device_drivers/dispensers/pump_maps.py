"""Maps of pumps without a dose counter: continuous ones, metering pumps with batches, two that speak no Modbus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from device_drivers.dispensers.map_head import Head, head_of, word_order_of
from device_drivers.dispensers.registers import Register, WordOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuousMap(Head):
    """A pump that runs at a speed until it is told to stop. The written `run` value tells start, stop and, where the
    model keeps both in one word, the direction; `run_mask` picks the bits that mean "it runs".
    """

    word_order: WordOrder
    enable: Register | None
    run: Register
    run_stop: int
    run_forward: int
    run_reverse: int | None
    run_mask: int
    direction: Register | None
    direction_forward: int
    direction_reverse: int
    speed: Register
    speed_per_rpm: float
    actual: Register | None
    actual_per_rpm: float
    stall_after_s: float
    max_rpm: float
    ul_per_rev: int
    reverse_max_ms: int

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> ContinuousMap:
        run, speed, tube = raw["run"], raw["speed"], raw["tube"]
        direction, actual = raw.get("direction"), raw.get("actual")
        reverse = run.get("reverse", run["forward"] if direction else None)
        if reverse is None and raw["reverse_max_ms"]:
            raise ValueError("reverse_max_ms without a way to reverse")
        if min(float(speed["max_rpm"]), float(speed["per_rpm"]), int(tube["ul_per_rev"])) <= 0:
            raise ValueError("max_rpm, per_rpm and ul_per_rev are positive")
        return cls(
            **head_of(raw),
            word_order=word_order_of(raw),
            enable=Register.read(raw["enable"]) if "enable" in raw else None,
            run=Register.read(run),
            run_stop=int(run["stop"]),
            run_forward=int(run["forward"]),
            run_reverse=None if reverse is None else int(reverse),
            run_mask=int(run.get("mask", 0xFFFF)),
            direction=Register.read(direction) if direction else None,
            direction_forward=int(direction["forward"]) if direction else 0,
            direction_reverse=int(direction["reverse"]) if direction else 0,
            speed=Register.read(speed),
            speed_per_rpm=float(speed["per_rpm"]),
            actual=Register.read(actual) if actual else None,
            actual_per_rpm=float(actual["per_rpm"]) if actual else 1.0,
            stall_after_s=float(actual["stall_after_s"]) if actual else 0.0,
            max_rpm=float(speed["max_rpm"]),
            ul_per_rev=int(tube["ul_per_rev"]),
            reverse_max_ms=int(raw["reverse_max_ms"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchMap(Head):
    """A metering pump that doses a volume when triggered. `status_bits` and `error_bits` name bits of 32-bit words."""

    word_order: WordOrder
    pattern_at: int
    pattern: int
    timeout_at: int
    timeout_most_ms: int
    status_at: int
    status_bits: dict[str, int]
    errors_at: int
    error_bits: dict[int, str]
    start_stop_at: int
    stopped: int
    active: int
    mode_at: int
    mode_halt: int
    mode_batch: int
    capacity_at: int
    capacity_max_at: int
    volume_at: int
    trigger_at: int
    trigger: int
    delivered_at: int
    remaining_at: int
    ul_per_unit: float

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> BatchMap:
        at, codes, watchdog = raw["at"], raw["codes"], raw["watchdog"]
        return cls(
            **head_of(raw),
            word_order=word_order_of(raw),
            pattern_at=int(at["pattern"]),
            pattern=int(codes["pattern"]),
            timeout_at=int(watchdog["address"]),
            timeout_most_ms=int(watchdog["most_ms"]),
            status_at=int(at["status"]),
            status_bits={str(name): int(raw["status_bits"][name]) for name in ("error", "stopped", "batch_memory")},
            errors_at=int(at["errors"]),
            error_bits={int(bit): str(name) for bit, name in raw["error_bits"].items()},
            start_stop_at=int(at["start_stop"]),
            stopped=int(codes["stopped"]),
            active=int(codes["active"]),
            mode_at=int(at["mode"]),
            mode_halt=int(codes["mode_halt"]),
            mode_batch=int(codes["mode_batch"]),
            capacity_at=int(at["capacity"]),
            capacity_max_at=int(at["capacity_max"]),
            volume_at=int(at["volume"]),
            trigger_at=int(at["trigger"]),
            trigger=int(codes["trigger"]),
            delivered_at=int(at["delivered"]),
            remaining_at=int(at["remaining"]),
            ul_per_unit=float(raw["volume"]["ul_per_unit"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WatsonMarlowMap(Head):
    """A drive that takes the ASCII commands of the 505 to 720 families. `types`: what its status may begin with."""

    types: tuple[str, ...]
    pulses_per_rev: int
    max_rpm: float
    gap_s: float
    reverse_max_ms: int

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> WatsonMarlowMap:
        drive = raw["drive"]
        return cls(
            **head_of(raw),
            types=tuple(drive["types"]),
            pulses_per_rev=int(drive["pulses_per_rev"]),
            max_rpm=float(drive["max_rpm"]),
            gap_s=float(raw["timing"]["gap_s"]),
            reverse_max_ms=int(raw["reverse_max_ms"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunzeMap(Head):
    """A syringe pump of the CC…DD frames. Positions in steps, 0 = empty; `valve` None: it has none."""

    max_steps: int
    syringe_ul: int
    max_rpm: int
    ul_per_rev: float
    move: int
    halt: int
    position: int
    motor: int
    speed: int
    valve: int | None
    refill_s: float
    reverse_max_ms: int

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> RunzeMap:
        codes, syringe = raw["codes"], raw["syringe"]
        return cls(
            **head_of(raw),
            max_steps=int(syringe["max_steps"]),
            syringe_ul=int(syringe["volume_ul"]),
            max_rpm=int(syringe["max_rpm"]),
            ul_per_rev=float(syringe["ul_per_rev"]),
            move=int(codes["move"]),
            halt=int(codes["halt"]),
            position=int(codes["position"]),
            motor=int(codes["motor"]),
            speed=int(codes["speed"]),
            valve=int(codes["valve"]) if "valve" in codes else None,
            refill_s=float(raw["timing"]["refill_s"]),
            reverse_max_ms=int(raw["reverse_max_ms"]),
        )
