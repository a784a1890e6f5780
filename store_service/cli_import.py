"""`store-service import`: public lists for any shop, registers for one without head office. A whole file or nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from store_service.catalogue.commands import import_list, import_register
from store_service.catalogue.importing import (
    Place,
    Tick,
    read_ingredients,
    read_products,
    read_restricted,
    read_roster,
)
from store_service.catalogue.problems import TOLD, Malformed, Problem
from store_service.catalogue.queries import registers
from store_service.cli_shop import at_rest
from store_service.rules.dossier import ProductRegister, Roster
from store_service.settings import Places, StoreSettings, read_store
from store_service.shop import Shop
from store_service.stock.filings import follow_filings

tools = typer.Typer()
PLACES = Places()

Config = Annotated[Path, typer.Option("--config", help="the folder with store.toml, provinces.toml and rules/")]
Data = Annotated[Path, typer.Option("--data", help="the folder that keeps database, keys and blobs")]


class Kind(StrEnum):
    INGREDIENTS = "ingredients"
    RESTRICTED = "restricted"
    PRODUCTS = "products"
    ROSTER = "roster"


REGISTERS = (Kind.PRODUCTS, Kind.ROSTER)


@tools.command("import")
def import_(
    kind: Annotated[Kind, typer.Argument(help="what the file is")],
    file: Annotated[Path, typer.Argument(help="CSV for ingredients, JSON for restricted, JSON or TOML for registers")],
    by: Annotated[str, typer.Option("--by", help="staff id of who imports; it stands on record")] = "import",
    encoding: Annotated[str | None, typer.Option("--encoding", help="gb18030, where the file does not say so")] = None,
    config: Config = PLACES.config,
    data: Data = PLACES.data,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object instead of words")] = False,
) -> None:
    """Import a list or a register, all of it or nothing. The shop must be stopped. Exit 1 with what is wrong."""
    settings = read_store(config / "store.toml")
    try:
        told = _import(kind, _bytes(file), file.suffix.lower() == ".toml", by, encoding, settings, config, data)
    except Malformed as no:
        if as_json:
            problems = [one.to_json() for one in no.problems[:TOLD]]
            typer.echo(_json({"kind": kind, "imported": False, "problems": problems, "more": no.more}))
        else:
            typer.echo(f"{no}\n{file.name}: 没有导入任何内容。 Nothing was imported.", err=True)
        raise typer.Exit(1) from None
    typer.echo(_json(told) if as_json else f"{kind} 第 {told['version']} 版 version, {told['entries']} 条 entries")


def _import(
    kind: Kind,
    body: bytes,
    is_toml: bool,
    by: str,
    encoding: str | None,
    settings: StoreSettings,
    config: Path,
    data: Path,
) -> dict[str, Any]:
    if kind in REGISTERS and settings.hub is not None:
        raise Malformed(
            [
                Problem(
                    None,
                    None,
                    "本店设有总部，产品和名单只能由总部下发",
                    "this shop has a head office, and only that sends products and rosters",
                )
            ]
        )
    with _progress(body) as tick:
        listed = (
            read_ingredients(body, encoding, tick)
            if kind is Kind.INGREDIENTS
            else read_restricted(body, encoding)
            if kind is Kind.RESTRICTED
            else None
        )
    with at_rest(settings, config, data) as shop:
        if listed is not None:
            version = import_list(shop.desk, kind.value, listed.body, entries=listed.entries, by=by)
            return {"kind": kind, "imported": True, "version": version, "entries": listed.entries}
        return _register(shop, kind, body, is_toml, by)


def _register(shop: Shop, kind: Kind, body: bytes, is_toml: bool, by: str) -> dict[str, Any]:
    desk, own, now = shop.desk, shop.settings.shop, shop.desk.now()
    params = desk.ruleset.fill(desk.ruleset.params(own.province))
    with desk.read() as connection:
        known = registers(connection, desk.site_id, now)
    document: ProductRegister | Roster
    if kind is Kind.PRODUCTS:
        span = timedelta(days=params.register_max_age_days)
        document = read_products(body, is_toml=is_toml, filer_id=shop.settings.filer_id, since=now - span, now=now)
        at, field, before, entries = document.attested_at, "attested_at", known.attested_at, len(document.products)
    else:
        span = timedelta(days=params.roster_refuse_age_days)
        place = Place(own.store_id, own.province, frozenset(desk.ruleset.provinces))
        document = read_roster(body, is_toml=is_toml, place=place, since=now - span, now=now)
        at, field, entries = document.fetched_at, "fetched_at", len(document.rows)
        before = known.roster.fetched_at if known.roster else None
    if before is not None and at < before:
        raise Malformed(
            [
                Problem(
                    None,
                    field,
                    f"早于现行版本（{before:%Y-%m-%d %H:%M} UTC）",
                    f"is older than the version in force, {before}",
                )
            ]
        )
    version = import_register(desk, document, by=by, valid_to=at + span)
    return {
        "kind": kind,
        "imported": True,
        "version": version,
        "entries": entries,
        "valid_to": (at + span).isoformat(),
        "quarantined": follow_filings(desk),
    }


@contextmanager
def _progress(body: bytes) -> Iterator[Tick]:
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with typer.progressbar(length=body.count(b"\n"), label="读取 reading", file=sys.stderr) as bar:
        yield bar.update


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as no:
        raise Malformed([Problem(None, None, "文件打不开", f"{file.name} cannot be opened: {no.strerror}")]) from no


def _json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)
