"""Every screen with sample data, for design and for browser tests: `python -m kiosk_ui.gallery --port 8099`.

POSTs change nothing: they are counted, answered after a moment, and shown again. A scan that begins with `BAD` is
refused, so that the refusal sheet can be tried.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import itertools
from collections.abc import AsyncIterator

import qrcode
import uvicorn
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

from . import samples, samples_service
from .formats import grams
from .models import RefusalSheet
from .render import Faces
from .words import language_of


def label_png(width: int = 576, height: int = 480) -> bytes:
    """A stand-in for the printed bitmap, 1 bit deep as the printer's."""
    image = Image.new("1", (width, height), 1)
    draw = ImageDraw.Draw(image)
    lines = (
        "专属保湿乳液",
        "净含量 20.01 g",
        "批号 沪-261122-310001-0017-K",
        "请在此前用完 2027-02-20",
        "示例化妆品有限公司",
        "个性化服务产品",
    )
    for n, line in enumerate(lines):
        draw.text((20, 18 + n * 46), line, font=ImageFont.truetype(str(sans_path()), 34 if n == 0 else 24), fill=0)
    code = qrcode.QRCode(border=4, box_size=4)
    code.add_data("https://t.sample.example/01/09520000000103/21/310001-7Q2M9XK4T0ZB3")
    image.paste(code.make_image().get_image().convert("1"), (width - 190, height - 190))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def qr_png() -> bytes:
    out = io.BytesIO()
    qrcode.make("https://t.sample.example/01/09520000000103/21/310001-7Q2M9XK4T0ZB3").get_image().save(out, "PNG")
    return out.getvalue()


def build(period_s: float = 0.1) -> FastAPI:
    """The gallery. `app.state.posts` lists (path, form) of every POST; `app.state.stop` ends the live streams."""
    keys = (f"sample-{n}" for n in itertools.count())
    faces = Faces(lambda: next(keys))
    app = FastAPI(title="gallery", openapi_url=None)
    app.include_router(faces.assets.router())
    app.state.posts = []
    app.state.stop = asyncio.Event()

    def show(request: Request, name: str, **changes: object) -> HTMLResponse:
        sample = samples.SAMPLES[name]
        return faces.page(request, sample.template, **{**sample.context, **changes})

    @app.get("/")
    def index() -> HTMLResponse:
        links = "".join(f'<li><a href="/gallery/{name}">{name}</a></li>' for name in samples.SAMPLES)
        return HTMLResponse(f"<!doctype html><title>gallery</title><ul>{links}</ul>")

    @app.get("/gallery/label.png")
    def label() -> Response:
        return Response(label_png(), media_type="image/png")

    @app.get("/gallery/qr.png")
    def code() -> Response:
        return Response(qr_png(), media_type="image/png")

    async def pause(seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await app.state.stop.wait()

    @app.get("/gallery/live", response_class=EventSourceResponse)
    async def live(request: Request) -> AsyncIterator[ServerSentEvent]:
        for gauge in samples_service.a_dose():
            yield ServerSentEvent(
                data={
                    "text": {"mg": grams(gauge.mg, unit=False), "left": str(max(0, (5_000 - gauge.mg) // 120))},
                    "gauge": gauge.live,
                    "state": gauge.state,
                    "stable": True,
                }
            )
            await pause(period_s)
        done = samples_service.DOSED
        html = faces.event(language_of(request), "components", "fragments/components.html", screen=done)
        yield ServerSentEvent(event="fragment", raw_data=html)
        async for beat in still():
            yield beat

    @app.get("/gallery/still", response_class=EventSourceResponse)
    async def still() -> AsyncIterator[ServerSentEvent]:
        while not app.state.stop.is_set():
            yield ServerSentEvent(event="beat", raw_data="1")
            await pause(1)

    @app.get("/gallery/{name}")
    def screen(request: Request, name: str) -> HTMLResponse:
        if name not in samples.SAMPLES:
            raise HTTPException(404)
        return show(request, name)

    @app.post("/language")
    async def language(request: Request) -> RedirectResponse:
        form = await request.form()
        answer = RedirectResponse(str(form["back"]), 303)
        answer.set_cookie("lang", str(form["lang"]), samesite="strict")
        return answer

    @app.post("/{path:path}")
    async def act(request: Request, path: str) -> Response:
        form = {key: str(value) for key, value in (await request.form()).items()}
        app.state.posts.append((f"/{path}", form))
        await asyncio.sleep(2 * period_s)
        back = request.headers.get("referer", "/").rsplit("/", 1)[-1]
        if back not in samples.SAMPLES:
            return RedirectResponse("/", 303)
        if form.get("code", "").startswith("BAD"):
            sheet = RefusalSheet((samples_service.OPENED_TOO_LONG,))
            sample = samples.SAMPLES[back]
            context = {**sample.context, "sheet": sheet}
            return faces.page(
                request, "fragments/refusal.html", status_code=409, headers={"x-target": "#sheet"}, **context
            )
        if "x-swap" in request.headers:
            return show(request, back)
        return RedirectResponse(f"/gallery/{back}", 303)

    return app


def main() -> None:
    parser = argparse.ArgumentParser(description="Every screen with sample data")
    parser.add_argument("--port", type=int, default=8099)
    uvicorn.run(build(), host="127.0.0.1", port=parser.parse_args().port, timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main()
