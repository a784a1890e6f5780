"""Own CSS, JavaScript and mark, addressed by content so that a browser may keep them for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import FileResponse
from pylopdf_fonts_zh_cn import sans_path

FOLDER = Path(__file__).parent / "static"
FONT = "NotoSansSC-Regular.otf"
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
FOREVER = "public, max-age=31536000, immutable"


class Assets:
    """The files of `static/`, read once."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.bodies = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in KINDS}
        self.digests = {name: hashlib.sha256(body).hexdigest()[:12] for name, body in self.bodies.items()}

    def url(self, name: str) -> str:
        """`/static/<digest>/<name>`. Raises KeyError for a file that is not there."""
        return f"/static/{self.digests[name]}/{name}"

    def router(self) -> APIRouter:
        """`GET /static/{digest}/{name}`; the font of the label is served for screens that have no Chinese face."""
        router = APIRouter(include_in_schema=False)

        @router.get(f"/static/fonts/{FONT}")
        def font() -> FileResponse:
            return FileResponse(sans_path(), media_type="font/otf", headers={"cache-control": FOREVER})

        @router.get("/static/{digest}/{name}")
        def asset(digest: str, name: str) -> Response:
            if self.digests.get(name) != digest:
                raise HTTPException(404)
            return Response(self.bodies[name], media_type=KINDS[Path(name).suffix], headers={"cache-control": FOREVER})

        return router
