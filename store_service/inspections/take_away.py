"""The inspector's copy in one touch, offline: the sealed entries and records of some days, as one zip that verifies.

It holds references, never a name. Personal data is asked for in writing and handed over apart (R-PRV-08).
"""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from store_service.evidence.canonical import sha256_hex
from store_service.quality.export import export
from store_service.records.desk import Actor, Desk
from store_service.rules.matters import Sending

from .commands import send

FOR_AUTHORITY = Sending("authority", personal=False, country="CN")


def take_away(
    desk: Desk, actor: Actor, day_from: date, day_to: date, wish: Sending = FOR_AUTHORITY
) -> tuple[str, bytes]:
    """(file name, zip) of the Beijing days, both included; on record who took what. Raises NothingThere."""
    desk.ledger.seal()
    with TemporaryDirectory() as folder, desk.read() as connection:
        out = Path(folder) / "export"
        export(connection, desk.site_id, day_from, day_to, out, [desk.ledger.key.verifier])
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(out.iterdir()):
                archive.writestr(zipfile.ZipInfo(path.name, (1980, 1, 1, 0, 0, 0)), path.read_bytes())
    body = packed.getvalue()
    sending_id = send(desk, actor, wish, day_from, day_to, sha256_hex(body))
    return f"{desk.site_id}-{day_from:%y%m%d}-{day_to:%y%m%d}-{sending_id}.zip", body
