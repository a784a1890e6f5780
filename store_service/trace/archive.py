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
