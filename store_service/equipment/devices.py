"""Settings → drivers. The one place that names device classes."""

from __future__ import annotations

from device_drivers.dispensers.base import Dispenser
from device_drivers.dispensers.batch import BatchPump
from device_drivers.dispensers.continuous import ContinuousPump
from device_drivers.dispensers.guarded import GuardedDispenser
from device_drivers.dispensers.maps import AnyMap, DispenserMap, load_map
from device_drivers.dispensers.modbus import ModbusDispenser
from device_drivers.dispensers.pump_maps import BatchMap, ContinuousMap, RunzeMap, WatsonMarlowMap
from device_drivers.dispensers.relays import DeadManRelay, TimedRelay, load_relay
from device_drivers.dispensers.runze import RunzeSyringe
from device_drivers.dispensers.runze_frames import RunzeSplitter
from device_drivers.dispensers.watson_marlow import WatsonMarlow
from device_drivers.dispensers.watson_marlow_frames import STATUS_END
from device_drivers.printers.base import Printer
from device_drivers.printers.doors import language_of, open_printer
from device_drivers.scales.base import Scale
from device_drivers.scales.registry import ScaleSetup, make_scale
from device_drivers.transport import LineSettings, SerialPort
from store_service.settings import DispenserSettings, PrinterSettings, RelaySettings, ScaleSettings

from .bench import Unbounded


def scale(settings: ScaleSettings) -> Scale:
    """Raises ValueError in plain words when the settings do not say enough for that driver."""
    return make_scale(
        ScaleSetup(
            driver=settings.driver,
            port=settings.port,
            framing=settings.framing,
            map=settings.map,
            device_id=settings.unit,
            mass_unit=settings.mass_unit,
            decimals=settings.decimals,
        )
    )


def dispenser(settings: DispenserSettings) -> Dispenser:
    """The map's style chooses the driver. Raises Unbounded for a pump that nothing bounds, MapError, ValueError."""
    pump = _pump(settings, load_map(settings.map))
    if settings.relay is not None:
        pump = GuardedDispenser(pump, _relay(settings.relay))
    if not pump.ends_by_itself:
        raise Unbounded(settings.map)
    return pump


def _pump(settings: DispenserSettings, model: AnyMap) -> Dispenser:
    line = LineSettings.parse(settings.framing or model.framing)
    units = dict(enumerate(settings.units or (settings.unit or model.unit,), start=1))
    url, per_rev = settings.url, settings.ul_per_rev
    match model:
        case DispenserMap():
            return ModbusDispenser(url, model, line, device_id=units[1])
        case ContinuousMap():
            return ContinuousPump(url, model, line, units, per_rev)
        case BatchMap():
            return BatchPump(url, model, line, units)
        case WatsonMarlowMap():
            return WatsonMarlow(SerialPort(url, line, terminator=STATUS_END), model, units, per_rev, line)
        case RunzeMap():
            return RunzeSyringe(SerialPort(url, line, splitter=RunzeSplitter), model, units)


def _relay(settings: RelaySettings) -> DeadManRelay:
    model = load_relay(settings.map)
    line = LineSettings.parse(settings.framing or model.framing)
    return TimedRelay(settings.url, model, line, settings.unit, settings.output)


def printer(settings: PrinterSettings) -> Printer:
    """Raises ValueError for a density that the language has not."""
    spoken = language_of(settings.language, dpi=settings.dpi, gap_mm=settings.gap_mm, density=settings.density)
    return open_printer(settings.url, spoken)
