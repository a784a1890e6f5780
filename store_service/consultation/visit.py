"""A service that is still open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from store_service.records.desk import Actor, Desk, OutOfStep
from store_service.records.ledger import Act

from .queries import Service, find_service


@contextmanager
def on_open(desk: Desk, actor: Actor, service_id: str, *, keyed: bool = True) -> Iterator[tuple[Act, Service]]:
    """An act on a service that is still open. Raises Missing, or OutOfStep once it is handed over or cancelled."""
    with desk.act(actor.staff_id, {"service": service_id}, keyed=keyed) as act:
        found = find_service(act.connection, desk.site_id, service_id)
        if found.state != "open":
            raise OutOfStep(found.state, "open")
        yield act, found
