"""A bench as a gate sees it: what the settings say of its scale, and what was last recorded."""

from __future__ import annotations

from sqlalchemy import Connection, select

from store_service.records.projections.equipment import ROOM, bench, room
from store_service.rules.case import Bench
from store_service.settings import BenchSettings


def bench_facts(connection: Connection, site: str, settings: BenchSettings) -> Bench:
    row = connection.execute(
        select(bench).where(bench.c.store_id == site, bench.c.id == settings.bench_id)
    ).one_or_none()
    air = connection.execute(select(room).where(room.c.store_id == site, room.c.id == ROOM)).one_or_none()
    scale = settings.scale
    known = row is not None and row.scale_id == scale.scale_id
    return Bench(
        scale_id=scale.scale_id,
        certificate_no=scale.certificate_no,
        verified_to=scale.verified_to,
        resolution_mg=scale.resolution_mg,
        checked_at=row.checked_at if row is not None and known else None,
        check_passed=row.check_passed if row is not None and known else None,
        cleaned_at=row.cleaned_at if row is not None else None,
        temp_c10=air.temp_c10 if air is not None else None,
        rh_pct10=air.rh_pct10 if air is not None else None,
        room_recorded_at=air.at if air is not None else None,
        cleared_for=row.cleared_for if row is not None else None,
    )
