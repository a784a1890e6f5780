"""One private shop for the module: each test changes what it needs and finds the shop as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from store_service.catalogue.commands import import_register
from store_service.catalogue.queries import registers
from store_service.rules.dossier import Document
from tests.shops import PrivateShop, private_shop

Change = Callable[[Any], Any]


@dataclass
class Registered:
    """The shop with its registers and its site to be changed for the length of a block."""

    private: PrivateShop

    def publish(self, document: Document) -> None:
        desk = self.private.shop.desk
        import_register(desk, document, by="import", valid_to=desk.now() + timedelta(days=7))

    @contextmanager
    def register(self, kind: str, change: Change) -> Iterator[None]:
        """One register as `change` makes it; afterwards the one that stood before."""
        before = self.standing(kind)
        self.publish(change(before))
        try:
            yield
        finally:
            self.publish(before)

    def version(self, kind: str) -> int:
        desk = self.private.shop.desk
        with desk.read() as connection:
            return registers(connection, desk.site_id, desk.now()).standing[kind].version

    def standing(self, kind: str) -> Any:
        desk = self.private.shop.desk
        with desk.read() as connection:
            return registers(connection, desk.site_id, desk.now()).documents[kind]

    @contextmanager
    def site(self, **changes: Any) -> Iterator[None]:
        desk = self.private.shop.desk
        before = desk.site
        assert before is not None
        desk.site = replace(before, **changes)
        try:
            yield
        finally:
            desk.site = before


def row(name: str, key: str, wanted: str, **values: Any) -> Change:
    """Change one row of a register: the one of list `name` whose `key` is `wanted`."""

    def change(register: Any) -> Any:
        rows = tuple(
            one.model_copy(update=values) if getattr(one, key) == wanted else one for one in getattr(register, name)
        )
        return register.model_copy(update={name: rows})

    return change


def staff(staff_id: str, **values: Any) -> Change:
    return row("staff", "staff_id", staff_id, **values)


def roster(**values: Any) -> Change:
    return row("rows", "store_id", "SH0042", **values)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registered]:
    with private_shop(tmp_path_factory.mktemp("ready")) as private:
        yield Registered(private)
