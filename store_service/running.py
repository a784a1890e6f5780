"""Processes: a shop and a hub; `demo.run` starts both beside a simulated bench."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from store_service import app
from store_service.clock import Clock
from store_service.demo import play
from store_service.line import connect
from store_service.rules.dossier import Filer
from store_service.serve import bind, run
from store_service.settings import HubSettings, StoreSettings, read_store
from store_service.shop import Shop, open_shop


def shop(
    config: Path, data: Path, clock: Clock, *, is_demo: bool = False, ready: Callable[[Shop], None] | None = None
) -> None:
    """Run one shop until it is told to stop."""
    settings = read_store(config / "store.toml")
    kiosk, phones = bind(settings.listen.kiosk), bind(settings.listen.phones)
    opened = open_shop(settings, config, data, _filer(settings, config, clock), clock, demo=is_demo)
    try:
        line = connect(opened)
        archives = app.own_archives(opened)
        doors = [(app.shop_app(opened, line, archives), kiosk), (app.phones_app(opened, archives), phones)]
        run(doors, ready=lambda: ready(opened) if ready else None, stopping=line.stop.set)
        line.join()
    finally:
        opened.close()


def _filer(settings: StoreSettings, config: Path, clock: Clock) -> Filer:
    folder = config / (settings.demo.documents if settings.demo else "texts")
    return play.filer(folder, clock.now())


def hub(settings: HubSettings, config: Path, data: Path, clock: Clock) -> None:
    """Run head office until it is told to stop."""
    door = bind(settings.listen)
    opened = app.open_hub(settings, config, data, clock)
    try:
        run(
            [(app.hub_app(opened, public_base=settings.public_base, phone=settings.phone), door)],
            ready=lambda: None,
            stopping=lambda: None,
        )
    finally:
        opened.desk.ledger.seal()
        opened.database.close()
