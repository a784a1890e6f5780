"""A reaction told from home: the form behind a label, without a script, a cookie or an account (ui note §3.4).

What is told goes straight into the vault of whoever offers the form; this door keeps nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs

from fastapi import Request

from .limit import PageLimit

A_LABEL, TOGETHER = 6, 60
"""Reports a minute about one label, and about all of them."""
BODY = 16_000
FIELDS = 60

Answers = Mapping[str, list[str]]
Step = Literal["form", "sent", "contact", "unable"]


class TooLarge(Exception):
    """More than a form can hold."""


@dataclass(frozen=True)
class Intake:
    """`report` opens a case (unit id, answers, the form's own key) and returns its number; `contact` adds a way to be
    reached to a case of that unit (unit id, case number, text). Both raise ValueError for what cannot be, `contact`
    Missing for a case of another unit. `ready` is false while nothing can be written."""

    report: Callable[[str, Answers, str], str]
    contact: Callable[[str, str, str], None]
    ready: Callable[[], bool]
    limit: PageLimit

    def passes(self, key: str) -> bool:
        """Whether one more report about a label may come now."""
        return self.limit.passes(key) and self.limit.passes(None)


async def answers_of(request: Request) -> dict[str, list[str]]:
    """The form's fields. Raises TooLarge, ValueError for what is no form."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY:
            raise TooLarge
    return parse_qs(body.decode("utf-8", "replace"), max_num_fields=FIELDS)
