"""A consumer's picture before it is kept: whether pictures may be taken at all, and the picture without its wrapper."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

from PIL import Image, ImageOps
from sqlalchemy import Connection, select

from store_service.blending.cases import View
from store_service.records.desk import Desk
from store_service.records.projections.privacy import image
from store_service.rules import gates
from store_service.rules.matters import ImageRequest

LONGEST = 1280
MOST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")


def pictures_open(desk: Desk, connection: Connection, staff_id: str) -> bool:
    """Whether a picture could be kept if the consumer agreed: gate `image` with the consent given (R-PRV-02)."""
    view = View.at(desk, connection)
    case = replace(view.standing(staff_id), matter=ImageRequest(True, "skin_analysis", template=False))
    return gates.ask("image", case, desk.ruleset).allowed


def kept_until(connection: Connection, site: str, service_id: str) -> date | None:
    """The last day of a visit's picture as it was recorded; None where none was ever kept."""
    query = select(image.c.keep_until).where(image.c.store_id == site, image.c.id == service_id)
    return connection.execute(query).scalar()


def plain_picture(body: bytes) -> bytes:
    """The picture alone as JPEG, at most `LONGEST` dots long: a camera writes place, time and device beside it. Raises
    ValueError for bytes that are no picture."""
    try:
        with Image.open(io.BytesIO(body), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError("picture: too large")
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError) as wrong:
        raise ValueError("picture: is not a JPEG, PNG or WebP picture") from wrong
    upright.thumbnail((LONGEST, LONGEST))
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=85)
    return out.getvalue()
