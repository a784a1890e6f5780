"""The demo's bench as its settings have it, with the devices that the simulated bench says it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from store_service.settings import BenchSettings

Sections = Mapping[str, Mapping[str, Any]]
_OF_THE_MODEL = {
    "scale": ("driver", "port", "map", "unit", "mass_unit", "decimals", "resolution_mg"),
    "dispenser": ("url", "map", "unit", "units", "ul_per_rev", "relay"),
    "printer": ("url", "language", "dpi"),
    "second_printer": ("url", "language", "dpi"),
}


def fitted(bench: BenchSettings, told: Sections) -> BenchSettings:
    """`told`: what `python -m simulators.bench --json` prints under `settings`. A device that the bench does not have
    by its settings stays away. Raises pydantic's ValidationError."""
    made = bench.model_dump(exclude_none=True)
    for name, model in _OF_THE_MODEL.items():
        if name in made and name in told:
            kept = {key: value for key, value in made[name].items() if key not in model}
            made[name] = kept | dict(told[name])
            if name == "scale":  # never finer than the settings say; a coarse scale repeats no better than it shows
                step = max(bench.scale.resolution_mg, made[name]["resolution_mg"])
                made[name] |= {"resolution_mg": step, "repeatability_mg": max(kept["repeatability_mg"], step)}
                made[name]["e_mg"] = max(kept.get("e_mg", 0), 10 * step)
    return BenchSettings.model_validate(made)
