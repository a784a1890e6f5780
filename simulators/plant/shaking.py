"""What presses on the pan beside cup and jet: a shaken table, bumps, a hand on the cup, a thing laid on it."""

from __future__ import annotations

from math import pi, sin

BUMP_S, BUMP_EVERY_S, BUMP_MG = 0.25, 1.5, 8000.0
VIBRATION_HZ, VIBRATION_MG = 6.0, 150.0
TREMOR_HZ, TREMOR_SHARE = 2.3, 0.2
HAND_MG, THING_MG = 9_000.0, 600_000.0
"""A hand resting on the cup; a thing heavier than the balance takes."""


def pressed_mg(now: float, vibration_mg: float, bumping_since: float | None, leaning_mg: float) -> float:
    """mg at plant second `now`. A hand trembles; a thing laid on the pan (more than a hand weighs) does not."""
    load = vibration_mg * sin(2.0 * pi * VIBRATION_HZ * now) if vibration_mg else 0.0
    if bumping_since is not None and (phase := (now - bumping_since) % BUMP_EVERY_S) < BUMP_S:
        load += BUMP_MG * sin(2.0 * pi * phase / BUMP_S)
    tremor = TREMOR_SHARE * sin(2.0 * pi * TREMOR_HZ * now) if leaning_mg <= HAND_MG else 0.0
    return load + leaning_mg * (1.0 + tremor)
