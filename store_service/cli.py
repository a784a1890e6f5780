"""`store-service`: what runs a shop, a hub and the demo, and what looks after the record."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from store_service.cli_devices import devices
from store_service.cli_import import tools as importing
from store_service.cli_setup import tools as setup
from store_service.cli_tools import tools
from store_service.clock import Clock
from store_service.database.engines import DatabaseUnusable
from store_service.equipment.bench import Unbounded
from store_service.evidence.errors import KeyRefused
from store_service.logs import quiet_logs
from store_service.serve import AddressTaken
from store_service.settings import Places, read_hub, read_store

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
app.add_typer(tools)
app.add_typer(setup)
app.add_typer(importing)
app.add_typer(devices, name="devices")
PLACES = Places()

Config = Annotated[Path, typer.Option("--config", help="the folder with store.toml, provinces.toml and rules/")]
Data = Annotated[Path, typer.Option("--data", help="the folder that keeps database, keys and blobs")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object instead of words")]


def say(words: str) -> None:
    typer.echo(words)


def tell(result: dict[str, Any], words: str, as_json: bool) -> None:
    """The result as JSON, or in words."""
    typer.echo(json.dumps(result, ensure_ascii=False) if as_json else words)


@app.command()
def serve(config: Config = PLACES.config, data: Data = PLACES.data) -> None:
    """Run a shop: the kiosk, the API and the listener for phones."""
    from store_service import running

    running.shop(config, data, Clock())


@app.command()
def hub(config: Config = PLACES.config, data: Data = PLACES.data) -> None:
    """Run head office's hub."""
    from store_service import running

    running.hub(read_hub(config / "hub.toml"), config, data, Clock())


@app.command()
def demo(
    config: Config = PLACES.config,
    data: Data = PLACES.data,
    free_ports: Annotated[bool, typer.Option("--free-ports", help="take free ports instead of the configured")] = False,
    overlay: Annotated[Path | None, typer.Option("--overlay", help="a file of changes")] = None,
    speed: Annotated[float, typer.Option("--speed", min=0.1, max=20, help="bench seconds per second")] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON line with the addresses, when ready")] = False,
    scale: Annotated[str | None, typer.Option("--scale", help="such as sbi, a_and_d, ohaus, laumas")] = None,
    pump: Annotated[str | None, typer.Option("--pump", help="such as kamoer, jbt, dulco_flex, runze_sy01b")] = None,
    printer: Annotated[str | None, typer.Option("--printer", help="escpos, tspl or zpl")] = None,
) -> None:
    """Run everything on this machine: simulated bench, shop and hub. Ctrl-C stops all.

    --scale, --pump and --printer put other simulated devices on the bench; `python -m simulators.bench --help` lists
    them all.
    """
    from store_service.demo import run

    run.demo(config, data, run.Options(free_ports, overlay, speed, as_json, scale, pump, printer))


@app.command(hidden=True)
def demo_hub(
    config: Config = PLACES.config,
    data: Data = PLACES.data,
    listen: Annotated[str | None, typer.Option("--listen", help="host:port, 0 for a free one")] = None,
    credulous: Annotated[bool, typer.Option("--credulous", help="publish registers without looking them over")] = False,
) -> None:
    """The demo's head office, started by `demo`."""
    from store_service.demo import run

    run.demo_hub(config, data, listen, credulous=credulous)


@app.command()
def label_lint(
    file: Annotated[Path, typer.Argument(help="a label document such as config/demo/label.toml, or any text")],
    config: Config = PLACES.config,
    registers: Annotated[str, typer.Option("--registers", help="folder of the registers, beside store.toml")] = "demo",
    overlay: Annotated[Path | None, typer.Option("--overlay", help="changes to the label document")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask every rule of a label before it is printed. Exit 1 on a refusal."""
    from store_service.label_lint import lint

    verdict = lint(file, config, config / registers, overlay, Clock().now())
    found = {
        "file": str(file),
        "gate": verdict["gate"],
        "allowed": verdict["allowed"],
        "refusals": verdict["refusals"],
        "warnings": verdict["warnings"],
        **({"hits": verdict["hits"]} if "hits" in verdict else {}),
    }
    rows = [*verdict["refusals"], *verdict["warnings"]]
    words = "\n".join(f"{one['rule']}  {one['message_zh']}\n           {one['message_en']}" for one in rows)
    tell(found, words or f"{verdict['asked']} rules asked, none refuses", as_json)
    raise typer.Exit(0 if verdict["allowed"] else 1)


@app.command()
def rebuild(
    check: Annotated[bool, typer.Option("--check", help="compare only, change nothing")] = False,
    config: Config = PLACES.config,
    data: Data = PLACES.data,
    as_json: AsJson = False,
) -> None:
    """Replay the log into empty tables and compare them with those in use."""
    from store_service.upkeep import rebuild as replay

    result = replay(read_store(config / "store.toml"), data, check=check)
    words = (
        "every projection agrees with the log" if not result["differs"] else f"differs: {', '.join(result['differs'])}"
    )
    tell(result, f"{result['entries']} entries replayed; {words}", as_json)
    raise typer.Exit(1 if result["differs"] and check else 0)


@app.command()
def backup(
    out: Annotated[Path, typer.Argument(help="a folder that does not exist yet")],
    config: Config = PLACES.config,
    data: Data = PLACES.data,
    as_json: AsJson = False,
) -> None:
    """Copy the record, the vault and the keys while the shop runs, and check the copy."""
    from store_service.upkeep import backup as copy

    result = copy(read_store(config / "store.toml"), data, out)
    tell(result, f"{result['entries']} entries in {out}, integrity {result['integrity']}", as_json)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="a folder that `backup` made")],
    config: Config = PLACES.config,
    data: Data = PLACES.data,
    as_json: AsJson = False,
) -> None:
    """Put a backup in place of an empty data folder. The next start fetches what head office holds beyond it."""
    from store_service.upkeep import restore as put_back

    result = put_back(read_store(config / "store.toml"), source, data)
    tell(result, f"{result['entries']} entries restored into {data}", as_json)


def main() -> None:
    """Entry point: an error that a person can mend is one line in two languages, never a stack trace."""
    os.umask(0o077)
    quiet_logs()
    try:
        app()
    except (DatabaseUnusable, AddressTaken, Unbounded) as error:
        sys.stderr.write(f"{error.zh}\n{error.en}\n")
        raise SystemExit(1) from None
    except (KeyRefused, FileNotFoundError, FileExistsError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
