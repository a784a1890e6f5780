"""Idempotency keys outlive every retry, and then go: beside each stands a hash of what was asked, and who knows the
rest of a request can guess a telephone number back out of it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from .ledger import Ledger
from .tables import idempotency

KEYS_KEPT = timedelta(days=30)
"""Ours. Whoever repeats a request has signed in with it: a session ends after hours, so a key is there as long as
anybody can send it again, and for weeks after a new sign-in."""


def forget_keys(ledger: Ledger) -> int:
    """Let go of the keys whose time is over; returns how many. What they stood for stays in the log."""
    over = idempotency.c.at < ledger.clock.now() - KEYS_KEPT
    with ledger.database.write() as connection:
        return connection.execute(delete(idempotency).where(idempotency.c.store_id == ledger.site, over)).rowcount
