"""Settings → drivers. The one place that names device classes."""

from __future__ import annotations

from device_drivers.dispensers.base import Dispenser
from device_drivers.dispensers.maps import load_map
from device_drivers.dispensers.modbus import ModbusDispenser
from device_drivers.printers.base import Printer
from device_drivers.printers.escpos import open_printer
from device_drivers.scales.base import Scale
from device_drivers.scales.registry import ScaleSetup, make_scale
from device_drivers.transport import LineSettings
from store_service.settings import DispenserSettings, PrinterSettings, ScaleSettings


class Unbounded(ValueError):
    """A dispenser that nothing stops when this program dies (DESIGN.md §4.7): it is not used."""


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
    """Raises Unbounded for a map that names neither a bounded dose nor a watchdog."""
    line = LineSettings.parse(settings.framing)
    made = ModbusDispenser(settings.url, load_map(settings.map), line, device_id=settings.unit)
    if not made.ends_by_itself:
        raise Unbounded(f"{settings.map}: nothing ends a dose when the host is gone; fit a dead-man relay")
    return made


def printer(settings: PrinterSettings) -> Printer:
    return open_printer(settings.url)
