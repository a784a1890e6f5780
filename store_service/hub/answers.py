"""What head office answers: status, media type and body, as docs/protocol.md words them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

TYPE = "https://store-blending.example/problems"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes = b""
    media: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


def problem(status: int, word: str, detail: str) -> Answer:
    """RFC 9457 problem details; `word` ends the type."""
    body = {"type": f"{TYPE}/{word}", "title": word, "status": status, "detail": detail}
    return Answer(status, json.dumps(body, ensure_ascii=False).encode(), "application/problem+json")


def json_answer(found: object, headers: dict[str, str] | None = None) -> Answer:
    return Answer(200, json.dumps(found, ensure_ascii=False).encode(), "application/json", headers or {})
