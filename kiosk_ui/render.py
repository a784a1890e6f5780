"""Pages and fragments, rendered on the server from plain view models (`models.py`)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from fastapi.responses import HTMLResponse
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request

from store_service.rules.refusal import Facts

from .assets import Assets
from .formats import FILTERS, fact
from .models import Words
from .words import LANGUAGES, Book, language_of

FOLDER = Path(__file__).parent / "templates"
SHOP_CSP = "default-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
SHOP_HEADERS = {
    "content-security-policy": SHOP_CSP,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


@jinja2.pass_context
def _say(context: Context, words: Words) -> str:
    return words.zh if context["lang"] == "zh-CN" else words.en


class Faces:
    """The renderer that every face shares.

    `new_key` gives a fresh idempotency key for each form rendered; randomness comes from outside.
    """

    def __init__(self, new_key: Callable[[], str], assets: Assets | None = None) -> None:
        self.assets = assets or Assets()
        self.book = Book()
        self.new_key = new_key
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters.update(FILTERS, say=_say)
        trace_css = (FOLDER / "trace" / "trace.css").read_text("utf-8")
        digest = base64.b64encode(hashlib.sha256(trace_css.encode()).digest()).decode()
        self.trace_headers = {
            "content-security-policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'",
            "cache-control": "no-store",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            "x-robots-tag": "noindex",
        }
        self.environment.globals.update(
            asset=self.assets.url,
            new_key=new_key,
            languages=LANGUAGES,
            # Our own file, byte for byte: its digest stands in the page's Content-Security-Policy.
            trace_css=Markup(trace_css),  # noqa: S704
        )

    def html(self, language: str, template: str, **model: Any) -> str:
        """One template as text. Raises jinja2.UndefinedError or KeyError where the model or the book has a gap."""

        def t(key: str, **args: object) -> str:
            return self.book.text(language, key, **args)

        def sub(key: str, **args: object) -> str:
            """The English line under a Chinese word; nothing under an English one."""
            return self.book.text("en", key, **args) if language == "zh-CN" else ""

        def either(zh: str, en: str) -> str:
            return zh if language == "zh-CN" else en

        def fact_name(key: str) -> str:
            return t(f"fact.{key}") if self.book.has(f"fact.{key}") else key.replace("_", " ")

        def facts(values: Facts) -> list[tuple[str, str]]:
            """The compared values as (name, value) in one language; `…_zh` and `…_en` are one value told twice."""
            other = "_en" if language == "zh-CN" else "_zh"
            unknown = either("未知", "unknown")
            told = {key: value for key, value in values.items() if not key.endswith(other)}
            return [
                (fact_name(key), unknown if value == "unknown" else fact(key, value)) for key, value in told.items()
            ]

        return self.environment.get_template(template).render(
            lang=language, t=t, sub=sub, either=either, facts=facts, **model
        )

    def event(self, language: str, target: str, template: str, **model: Any) -> str:
        """The data of a live `fragment` event: the id to replace on the first line, then the fragment."""
        return f"{target}\n{self.html(language, template, **model)}"

    def page(
        self,
        request: Request,
        template: str,
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        **model: Any,
    ) -> HTMLResponse:
        """A whole page or one fragment in the reader's language, with the headers of its face.

        Trace pages get their own policy (no script at all); everything else gets the shop's. A request with header
        `x-swap` gets the screen alone, without the document around it.
        """
        face = self.trace_headers if template.startswith("trace/") else SHOP_HEADERS
        model.setdefault("sheet", None)
        model.setdefault("whole", "x-swap" not in request.headers)
        body = self.html(language_of(request), template, here=_here(request), **model)
        return HTMLResponse(body, status_code, headers={**face, **(headers or {})})


def _here(request: Request) -> str:
    """The screen that is shown: of a fragment that answers a POST, the one that it came from."""
    came_from = urlsplit(request.headers.get("referer", ""))
    shown = came_from if request.method == "POST" and came_from.path else request.url
    return shown.path + (f"?{shown.query}" if shown.query else "")
