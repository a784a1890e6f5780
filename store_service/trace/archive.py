"""Where one shop's records are read: in the shop itself, or at head office that mirrors it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from store_service.evidence.keys import VerifierKey
from store_service.records.desk import Desk

from .proofs import LogProofs


@dataclass(frozen=True)
class Archive:
    """`registers_of` is the site whose lot register and holds are asked: the shop's own, at head office head office's.

    `log_keys` are the keys that may have signed the shop's log; `phone` is whom a consumer calls.
    """

    site: str
    registers_of: str
    log_keys: tuple[VerifierKey, ...]
    phone: str
    read: Callable[[], AbstractContextManager[Connection]]
    now: Callable[[], datetime]
    proofs: LogProofs


def own_archive(desk: Desk) -> Archive:
    """A shop's archive of itself."""
    return Archive(
        site=desk.site_id,
        registers_of=desk.site_id,
        log_keys=(desk.ledger.key.verifier,),
        phone=desk.shop.phone if desk.shop else "",
        read=desk.read,
        now=desk.now,
        proofs=LogProofs(desk.read, desk.site_id),
    )


def mirrored_archive(head_office: Desk, site: str, log_keys: tuple[VerifierKey, ...], phone: str) -> Archive:
    """Head office's archive of one shop: records as they were pushed, registers and holds as head office has them."""
    return Archive(
        site=site,
        registers_of=head_office.site_id,
        log_keys=log_keys,
        phone=phone,
        read=head_office.read,
        now=head_office.now,
        proofs=LogProofs(head_office.read, site),
    )


class Archives:
    """One archive a shop, made when it is first asked for and kept, because its tree's nodes are worth keeping.

    `make` answers None for a shop that is not known here.
    """

    def __init__(self, make: Callable[[str], Archive | None]) -> None:
        self._make, self._known = make, dict[str, Archive]()

    def find(self, site: str) -> Archive | None:
        found = self._known.get(site)
        if found is None:
            found = self._make(site)
            if found is not None:
                self._known[site] = found
        return found
