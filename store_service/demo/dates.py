"""Demo documents that work on any later day: dates move with the demo clock, and an overlay changes what it names.

Pure: the clock is handed in. A string that is wholly one of these forms is a moment, any other string is text:

    "+540d"  "-3d"      a Beijing date so many days from today
    "-3d 09:30"         that Beijing date at that Beijing time, an instant in UTC
    "now"  "-2h"  "+30m"  an instant in UTC, from now
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from store_service.rules.dates import BEIJING

_DAY = re.compile(r"([+-]\d{1,5})d(?: (\d{2}):(\d{2}))?")
_SPAN = re.compile(r"([+-]\d{1,5})([hm])")
_PART = re.compile(r"(?P<key>\w+)(?:\[(?:(?P<index>\d+)|(?P<field>\w+)=(?P<value>[^\]]+))\])?")


def resolve(document: Mapping[str, Any], today: date, now: datetime) -> dict[str, Any]:
    """The document with every relative moment made a date or an aware UTC datetime; the input stays as it is.

    `today` is the Beijing date of `now`, both of the demo's (shifted) clock. Raises ValueError for a naive `now`.
    """
    if now.tzinfo is None:
        raise ValueError("an instant without a zone is no clock")
    return {key: _resolved(value, today, now.astimezone(UTC)) for key, value in document.items()}


def _resolved(value: Any, today: date, now: datetime) -> Any:
    if isinstance(value, str):
        return _moment(value, today, now)
    if isinstance(value, Mapping):
        return {key: _resolved(item, today, now) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_resolved(item, today, now) for item in value]
    return value


def _moment(text: str, today: date, now: datetime) -> str | date | datetime:
    if text == "now":
        return now
    if span := _SPAN.fullmatch(text):
        amount = int(span[1])
        return now + (timedelta(hours=amount) if span[2] == "h" else timedelta(minutes=amount))
    if day := _DAY.fullmatch(text):
        moved = today + timedelta(days=int(day[1]))
        if day[2] is None:
            return moved
        return datetime.combine(moved, time(int(day[2]), int(day[3])), BEIJING).astimezone(UTC)
    return text


def patch(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The document with each `path = value` of an overlay applied; the input stays as it is.

    A path is keys joined by "."; a list is entered by position or by the value of a field:
    `products[2].class_code`, `products[product_id=SRC-HYDRA].ingredients[0].status`, `roster_doc`. The last key may be
    new, the way to it must exist: KeyError names the path that does not."""
    changed = deepcopy(dict(document))
    for path, value in changes.items():
        _set(changed, path, value)
    return changed


def _set(root: dict[str, Any], path: str, value: Any) -> None:
    steps = _steps(path)
    here: Any = root
    try:
        for step in steps[:-1]:
            here = here[_index(here, step)]
        here[_index(here, steps[-1])] = value
    except (KeyError, IndexError, TypeError, StopIteration) as error:
        raise KeyError(path) from error


def _steps(path: str) -> list[str | int | tuple[str, str]]:
    """Keys, positions and (field, value) selectors in order. A "." inside brackets belongs to the value."""
    steps: list[str | int | tuple[str, str]] = []
    for part in re.split(r"\.(?![^\[]*\])", path):
        match = _PART.fullmatch(part)
        if match is None:
            raise KeyError(path)
        steps.append(match["key"])
        if match["index"] is not None:
            steps.append(int(match["index"]))
        elif match["field"] is not None:
            steps.append((match["field"], match["value"]))
    return steps


def _index(here: Any, step: str | int | tuple[str, str]) -> Any:
    if not isinstance(step, tuple):
        return step
    field, wanted = step
    return next(position for position, row in enumerate(here) if str(row[field]) == wanted)
