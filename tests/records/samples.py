"""One made-up payload of every type, out of its own field types: what the golden log is written from."""

from __future__ import annotations

import types
from datetime import UTC, date, datetime
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from store_service.records import events
from store_service.records.event import PAYLOADS, Payload

_registered = events
AT = datetime(2026, 11, 22, 1, 36, 59, 123456, tzinfo=UTC)


def sample(kind: type[BaseModel]) -> Any:
    return kind.model_validate(
        {name: _value(name, field.annotation) for name, field in kind.model_fields.items()}, strict=False
    )


def _value(name: str, wanted: Any) -> Any:
    origin, inside = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        return _value(name, inside[0])
    if origin is tuple:
        return [_value(name, inside[0]), _value(name, inside[0])]
    if origin is dict:
        return {name: _value(name, inside[1])}
    if isinstance(wanted, type) and issubclass(wanted, BaseModel):
        return sample(wanted).model_dump()
    return {str: f"{name} 一", int: 1000 + len(name), bool: True, date: date(2027, 3, 31), datetime: AT}[wanted]


def every_payload() -> dict[tuple[str, int], Payload]:
    return {(kind, payload.v): sample(payload) for kind, payload in sorted(PAYLOADS.items())}
