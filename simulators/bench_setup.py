"""What stands on the simulated bench: its settings, its addresses, and everything wired to one plant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from simulators.faults import FAULTS, MODEL_FAULTS, FaultBoard
from simulators.plant import Plant, ScaleSpec
from simulators.runner import Runner
from simulators.wire.languages import LANGUAGES as SCALE_LANGUAGES
from simulators.wire.languages import MODBUS
from simulators.wire.line import LineTime
from simulators.wire.modbus_quad import WATCHDOG_MS, ModbusQuad
from simulators.wire.pumps import MODELS, PumpLine, make_pumps, make_relay
from simulators.wire.raw9100 import LabelPrinter

QUAD = "demo_quad"
PRINTER_LANGUAGES = ("escpos", "tspl", "zpl")
PORTS = ("http_port", "scale_port", "pump_port", "printer_port", "second_printer_port", "relay_port")


@dataclass(frozen=True, slots=True)
class BenchSettings:
    """Port 0 picks a free one. Baud 0 leaves out the line time. `speed` is plant seconds per real second."""

    host: str = "127.0.0.1"
    http_port: int = 8070
    scale_port: int = 4001
    pump_port: int = 4002
    printer_port: int = 4003
    second_printer_port: int = 4004
    printer_language: str = "escpos"
    second_printer_language: str | None = None
    """None: the bench has one printer. Both put their labels into one tray."""
    printer_dpi: int = 203
    second_printer_dpi: int = 203
    pty: bool = False
    pump_rtu: bool = False
    pump_model: str = QUAD
    """`demo_quad`, or a model of wire/pumps.py; one that runs on without its host gets a dead-man relay."""
    relay_port: int = 4005
    seed: int = 1
    speed: float = 1.0
    d_mg: int = 1
    rate_hz: float = 10.0
    scale_language: str = "mt_sics"
    scale_baud: int = 9600
    pump_baud: int = 19_200
    watchdog_ms: int = WATCHDOG_MS
    clock_offset_s: int = 0
    """Added to the wall clock that dates the labels: the demo may live on another day."""


@dataclass(frozen=True, slots=True)
class BenchAddresses:
    """Where the bench is to be found."""

    scale_port: int
    pump_port: int
    printer_port: int
    http_url: str
    scale_pty: str | None
    pump_pty: str | None
    second_printer_port: int | None = None
    relay_port: int | None = None


class Bench:
    """Everything on the bench, wired together. `clock` drives the plant, `now` dates the labels."""

    def __init__(
        self,
        settings: BenchSettings,
        *,
        clock: Callable[[], float] = monotonic,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        def shifted() -> datetime:
            return datetime.now(UTC) + timedelta(seconds=settings.clock_offset_s)

        self.settings = settings
        self.plant = Plant(seed=settings.seed, scale=ScaleSpec(d_mg=settings.d_mg, rate_hz=settings.rate_hz))
        self.runner = Runner(self.plant, speed=settings.speed, clock=clock)
        other = settings.pump_model != QUAD
        self.faults = FaultBoard(self.plant, FAULTS + MODEL_FAULTS if other else FAULTS)
        bits = 11 if settings.scale_language in MODBUS else 10
        line = LineTime(settings.scale_baud, bits_per_char=bits, latency_s=0.004)
        self.scale = SCALE_LANGUAGES[settings.scale_language](self.runner, self.faults, line)
        line = LineTime(settings.pump_baud, bits_per_char=11, latency_s=0.004)
        self.pump: PumpLine = (
            make_pumps(settings.pump_model, self.runner, self.faults)
            if other
            else ModbusQuad(self.runner, self.faults, line=line, watchdog_ms=settings.watchdog_ms)
        )
        fitted = other and MODELS[settings.pump_model].needs_relay
        self.relay = make_relay(self.runner, self.faults) if fitted else None
        self.printer = LabelPrinter(self.faults, now or shifted, settings.printer_language, dpi=settings.printer_dpi)
        self.second_printer: LabelPrinter | None = None
        if settings.second_printer_language is not None:
            self.second_printer = LabelPrinter(
                self.faults,
                now or shifted,
                settings.second_printer_language,
                number=2,
                dpi=settings.second_printer_dpi,
                labels=self.printer.labels,
            )
