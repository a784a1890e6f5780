"""R-SYN: in step with the filer's quality system."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from store_service.rules.case import Case
from store_service.rules.checking import No, check, no
from store_service.rules.params import Parameters

NEW_BLENDS = ("open_service", "verdict", "start")


@check("R-SYN-03", *NEW_BLENDS)
def sent_in_time(case: Case, params: Parameters) -> Iterator[No]:
    """R-SYN-03: what waits too long for head office is told, then warns, then refuses new blends.

    A shop without a hub is asked for its import's age by the registers themselves.
    """
    if case.sync is None:
        yield no("unknown", behind_since=None)
        return
    since = case.sync.behind_since
    if not case.sync.has_hub or since is None:
        return
    waiting = case.now - since
    hours = waiting // timedelta(hours=1)
    if waiting > timedelta(hours=params.sync_refuse_hours):
        yield no("too_long", behind_since=since, hours=hours, limit_hours=params.sync_refuse_hours)
    elif waiting > timedelta(hours=params.sync_warn_hours):
        yield no("long", behind_since=since, hours=hours, limit_hours=params.sync_warn_hours)
    elif waiting > timedelta(minutes=params.sync_max_minutes):
        minutes = waiting // timedelta(minutes=1)
        yield no("late", behind_since=since, minutes=minutes, limit_minutes=params.sync_max_minutes)


@check("R-SYN-04", *NEW_BLENDS)
def stops_are_read(case: Case, params: Parameters) -> Iterator[No]:
    """R-SYN-04 as amended: a stop that head office pushed down is read within minutes while the shop is open."""
    since = case.sync.unread_since if case.sync else None
    if since is not None and case.now - since > timedelta(minutes=params.ack_minutes):
        minutes = (case.now - since) // timedelta(minutes=1)
        yield no("unread", received_at=since, minutes=minutes, limit_minutes=params.ack_minutes)
