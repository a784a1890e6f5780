"""View models of the officer's desk: every page is some tables and some forms, drawn by one template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from .frame import Words

Kind = Literal["text", "long", "date", "time", "number", "select", "checks", "tick", "pin"]


class Key(NamedTuple):
    """A cell or an option that is a word of the book (`office.o_…`); `tone` is sage, amber, brick or nothing."""

    key: str
    tone: str = ""


Cell = str | Key | Words | tuple["Cell", ...]
"""What stands there: as it is, a word of the book, one in either language, or several in a row."""


@dataclass(frozen=True, slots=True)
class Field:
    """`name` is also its word (`office.f_…`). Options of a select are words; `plain` ones are shown as they are, or by
    `labels` that stand for them. `value` stands in it at first."""

    name: str
    kind: Kind = "text"
    options: tuple[str, ...] = ()
    plain: bool = False
    required: bool = True
    labels: tuple[Cell, ...] = ()
    value: str = ""


def pick(name: str, options: Mapping[str, Cell], *, required: bool = True) -> Field:
    """A select of things that are shown by what a person knows them by."""
    return Field(name, "select", tuple(options), plain=True, required=required, labels=tuple(options.values()))


@dataclass(frozen=True, slots=True)
class FormView:
    """`act` is its address and its word (`office.act_…`)."""

    act: str
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """`key` is its title (`office.t_…`), `columns` are words (`office.c_…`)."""

    key: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A personal record that somebody opened, on record: shown once, never linked to. `picture` is a JPEG in base64."""

    title: Cell
    facts: tuple[tuple[Cell, Cell], ...]
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Office:
    page: str
    pages: tuple[str, ...]
    tables: tuple[Table, ...]
    forms: tuple[FormView, ...]
    opened: tuple[Opened, ...] = ()
    done: bool = False
    form_token: str = ""
    act: str = ""
    """The form that was refused, with what had been `typed` into it; never a PIN."""
    typed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
