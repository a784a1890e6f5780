"""No entry stays unsealed for more than a minute (RECORD.md §1), with or without a head office."""

from __future__ import annotations

import threading

import structlog

from store_service.records.ledger import Ledger

log = structlog.get_logger()

SEAL_AFTER_S = 40.0
"""Looked at twice a second, so that no entry stays unsealed for more than 60 s."""
GLANCE_S = 0.5
NS = 1_000_000_000


class Sealer:
    """A thread that signs what has come since the last seal, until `stop` is set."""

    def __init__(self, ledger: Ledger, stop: threading.Event) -> None:
        self._ledger, self._stop = ledger, stop
        self._sealed_ns = ledger.clock.mono_ns()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._keep_sealed, name="seal", daemon=True)
        self._thread.start()

    def join(self, timeout: float = 5.0) -> None:
        """After `stop` was set."""
        if self._thread is not None:
            self._thread.join(timeout)

    def seal_if_due(self) -> None:
        """Sign what has come since the last seal, unless the log must not be signed."""
        now = self._ledger.clock.mono_ns()
        if now - self._sealed_ns >= SEAL_AFTER_S * NS and self._ledger.frozen is None:
            self._ledger.seal()
            self._sealed_ns = now

    def _keep_sealed(self) -> None:
        while not self._stop.wait(GLANCE_S):
            try:
                self.seal_if_due()
            except Exception:
                log.exception("seal")
