"""From a request's headers to who asks, and from an answer to a response."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Query, Response

from .answers import Answer

Bearer = Annotated[str, Header(alias="Authorization")]
Second = Annotated[str, Header(alias="Second-Authorization")]
Start = Annotated[int, Query(alias="from", ge=0, lt=2**53)]
Limit = Annotated[int, Query(ge=1, le=1000)]


def token_of(authorization: str) -> str:
    """The bearer token, or nothing."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def respond(answer: Answer) -> Response:
    """The type goes into the headers as it stands: given as `media_type`, text would gain a charset."""
    bodiless = answer.status in (204, 304)
    headers = answer.headers if bodiless else answer.headers | {"Content-Type": answer.media}
    return Response(None if bodiless else answer.body, answer.status, headers)
