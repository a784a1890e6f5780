"""When the log may not go on: the words for the clerk, the alarm on record, and how it ends."""

from __future__ import annotations

from sqlalchemy import select

from store_service.records.events.quality import DeviationClosed, DeviationRecorded
from store_service.records.ledger import Ledger
from store_service.records.projections.quality import deviation

Words = tuple[str, str]

FORKED: Words = (
    "总部持有的本店记录与本店上报的不一致，已暂停调配。请不要自行处理，请立即联系总部质量部门。",
    "Head office holds other records of this shop than it is sent. Blending has stopped; call head office quality.",
)
LOST: Words = (
    "总部收到过的封存点比本店现有记录更新：有已封存的记录丢失，不能继续记录。请立即联系总部质量部门。",
    "Head office knows a later seal than these records reach: records are lost. Stop, and call head office quality.",
)
FORK = "log_forked"


def freeze_fork(ledger: Ledger, detail: str) -> None:
    """Stop the shop and put the alarm on record once; it stays open over restarts until head office lifts it."""
    if ledger.frozen is None:
        ledger.frozen = FORKED
    if _open_fork(ledger) is None:
        with ledger.act("sync") as act:
            act.record(
                DeviationRecorded(
                    deviation_id=f"{FORK}-{act.size}", subject=ledger.site, kind=FORK, detail=detail[:500], by="sync"
                )
            )


def freeze_lost(ledger: Ledger) -> None:
    """Stop the shop without a further entry: whatever it appended now could never be acknowledged."""
    ledger.frozen = LOST


def recall_fork(ledger: Ledger) -> None:
    """At start: a fork that nobody has lifted freezes the shop again, also while head office is away."""
    if ledger.frozen is None and _open_fork(ledger) is not None:
        ledger.frozen = FORKED


def thaw(ledger: Ledger, lifted_by: str) -> None:
    """Head office acknowledges again, so it has lifted the fork: close the alarm and go on."""
    if ledger.frozen != FORKED:
        return
    standing = _open_fork(ledger)
    if standing is not None:
        with ledger.act("sync") as act:
            act.record(
                DeviationClosed(
                    deviation_id=standing, subject=ledger.site, decision="lifted", by="sync", second=lifted_by
                )
            )
    ledger.frozen = None


def _open_fork(ledger: Ledger) -> str | None:
    query = select(deviation.c.id).where(
        deviation.c.store_id == ledger.site,
        deviation.c.subject == ledger.site,
        deviation.c.kind == FORK,
        deviation.c.open == 1,
    )
    with ledger.read() as connection:
        found: str | None = connection.execute(query).scalar()
    return found
