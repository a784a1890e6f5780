"""What every command on a unit begins with."""

from __future__ import annotations

from store_service.blending.lease import hold
from store_service.blending.queries import Unit, find_unit
from store_service.records.desk import Actor, Desk, OutOfStep
from store_service.records.ledger import Act
from store_service.settings import BenchSettings


def unit_in(act: Act, desk: Desk, unit_id: str, *states: str) -> Unit:
    """The unit, in one of `states`. Raises Missing, or OutOfStep when another screen was faster."""
    unit = find_unit(act.connection, desk.site_id, unit_id)
    if unit.state not in states:
        raise OutOfStep(unit.state, "/".join(states))
    return unit


def held(act: Act, desk: Desk, actor: Actor, bench: BenchSettings, unit_id: str, *states: str) -> Unit:
    """The unit in one of `states`, its bench held by this kiosk. Raises Held."""
    unit = unit_in(act, desk, unit_id, *states)
    hold(desk, act, actor, bench.bench_id, unit_id)
    return unit
