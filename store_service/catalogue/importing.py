"""Files that a person imports, checked whole before anything is recorded: each problem names its row and field.

Public lists: the catalogue of used ingredients (CSV `serial,cn_name,inci_name`), the table of restricted ones (JSON).
Registers for a shop without head office: products and roster, JSON or TOML in the shape of their documents.
"""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from store_service.rules.dossier import ProductRegister, Roster
from store_service.rules.numbers import parse_filing_number

from .ingredients import RestrictedTable
from .problems import Malformed, Problem, of_pydantic

M = TypeVar("M", bound=BaseModel)
Tick = Callable[[int], None]
"""Told how many rows have been looked at since the last time."""

COLUMNS = ("serial", "cn_name", "inci_name")
MAX_NAME = 500
MAX_BYTES = 50_000_000
ENOUGH = 1_000
"""After so many problems a list is read no further: it is a file of another kind."""
csv.field_size_limit(MAX_BYTES)  # a name that is too long is told as such, by row and field
GB18030_BOM = b"\x84\x31\x95\x33"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a roster is to hold: the shop, the letters of its province, and those of all provinces."""

    store_id: str
    province: str
    provinces: frozenset[str]


@dataclass(frozen=True, slots=True)
class PublicList:
    """A list that may be recorded: its UTF-8 bytes and how many entries it has."""

    body: bytes
    entries: int


def read_ingredients(body: bytes, encoding: str | None = None, tick: Tick = lambda _: None) -> PublicList:
    """The catalogue as CSV. Raises Malformed."""
    text = decode(body, encoding)
    rows, problems = list[tuple[str, ...]](), list[Problem]()
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    seen: dict[tuple[str, ...], int] = {}
    try:
        header = [name.strip() for name in next(reader, [])]
        tick(1)
        if sorted(header) != sorted(COLUMNS):
            _fail(
                1,
                ",".join(header)[:80],
                "表头应为 serial,cn_name,inci_name",
                "the columns are serial,cn_name,inci_name",
            )
        place = [header.index(name) for name in COLUMNS]
        for row in reader:
            line = reader.line_num
            tick(1)
            if len(problems) >= ENOUGH:
                break
            if not row:
                continue
            if len(row) != len(COLUMNS):
                problems.append(
                    Problem(line, None, f"应有 3 列，实有 {len(row)} 列", f"3 columns are needed, there are {len(row)}")
                )
                continue
            found = tuple(row[at].strip() for at in place)
            problems += _row_problems(line, found, seen)
            rows.append(found)
    except csv.Error as wrong:
        problems.append(
            Problem(reader.line_num, None, f"这一行读不出（{wrong}）", f"this row cannot be read ({wrong})")
        )
    if not rows and not problems:
        problems.append(Problem(2, None, "没有任何一行", "there is no row"))
    if problems:
        raise Malformed(problems)
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([COLUMNS, *rows])
    return PublicList(out.getvalue().encode(), len(rows))


def _row_problems(line: int, row: tuple[str, ...], seen: dict[tuple[str, ...], int]) -> Iterator[Problem]:
    for name, value in zip(COLUMNS, row, strict=True):
        if not value:
            yield Problem(line, name, "没有填写", "is empty")
        elif len(value) > MAX_NAME:
            yield Problem(line, name, f"超过 {MAX_NAME} 个字符", f"is longer than {MAX_NAME} characters")
        elif not value.isprintable() or "\ufffd" in value:
            yield Problem(line, name, "含有不可见或损坏的字符", "holds invisible or broken characters")
    for key, name in ((row[:1], "serial"), (row[1:], "inci_name")):
        if (first := seen.setdefault(key, line)) != line:
            yield Problem(line, name, f"与第 {first} 行重复", f"repeats line {first}")


def read_restricted(body: bytes, encoding: str | None = None) -> PublicList:
    """The table of restricted ingredients as JSON. Raises Malformed."""
    text = decode(body, encoding)
    table = _document(RestrictedTable, text, is_toml=False, rows="entries")
    problems = list(_repeated("no", [one.no for one in table.entries]))
    for row, one in enumerate(table.entries, 1):
        if one.legal_cap is not None and not 0 <= one.legal_cap <= 100:
            problems.append(Problem(row, "legal_cap", "应为 0 到 100 的百分数", "is a percentage from 0 to 100"))
    if not table.entries:
        problems.append(Problem(None, "entries", "没有任何一项", "there is no entry"))
    if problems:
        raise Malformed(problems)
    return PublicList(text.encode(), len(table.entries))


def read_products(body: bytes, *, is_toml: bool, filer_id: str, since: datetime, now: datetime) -> ProductRegister:
    """A register of products of the shop's own filer, attested between `since` and `now`. Raises Malformed."""
    register = _document(ProductRegister, decode(body), is_toml=is_toml, rows="products")
    check_products(register, filer_id=filer_id, since=since, now=now)
    return register


def check_products(register: ProductRegister, *, filer_id: str, since: datetime, now: datetime) -> None:
    """What the form of a register cannot say, at a shop's import and before head office publishes. Raises Malformed."""
    problems = list(_moment("attested_at", register.attested_at, since, now))
    if register.filer_id != filer_id:
        problems.append(Problem(None, "filer_id", f"应为本企业 {filer_id}", f"must be this enterprise, {filer_id}"))
    for field in ("product_id", "gtin", "filing_number"):
        problems += _repeated(field, [str(getattr(one, field)) for one in register.products])
    for row, one in enumerate(register.products, 1):
        number = parse_filing_number(one.filing_number)
        if number.verdict == "refuse":
            problems.append(Problem(row, "filing_number", number.message_zh, number.message_en))
    if not register.products:
        problems.append(Problem(None, "products", "没有任何一项", "there is no product"))
    if problems:
        raise Malformed(problems)


def read_roster(body: bytes, *, is_toml: bool, place: Place, since: datetime, now: datetime) -> Roster:
    """The public list of the shop's own province, fetched between `since` and `now`. Raises Malformed."""
    roster = _document(Roster, decode(body), is_toml=is_toml, rows="rows")
    check_roster(roster, place=place, provinces=place.provinces, since=since, now=now)
    return roster


def check_roster(
    roster: Roster, *, place: Place | None, provinces: Collection[str], since: datetime, now: datetime
) -> None:
    """The same for a roster; `place` is the shop that reads it, None at head office. Raises Malformed."""
    problems = list(_moment("fetched_at", roster.fetched_at, since, now))
    if place is not None and place.province not in roster.province_status:
        listed = "、".join(sorted(roster.province_status)) or "—"
        problems.append(
            Problem(
                None,
                "province_status",
                f"这是 {listed} 的名单，本店在 {place.province}",
                f"this is the roster of {listed}; the shop stands in {place.province}",
            )
        )
    problems += _repeated("store_id", [one.store_id for one in roster.rows])
    for row, one in enumerate(roster.rows, 1):
        if one.province not in provinces:
            problems.append(
                Problem(row, "province", f"“{one.province[:20]}”不是省份代码", f"{one.province[:20]} is no province")
            )
        elif place is not None and one.store_id == place.store_id and one.province != place.province:
            problems.append(
                Problem(
                    row,
                    "province",
                    f"本店在 {place.province}，不在 {one.province}",
                    f"the shop stands in {place.province}",
                )
            )
        elif one.province not in roster.province_status:
            problems.append(
                Problem(row, "province", "province_status 中没有该省", "province_status does not name this province")
            )
        if one.valid_from > one.valid_to:
            problems.append(Problem(row, "valid_to", "早于 valid_from", "lies before valid_from"))
    if problems:
        raise Malformed(problems)


def decode(body: bytes, encoding: str | None = None) -> str:
    """UTF-8 with or without its mark, GB18030 with its mark or where `encoding` says so. Raises Malformed."""
    if len(body) > MAX_BYTES:
        _fail(None, None, "文件超过 50 MB", "the file is larger than 50 MB")
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        _fail(1, None, "文件是 UTF-16，请另存为 UTF-8", "the file is UTF-16; save it as UTF-8")
    if body.startswith(b"\xef\xbb\xbf"):
        body, named = body[3:], "utf-8"
    elif body.startswith(GB18030_BOM):
        body, named = body[4:], "gb18030"
    else:
        named = encoding or "utf-8"
    try:
        return body.decode(named)
    except UnicodeDecodeError as wrong:
        line = body.count(b"\n", 0, wrong.start) + 1
        other = "；若是 GB18030，请加 --encoding gb18030" if named == "utf-8" else ""
        hint = "; if it is GB18030, add --encoding gb18030" if named == "utf-8" else ""
        _fail(line, None, f"不是 {named.upper()} 编码{other}", f"is not {named.upper()}{hint}")
    except LookupError:
        _fail(None, None, "编码只能是 utf-8 或 gb18030", "the encoding is utf-8 or gb18030")


def _document(model: type[M], text: str, *, is_toml: bool, rows: str) -> M:
    try:
        if is_toml:
            return model.model_validate(tomllib.loads(text))
        json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
        return model.model_validate_json(text)
    except ValidationError as wrong:
        raise Malformed(of_pydantic(wrong, rows)) from wrong
    except json.JSONDecodeError as wrong:
        raise Malformed([Problem(wrong.lineno, None, f"不是 JSON：{wrong.msg}", f"is no JSON: {wrong.msg}")]) from wrong
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as wrong:
        raise Malformed([Problem(None, None, f"读不出：{wrong}"[:300], f"cannot be read: {wrong}"[:300])]) from wrong


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name[:40]}: stands twice in one object")
        found[name] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _moment(field: str, at: datetime, since: datetime, now: datetime) -> Iterator[Problem]:
    if at > now:
        yield Problem(None, field, "在未来", "lies in the future")
    elif at < since:
        yield Problem(None, field, f"太旧，不得早于 {since:%Y-%m-%d}", f"is too old; not before {since:%Y-%m-%d}")


def _repeated(field: str, values: Iterable[Any]) -> Iterator[Problem]:
    first: dict[Any, int] = {}
    for row, value in enumerate(values, 1):
        if first.setdefault(value, row) != row:
            yield Problem(row, field, f"与第 {first[value]} 项重复", f"repeats entry {first[value]}")


def _fail(row: int | None, field: str | None, zh: str, en: str) -> NoReturn:
    raise Malformed([Problem(row, field, zh, en)])
