"""The shop at rest: what a command of the console opens to put something on its record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from store_service.catalogue.problems import Malformed, Problem
from store_service.clock import Clock
from store_service.database.engines import DatabaseUnusable
from store_service.demo import play
from store_service.records.tables import head
from store_service.settings import StoreSettings
from store_service.shop import Shop, open_shop
from store_service.upkeep import RESTORED


@contextmanager
def at_rest(settings: StoreSettings, config: Path, data: Path) -> Iterator[Shop]:
    """The shop without its benches. Raises Malformed where an entry of ours could begin a fork or would not be kept."""
    if (data / RESTORED).exists():
        raise Malformed(
            [
                Problem(
                    None,
                    None,
                    "记录刚从备份恢复，请先启动一次门店",
                    "the record comes from a backup; start the shop once first",
                )
            ]
        )
    clock = Clock()
    folder = config / (settings.demo.documents if settings.demo else "texts")
    without = settings.model_copy(update={"benches": ()})
    try:
        shop = open_shop(without, config, data, play.filer(folder, clock.now()), clock)
    except DatabaseUnusable as no:
        raise Malformed([Problem(None, None, no.zh, no.en)]) from no
    try:
        if shop.desk.ledger.frozen is not None:
            raise Malformed([Problem(None, None, "记录簿已冻结", f"the record is frozen: {shop.desk.ledger.frozen}")])
        with shop.desk.read() as connection:
            own = head.c.store_id == shop.desk.site_id
            started = connection.execute(select(head.c.size).where(own)).scalar()
        if settings.hub is not None and not started:
            raise Malformed([Problem(None, None, "请先启动一次门店", "start the shop once first")])
        yield shop
    finally:
        shop.close()
