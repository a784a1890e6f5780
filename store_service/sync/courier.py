"""The thread that keeps a shop in step with head office, without anybody waiting for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from store_service.records.ledger import Ledger
from store_service.records.seconds import waiting

from .freeze import freeze_fork, freeze_lost, thaw
from .log import newest_ack, newest_seal, own_head
from .outcome import Acked, Away, Outcome, Pulled, Refused, Sending
from .pull import Puller
from .push import Pusher

log = structlog.get_logger()

PERIOD_S = 20.0
"""Both directions are asked at least so often; a hold must reach the next dose."""
HURRIED_S, HURRIES_FOR = 2.0, timedelta(minutes=10)
"""While a request for a second person is younger than ten minutes, the shop asks so often: a consumer waits."""
FIRST_DELAY_S = 1.0
GLANCE_S = 0.5
"""How soon a thread sees the stop event."""
NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Status:
    """For the kiosk: `behind` entries are not acknowledged yet; `away_since` is None while head office answers."""

    size: int
    acked_size: int
    last_ack_at: datetime | None
    pulled_at: datetime | None
    away_since: datetime | None
    last: Outcome | None

    @property
    def behind(self) -> int:
        return self.size - self.acked_size


class Backoff:
    """Delays of 1, 2, 4 … seconds up to PERIOD_S, each times 0.5 to 1; what the hub asks for counts if longer."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random, self._failures = random, 0

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self, retry_after: float | None) -> float:
        delay: float = min(PERIOD_S, FIRST_DELAY_S * 2**self._failures)
        self._failures = min(self._failures + 1, 16)
        return max(delay * (0.5 + self._random() / 2), retry_after or 0.0)


class Courier:
    """`start()` runs a thread until `stop` is set. `beat()` is one turn of it and waits for nothing; it returns the
    seconds to wait at most. Sealing has a thread of its own (`Sealer`): a slow hub must not delay it."""

    def __init__(
        self, pusher: Pusher, puller: Puller, ledger: Ledger, *, stop: threading.Event, random: Callable[[], float]
    ) -> None:
        self._pusher, self._puller, self._ledger, self._stop = pusher, puller, ledger, stop
        self._backoff = Backoff(random)
        self._not_before = 0
        self._status = Status(0, 0, None, None, None, None)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._carry, name="sync", daemon=True)
        self._thread.start()

    def join(self, timeout: float = 5.0) -> None:
        """After `stop` was set: the thread ends, and what is sealed by then is pushed once more."""
        if self._thread is None:
            return
        self._thread.join(timeout)
        if self._ledger.frozen is None and self._status.away_since is None:
            self._ledger.seal()
            self._guarded()

    def status(self) -> Status:
        with self._ledger.read() as connection:
            ack = newest_ack(connection, self._ledger.site)
            size = own_head(connection, self._ledger.site).size
        return replace(self._status, size=size, acked_size=ack.size, last_ack_at=ack.at)

    def beat(self) -> float:
        """Push and pull once. A refusal that proves a fork or a loss freezes the shop."""
        pushed = self._pusher.step()
        self._judge(pushed)
        if isinstance(pushed, Sending):
            return 0.0
        outcomes = [pushed] if isinstance(pushed, Away) else [pushed, self._puller.step()]
        failed = next((one for one in outcomes if not isinstance(one, Acked | Pulled)), None)
        self._note(outcomes[-1], failed)
        if failed is None:
            self._backoff.succeeded()
            return HURRIED_S if self._somebody_waits() else PERIOD_S
        return self._backoff.failed(failed.retry_after if isinstance(failed, Away) else None)

    def _somebody_waits(self) -> bool:
        with self._ledger.read() as connection:
            return bool(waiting(connection, self._ledger.site, self._ledger.clock.now() - HURRIES_FOR))

    def _judge(self, pushed: Outcome) -> None:
        if isinstance(pushed, Refused) and pushed.word == "fork":
            freeze_fork(self._ledger, pushed.detail)
        elif isinstance(pushed, Refused) and pushed.word == "ahead":
            freeze_lost(self._ledger)
        elif isinstance(pushed, Acked):
            thaw(self._ledger, "hub")

    def _note(self, last: Outcome, failed: Outcome | None) -> None:
        now = self._ledger.clock.now()
        away = (self._status.away_since or now) if isinstance(failed, Away) else None
        pulled = now if isinstance(last, Pulled) else self._status.pulled_at
        if failed is not None and failed != self._status.last:
            log.warning("sync", outcome=repr(failed))
        self._status = replace(self._status, pulled_at=pulled, away_since=away, last=failed or last)

    def _carry(self) -> None:
        while not self._stop.is_set():
            wait = self._guarded()
            self._not_before = self._ledger.clock.mono_ns() + int(wait * NS)
            eager = wait in (HURRIED_S, PERIOD_S) and self._status.away_since is None
            while not self._stop.is_set() and self._ledger.clock.mono_ns() < self._not_before:
                with self._ledger.committed:
                    self._ledger.committed.wait(GLANCE_S)
                # While head office is away the back-off stands: a shop at work must not knock at every dose.
                # A commit during the beat notified nobody, so the log is asked after each glance, woken or not.
                if eager and self._has_news():
                    break

    def _guarded(self) -> float:
        # A full disk or a locked database in one round must not end the courier for the day.
        try:
            return self.beat()
        except Exception:
            log.exception("sync")
            return self._backoff.failed(None)

    def _has_news(self) -> bool:
        with self._ledger.read() as connection:
            seal = newest_seal(connection, self._ledger.site)
            return seal is not None and seal.size > newest_ack(connection, self._ledger.site).size
