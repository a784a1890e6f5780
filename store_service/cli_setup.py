"""Setting up a real shop and a real head office: staff with badge and PIN, registers put into force."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import httpx
import typer

from store_service.cli_shop import at_rest
from store_service.people import commands, credentials
from store_service.records.desk import Missing
from store_service.settings import Places, read_store
from store_service.shop import open_vault

tools = typer.Typer()
staff = typer.Typer(no_args_is_help=True, help="Who may sign in here: name, badge and PIN, kept in this shop only.")
tools.add_typer(staff, name="staff")
PLACES = Places()

Data = Annotated[Path, typer.Option("--data", help="the folder that keeps database, keys and blobs")]
Config = Annotated[Path, typer.Option("--config", help="the folder with store.toml, provinces.toml and rules/")]
By = Annotated[str, typer.Option("--by", help="staff id of who does it; it stands on record")]
SETUP = "setup"
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object instead of words")]
EASY = ("000000", "111111", "123456", "654321", "135790", "246801", "357912", "468023")
"""PINs that everybody tries first, and those of the demo, which stand in a public file."""


@staff.command("add")
def add(
    staff_id: str,
    name: Annotated[str, typer.Option(help="as printed on the badge, e.g. 店员甲")],
    name_en: Annotated[str, typer.Option("--name-en")],
    badge: Annotated[str, typer.Option(help="what the badge's code says, e.g. B-1001")],
    pin: Annotated[str, typer.Option(prompt="PIN (六位)", confirmation_prompt=True, hide_input=True)],
    by: By = SETUP,
    config: Config = PLACES.config,
    data: Data = PLACES.data,
) -> None:
    """Set a person's name, badge and PIN, or set them anew; on record. The shop must be stopped."""
    if pin in EASY:
        raise ValueError("this PIN is among the first that anybody would try; choose another")
    with at_rest(read_store(config / "store.toml"), config, data) as shop:
        commands.enrol(shop.desk, shop.vault, credentials.Enrolled(staff_id, name, name_en, badge), pin, by)
    typer.echo(f"{staff_id} {name} {badge}")


@staff.command("list")
def roll(data: Data = PLACES.data, as_json: AsJson = False) -> None:
    """Everybody who has a badge here."""
    vault = open_vault(data)
    found = [(one, *credentials.name_of(vault, one)) for one in credentials.roll(vault)]
    vault.database.close()
    if as_json:
        typer.echo(json.dumps([{"staff_id": i, "name": zh, "name_en": en} for i, zh, en in found], ensure_ascii=False))
        return
    for staff_id, zh, en in found:
        typer.echo(f"{staff_id}\t{zh}\t{en}")


@staff.command("remove")
def remove(staff_id: str, by: By = SETUP, config: Config = PLACES.config, data: Data = PLACES.data) -> None:
    """Forget a person's name, badge and PIN and close their sessions; on record, which keeps the staff id."""
    with at_rest(read_store(config / "store.toml"), config, data) as shop:
        try:
            commands.remove(shop.desk, shop.vault, staff_id, by)
        except Missing as nobody:
            raise ValueError(f"{staff_id} has no badge here") from nobody
    typer.echo(f"{staff_id} removed")


@tools.command()
def publish(
    kind: Annotated[str, typer.Argument(help="products, lots, envelopes, roster, staff or rules")],
    file: Annotated[Path, typer.Argument(help="the register as JSON")],
    hub: Annotated[str, typer.Option(help="head office's address")],
    first: Annotated[Path, typer.Option(help="token file of the first person")],
    second: Annotated[Path, typer.Option(help="token file of the second person")],
    reason: Annotated[str, typer.Option(help="why; it stands on record")],
) -> None:
    """Put a register into force at head office. Two persons, never one twice; every shop has it within a minute."""
    tokens = [f"Bearer {path.read_text('utf-8').strip()}" for path in (first, second)]
    answer = httpx.post(
        f"{hub.rstrip('/')}/api/v1/hub/registers/{kind}",
        params={"reason": reason},
        content=file.read_bytes(),
        headers={"authorization": tokens[0], "second-authorization": tokens[1]},
        timeout=30,
    )
    if answer.status_code != 201:
        raise ValueError(f"head office says {answer.status_code}: {answer.text[:500]}")
    typer.echo(f"{kind} version {answer.json()['version']} is in force")
