"""Tables as files: CSV that a spreadsheet opens without executing anything, and JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from store_service.records.event import rfc3339

from .queries import UnitRow

CSV, JSONL = "text/csv; charset=utf-8", "application/jsonl"
UNIT_COLUMNS = tuple(field.name for field in fields(UnitRow))


def unit_json(row: UnitRow) -> dict[str, Any]:
    """A unit's row with instants in RFC 3339 and dates in ISO 8601."""
    return {name: _plain(value) for name, value in asdict(row).items()}


def row_json(row: Any) -> dict[str, Any]:
    """A table's row with its columns' names, instants in RFC 3339; the site is left out."""
    return {name: _plain(value) for name, value in row._mapping.items() if name != "store_id"}


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """RFC 4180, with a header line. Lists are joined by blanks."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return text.getvalue()


def jsonl_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """One object a line."""
    return "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows)


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        value = " ".join(map(str, value))
    text = "" if value is None else str(value)
    # A lot number is typed at the door: a spreadsheet must not take one for a formula.
    return f"'{text}" if isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t") else text


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
