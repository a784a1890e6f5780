"""Commands about devices, for whoever sets up a bench."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from store_service.settings import Places, read_store

devices = typer.Typer(no_args_is_help=True, help="Devices of a bench, before they stand in store.toml.")
PLACES = Places()


@devices.callback()
def _group() -> None:
    """Keeps `probe` a subcommand while it is the only one."""


@devices.command()
def probe(
    port: Annotated[str, typer.Argument(help="/dev/…, socket://host:port; Modbus: tcp://host:port, rtu:///dev/…")],
    listen_only: Annotated[bool, typer.Option("--listen-only", help="send nothing at all")] = False,
    unit: Annotated[int, typer.Option("--unit", min=1, max=247, help="Modbus unit to ask")] = 1,
    framing: Annotated[str | None, typer.Option("--framing", help="only these settings, e.g. '9600 8N1'")] = None,
    config: Annotated[Path, typer.Option("--config", help="the folder with store.toml")] = PLACES.config,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object instead of words")] = False,
) -> None:
    """Find a scale's language and settings; nothing is sent that moves a device. Exit 1 when no scale was found.

    It listens first, then asks for identity or weight only. A dispenser's or printer's address is left alone.
    """
    from store_service.equipment.probing import probe_scale

    file = config / "store.toml"
    settings = read_store(file) if file.exists() else None

    def show(tried: str) -> None:
        if sys.stderr.isatty():
            typer.echo(f"… {tried}", err=True)

    result, words, found = probe_scale(port, settings, listen_only, unit, framing, show)
    typer.echo(json.dumps(result, ensure_ascii=False) if as_json else words)
    raise typer.Exit(0 if found else 1)
