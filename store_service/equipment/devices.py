"""Settings → drivers. The one place that names device classes."""

from __future__ import annotations

from device_drivers.dispensers.base import Dispenser
from device_drivers.dispensers.maps import load_map
from device_drivers.dispensers.modbus import ModbusDispenser
from device_drivers.printers.base import Printer
from device_drivers.printers.doors import language_of, open_printer
from device_drivers.scales.base import Scale
from device_drivers.scales.mt_sics import MtSics
from device_drivers.transport import LineSettings, SerialPort
from store_service.settings import DispenserSettings, PrinterSettings, ScaleSettings


class Unbounded(ValueError):
    """A dispenser that nothing stops when this program dies (DESIGN.md §4.7): it is not used."""


def scale(settings: ScaleSettings) -> Scale:
    return MtSics(SerialPort(settings.port, LineSettings.parse(settings.framing)))


def dispenser(settings: DispenserSettings) -> Dispenser:
    """Raises Unbounded for a map that names neither a bounded dose nor a watchdog."""
    line = LineSettings.parse(settings.framing)
    made = ModbusDispenser(settings.url, load_map(settings.map), line, device_id=settings.unit)
    if not made.ends_by_itself:
        raise Unbounded(f"{settings.map}: nothing ends a dose when the host is gone; fit a dead-man relay")
    return made


def printer(settings: PrinterSettings) -> Printer:
    """Raises ValueError for a density that the language has not."""
    spoken = language_of(settings.language, dpi=settings.dpi, gap_mm=settings.gap_mm, density=settings.density)
    return open_printer(settings.url, spoken)
