"""What is wrong with a file, told to the person who can mend it: row, field, both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

TOLD = 20
"""So many problems are told; a file of the wrong kind has one in every row."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`row` is the line of a text file, or the number of the entry in its list, from 1; None for the whole file."""

    row: int | None
    field: str | None
    zh: str
    en: str

    def to_json(self) -> dict[str, Any]:
        return {"row": self.row, "field": self.field, "message_zh": self.zh, "message_en": self.en}

    def __str__(self) -> str:
        place = " · ".join(str(one) for one in (self.row and f"第 {self.row} 行 row {self.row}", self.field) if one)
        return f"{place or '文件 file'}: {self.zh}. {self.en}"


class Malformed(ValueError):
    """The file is not imported, nothing of it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(one) for one in self.problems[:TOLD]))

    @property
    def more(self) -> int:
        """How many problems are not told."""
        return max(0, len(self.problems) - TOLD)


_WORDS = {
    "missing": ("缺少", "is missing"),
    "extra_forbidden": ("不认识的字段", "is a field that is not known"),
    "string_type": ("应为文字", "must be text"),
    "bool_type": ("应为 true 或 false", "must be true or false"),
    "string_too_long": ("文字太长", "is too long a text"),
    "timezone_aware": ("缺少时区，例如 2026-11-22T08:00:00+08:00", "needs a time zone"),
    "tuple_type": ("应为列表", "must be a list"),
    "dict_type": ("应为对象", "must be an object"),
}


def of_pydantic(wrong: ValidationError, rows: str) -> list[Problem]:
    """The problems of a document whose entries stand in the list `rows`."""
    return [_problem(one["loc"], one["type"], one["msg"], one.get("input"), rows) for one in wrong.errors()]


def _problem(place: tuple[int | str, ...], kind: str, said: str, given: Any, rows: str) -> Problem:
    row = None
    if len(place) >= 2 and place[0] == rows and isinstance(place[1], int):
        row, place = place[1] + 1, place[2:]
    field = ".".join(str(one) for one in place) or None
    shown = str(given)[:40] if isinstance(given, str | int | float | bool) else ""
    if kind.startswith("date"):
        zh, en = f"“{shown}”不是日期或时间，应如 2026-02-28", f"{shown} is no date or time such as 2026-02-28"
    elif kind.startswith("int"):
        zh, en = f"“{shown}”应为整数", f"{shown} must be a whole number"
    elif kind == "literal_error":
        zh, en = f"“{shown}”不在允许的值中（{said}）", f"{shown}: {said}"
    else:
        zh, en = _WORDS.get(kind, (f"值不对（{said}）", said))
    return Problem(row, field, zh, en)
