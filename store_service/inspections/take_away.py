"""The inspector's copy in one touch, offline: the sealed entries and records of some days, as one zip that verifies.

It holds references, never a name. What an inspector asks for in writing comes beside it in `personal.jsonl`: the gate
is asked first, and who took what is on record (R-PRV-08).
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, select

from store_service.evidence.canonical import sha256_hex
from store_service.privacy.retention import records_of
from store_service.privacy.vault import Vault, held
from store_service.quality.export import export
from store_service.records.desk import Actor, Desk
from store_service.records.projections.blending import unit
from store_service.records.projections.consultation import service
from store_service.rules.dates import BEIJING
from store_service.rules.matters import Sending

from .commands import may_send, send

EPOCH = (1980, 1, 1, 0, 0, 0)
NEVER_SENT = ("image", "mark_key")
"""A picture is shown to nobody but its person (R-PRV-08 asks for masking), and our own keys to nobody at all."""
FOR_AUTHORITY = Sending("authority", personal=False, country="CN")


def take_away(
    desk: Desk,
    vault: Vault,
    actor: Actor,
    day_from: date,
    day_to: date,
    wish: Sending = FOR_AUTHORITY,
    inspection_id: str = "",
) -> tuple[str, bytes]:
    """(file name, zip) of the Beijing days, both included; on record who took what, and for which inspection. Raises
    NothingThere, Refused, Missing for an inspection that is none."""
    may_send(desk, actor, wish)
    desk.ledger.seal()
    with TemporaryDirectory() as folder, desk.read() as connection:
        out = Path(folder) / "export"
        export(connection, desk.site_id, day_from, day_to, out, [desk.ledger.key.verifier])
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(out.iterdir()):
                archive.writestr(zipfile.ZipInfo(path.name, EPOCH), path.read_bytes())
            if wish.personal:
                lines = "".join(_personal(connection, desk, vault, day_from, day_to))
                archive.writestr(zipfile.ZipInfo("personal.jsonl", EPOCH), lines)
    body = packed.getvalue()
    sending_id = send(desk, actor, wish, day_from, day_to, sha256_hex(body), inspection_id)
    return f"{desk.site_id}-{day_from:%y%m%d}-{day_to:%y%m%d}-{sending_id}.zip", body


def _personal(connection: Connection, desk: Desk, vault: Vault, day_from: date, day_to: date) -> Iterator[str]:
    """What the vault holds of the consumers whose units were released on those days, a line a record."""
    start = datetime.combine(day_from, datetime.min.time(), BEIJING)
    end = datetime.combine(day_to, datetime.min.time(), BEIJING) + timedelta(days=1)
    query = (
        select(service.c.consumer_ref)
        .join(unit, (unit.c.store_id == service.c.store_id) & (unit.c.service_id == service.c.id))
        .where(unit.c.store_id == desk.site_id, unit.c.released_at >= start, unit.c.released_at < end)
        .distinct()
        .order_by(service.c.consumer_ref)
    )
    for consumer_ref in connection.execute(query).scalars():
        for one in records_of(connection, desk, consumer_ref):
            if one.kind not in NEVER_SENT and (data := held(vault, one.kind, one.ref)) is not None:
                row = {"consumer": consumer_ref, "kind": one.kind, "ref": one.ref, "data": data}
                yield json.dumps(row, ensure_ascii=False) + "\n"
