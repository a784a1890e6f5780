"""What a host must be told to work with this bench: the sections of a shop's store.toml, by the names of its settings.

The simulated devices have no other settings than these, so a bench that says them can be put before any host.
"""

from __future__ import annotations

from typing import Any

from simulators.bench_setup import QUAD, BenchAddresses, BenchSettings
from simulators.wire.languages import MODBUS
from simulators.wire.pumps import MODELS
from simulators.wire.toledo_8217 import STEP_MG

CHANNELS = 4
NOMINAL_UL_S = 1_860
"""Full flow between a thin and a thick liquid: what one turn moves is reckoned from it, and learning does the rest."""

_UNTOLD: dict[str, dict[str, Any]] = {
    # what the wire does not say
    "toledo_8217": {"mass_unit": "kg"},
    "tuna_id551": {"mass_unit": "g"},
    "rs485_low_word_first": {"mass_unit": "g", "decimals": 3},
}


def scale_section(settings: BenchSettings, port: int) -> dict[str, Any]:
    language = settings.scale_language
    modbus = language in MODBUS
    step = STEP_MG if language == "toledo_8217" else settings.d_mg
    return {
        "driver": "modbus_indicator" if modbus else "sbi" if language.startswith("sbi") else language,
        "port": f"{'tcp' if modbus else 'socket'}://{settings.host}:{port}",
        **({"map": language} if modbus else {}),
        **_UNTOLD.get(language, {}),
        "resolution_mg": step,
    }


def dispenser_section(settings: BenchSettings, port: int, relay: int | None) -> dict[str, Any]:
    name = settings.pump_model
    if name == QUAD:
        return {"url": _pump_url("tcp", settings, port), "map": QUAD, "unit": 1}
    model = MODELS[name]
    section: dict[str, Any] = {
        "url": _pump_url(model.scheme, settings, port),
        "map": name,
        "units": [model.first_unit + n for n in range(CHANNELS)],
    }
    if model.full_rpm is not None:
        section["ul_per_rev"] = round(NOMINAL_UL_S * 60 / model.full_rpm * settings.speed)
    if relay is not None:
        section["relay"] = {"url": f"rtu://{settings.host}:{relay}", "map": "waveshare_flash", "unit": 1, "output": 1}
    return section


def printer_section(settings: BenchSettings, port: int, *, second: bool = False) -> dict[str, Any]:
    language = settings.second_printer_language if second else settings.printer_language
    dpi = settings.second_printer_dpi if second else settings.printer_dpi
    return {"url": f"tcp://{settings.host}:{port}", "language": language, "dpi": dpi}


def sections(settings: BenchSettings, addresses: BenchAddresses) -> dict[str, dict[str, Any]]:
    """`scale`, `dispenser`, `printer` and, where there is one, `second_printer`."""
    found = {
        "scale": scale_section(settings, addresses.scale_port),
        "dispenser": dispenser_section(settings, addresses.pump_port, addresses.relay_port),
        "printer": printer_section(settings, addresses.printer_port),
    }
    if addresses.second_printer_port:
        found["second_printer"] = printer_section(settings, addresses.second_printer_port, second=True)
    return found


def as_toml(found: dict[str, dict[str, Any]]) -> str:
    """The sections as they stand in a store.toml."""
    lines: list[str] = []
    for name, section in found.items():
        _write(lines, f"benches.{name}", section)
    return "\n".join(lines)


def _write(lines: list[str], name: str, section: dict[str, Any]) -> None:
    lines.append(f"[{name}]")
    within = {key: value for key, value in section.items() if isinstance(value, dict)}
    lines += [f"{key} = {_value(value)}" for key, value in section.items() if key not in within]
    for key, value in within.items():
        _write(lines, f"{name}.{key}", value)


def _value(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _pump_url(scheme: str, settings: BenchSettings, port: int) -> str:
    scheme = "rtu" if settings.pump_rtu and scheme == "tcp" else scheme
    return f"{scheme}://{settings.host}:{port}"
