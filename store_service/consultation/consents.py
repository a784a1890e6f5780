"""A consent that is taken back takes along what was kept by it (R-CON-06)."""

from __future__ import annotations

from collections.abc import Sequence

from store_service.privacy.holds import hold_of
from store_service.privacy.retention import Going, taken_along
from store_service.privacy.vault import Vault
from store_service.records.desk import Desk
from store_service.records.events.privacy import ConsentWithdrawn
from store_service.records.ledger import Act

from .queries import Service
from .texts import Texts


def take_back(act: Act, desk: Desk, vault: Vault, texts: Texts, found: Service, purposes: Sequence[str]) -> list[Going]:
    """Put on record that given consents are taken back; returns what goes with them, to be forgotten after that.

    A recall contact stays sealed for its statutory time (R-ADR-10), and everything while a legal hold stands.
    """

    def going(gone: Sequence[str]) -> list[Going]:
        return [] if kept else taken_along(vault, found.service_id, gone, texts.purpose_of)

    kept = bool(purposes) and hold_of(act.connection, desk.site_id, consumer_ref=found.consumer_ref) is not None
    for one in purposes:
        kinds = tuple(gone.kind for gone in going((one,)))
        act.record(ConsentWithdrawn(service_id=found.service_id, purpose=one, erased=kinds))
    return going(purposes)
