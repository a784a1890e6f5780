"""One call to head office over an injected HTTP client; whatever can go wrong there ends in three words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from .outcome import Away, Halted, Nonsense, Refused

MAX_ANSWER_BYTES = 32 * 2**20
"""A stranger in the middle must not fill a shop's memory."""

WORDS = frozenset(
    {
        "malformed",
        "unauthorised",
        "not-yours",
        "not-signed",
        "unknown",
        "too-large",
        "proof-fails",
        "fork",
    }
)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    media: str
    etag: str | None
    body: bytes

    def text(self) -> str:
        """The body as UTF-8; raises Halted(Nonsense)."""
        try:
            return self.body.decode()
        except UnicodeDecodeError as error:
            raise Halted(Nonsense(f"the answer is not UTF-8: {error}")) from error

    def json(self) -> object:
        """The body as JSON; raises Halted(Nonsense)."""
        try:
            found: object = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Halted(Nonsense(f"the answer is not JSON: {error}")) from error
        return found

    def no(self) -> Halted:
        """What an answer outside a call's own statuses means: a refusal in the protocol's words, or nonsense."""
        if 400 <= self.status < 500 and self.media == "application/problem+json":
            found = self.json()
            if isinstance(found, dict):
                word = str(found.get("type", "")).rsplit("/", 1)[-1]
                if word in WORDS:
                    return Halted(Refused(word, str(found.get("detail", ""))[:500]))
        return Halted(Nonsense(f"status {self.status} with {self.media or 'no type'}"))


class Link:
    """`client` carries the base address, the shop's token and the time-outs; redirects are not followed."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """The answer, whatever its status below 500; raises Halted(Away) or Halted(Nonsense)."""
        try:
            with self._client.stream(method, path, content=body, headers=dict(headers or {})) as response:
                received = bytearray()
                for chunk in response.iter_bytes():
                    received += chunk
                    if len(received) > MAX_ANSWER_BYTES:
                        raise Halted(Nonsense("the answer does not end"))
        except httpx.TransportError as error:
            raise Halted(Away(f"{type(error).__name__}: {error}"[:500])) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Halted(Nonsense(f"{type(error).__name__}: {error}"[:500])) from error
        if response.status_code == 429 or response.status_code >= 500:
            raise Halted(Away(f"status {response.status_code}", _seconds(response.headers.get("Retry-After"))))
        media = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Reply(response.status_code, media, response.headers.get("ETag"), bytes(received))


def _seconds(text: str | None) -> float | None:
    return min(float(text), 3600.0) if text is not None and text.isascii() and text.isdigit() else None
