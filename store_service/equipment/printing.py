"""How a printer is doing, in the words of the shop."""

from __future__ import annotations

from device_drivers.errors import DeviceError
from device_drivers.printers.base import Printer, require_ready

from .bench import DeviceHealth


async def printer_health(name: str, printer: Printer) -> DeviceHealth:
    """Ask now. A printer that cannot be asked (a file) is fit as far as anybody knows, and its detail says so."""
    try:
        status = await printer.status()
        require_ready(status)
    except DeviceError as error:
        return DeviceHealth(name, False, "", error.words_zh, error.words_en, error.detail, type(error).__name__)
    return DeviceHealth(name, True, status.detail)
