"""Commands for whoever checks, recalls or mends: they read beside a running shop and change nothing."""

from __future__ import annotations

import json
import time
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from store_service.clock import Clock
from store_service.settings import Places, read_store

tools = typer.Typer()
PLACES = Places()

Config = Annotated[Path, typer.Option("--config", help="the folder with store.toml, provinces.toml and rules/")]
Data = Annotated[Path, typer.Option("--data", help="the folder that keeps database, keys and blobs")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON object instead of words")]
MARKS = {"ok": "✓", "warn": "!", "down": "✕", "unasked": "·"}


def _tell(result: dict[str, Any], words: str, as_json: bool) -> None:
    typer.echo(json.dumps(result, ensure_ascii=False) if as_json else words)


@tools.command()
def verify(
    proof: Annotated[Path, typer.Argument(help="a .tlog-proof file")],
    record: Annotated[Path, typer.Option("--record", help="the .record file, or the raw bytes of a log entry")],
    keys: Annotated[Path, typer.Option("--keys", help="trusted verifier keys, one a line, from elsewhere")],
    as_json: AsJson = False,
) -> None:
    """Check that a record stands unaltered in a shop's sealed log. Exit 1 if anything does not hold."""
    from store_service.trace.verify import check

    found = check(proof.read_text("utf-8"), record.read_bytes(), keys.read_text("utf-8"))
    end = f"FAILS    {found.failed}" if found.failed else "VERIFIED: unaltered since it was sealed"
    _tell(found.to_json(), "\n".join([*(f"holds    {one}" for one in found.holds), end]), as_json)
    raise typer.Exit(1 if found.failed else 0)


@tools.command()
def trace(
    batch: Annotated[str, typer.Argument(help="a batch number such as SH0042-261122-00014")],
    config: Config = PLACES.config,
    data: Data = PLACES.data,
    as_json: AsJson = False,
) -> None:
    """From a bottle to the purchase of everything in it. Exit 1 for a batch number that was never given."""
    from store_service.quality.beside import reading
    from store_service.quality.record import unit_file
    from store_service.records.desk import Missing
    from store_service.trace.identifiers import parse_batch

    settings = read_store(config / "store.toml")
    number = str(parse_batch(batch))
    with reading(settings, data) as connection:
        try:
            file = unit_file(connection, settings.shop.store_id, number)
        except Missing:
            typer.echo(f"no unit {number} in {settings.shop.store_id}", err=True)
            raise typer.Exit(1) from None
    _tell(file, "\n".join(_trace_words(file)), as_json)


def _trace_words(file: dict[str, Any]) -> list[str]:
    unit, seal = file["unit"], file["seal"]
    lines = [f"{unit['batch']}  {unit['name_zh']}  {unit['state']}"]
    for part in file["components"]:
        lines.append(f"  {part['product_id']}  {part['actual_mg'] / 1000:.3f} g")
        lines += [
            f"    {one['lot']}  {one['filing_number']}  {one['supplier']}  received {one['received_at']}"
            for one in part["received"]
        ]
    if seal is not None:
        cosigned = f"cosigned {seal['cosigned_at']}" if seal["cosigned_at"] else "not yet cosigned"
        lines.append(f"  sealed {seal['sealed_at']} as entry {seal['index']}, {cosigned}")
    return lines


@tools.command()
def epcis(
    batch: Annotated[str, typer.Argument(help="a batch number such as SH0042-261122-00014")],
    config: Config = PLACES.config,
    data: Data = PLACES.data,
    as_json: Annotated[bool, typer.Option("--json", help="on one line")] = False,
) -> None:
    """A released unit's life as an EPCIS 2.0 document. Exit 1 for a unit that was never released, or not as sealed."""
    from store_service.evidence.errors import EvidenceError
    from store_service.quality.beside import reading
    from store_service.quality.epcis import epcis_document
    from store_service.records.desk import Missing, OutOfStep
    from store_service.trace.identifiers import parse_batch

    settings = read_store(config / "store.toml")
    number, site = str(parse_batch(batch)), settings.shop.store_id
    with reading(settings, data) as connection:
        try:
            found = epcis_document(connection, site, number, settings.public_base, now())
        except (Missing, OutOfStep, EvidenceError) as no:
            typer.echo(f"{number}: {no}", err=True)
            raise typer.Exit(1) from None
    _tell(found, json.dumps(found, ensure_ascii=False, indent=2), as_json)


@tools.command()
def recall(
    lot: Annotated[str, typer.Option("--lot", help="a source lot (批号)")],
    product: Annotated[str | None, typer.Option("--product", help="only of this product")] = None,
    drill: Annotated[bool, typer.Option("--drill", help="say that this is a drill")] = False,
    config: Config = PLACES.config,
    data: Data = PLACES.data,
    as_json: AsJson = False,
) -> None:
    """Every unit that a lot went into, and where every gram of it is. Exit 1 for a lot that never came here.

    It stops nothing: head office recalls a lot with a hold or in its lot register.
    """
    from store_service.quality.beside import reading
    from store_service.trace.recall import lot_reports

    settings = read_store(config / "store.toml")
    began = time.perf_counter()
    with reading(settings, data) as connection:
        reports = lot_reports(connection, settings.shop.store_id, lot)
    found = [one for one in reports if product in (None, one.product_id)]
    elapsed = int((time.perf_counter() - began) * 1000)
    told = [one.to_json() for one in found]
    words = [f"{'DRILL · ' if drill else ''}lot {lot}, {elapsed} ms"]
    for one in told:
        grams = one["grams"]
        words.append(
            f"{one['product']}: {one['found']} units ({one['with_consumers']} with consumers, "
            f"{one['in_the_shop']} in the shop), {one['consumers']} consumers; "
            f"{grams['accounted_bp'] / 100:.2f} % of {grams['received_mg'] / 1000:.3f} g accounted for"
        )
        words += [f"  {row['batch']}  {row['state']}  {row['landed_mg'] / 1000:.3f} g" for row in one["units"]]
    _tell({"lot": lot, "drill": drill, "elapsed_ms": elapsed, "reports": told}, "\n".join(words), as_json)
    raise typer.Exit(0 if found else 1)


@tools.command()
def export(
    out: Annotated[Path, typer.Argument(help="a folder that does not exist yet")],
    day_from: Annotated[str, typer.Option("--from", help="first day, YYYY-MM-DD, Beijing")],
    day_to: Annotated[str, typer.Option("--to", help="last day, YYYY-MM-DD, Beijing")],
    config: Config = PLACES.config,
    data: Data = PLACES.data,
    as_json: AsJson = False,
) -> None:
    """Copy some days of the log with the checkpoint above them, so that anybody can check the copy."""
    from store_service.quality.beside import reading
    from store_service.quality.export import export as write

    settings = read_store(config / "store.toml")
    with reading(settings, data) as connection:
        manifest = write(
            connection,
            settings.shop.store_id,
            date.fromisoformat(day_from),
            date.fromisoformat(day_to),
            out,
            _trusted(settings.hub.keys_file if settings.hub else None, data),
        )
    _tell(manifest, f"{manifest['entries']} entries in {out}, checked against checkpoint {manifest['size']}", as_json)


def _trusted(keys_file: str | None, data: Path) -> list[Any]:
    from store_service.evidence.keys import SigningKey, VerifierKey, load

    found = [load(data / "keys" / "store.key", SigningKey).verifier]
    if keys_file is not None and (data / keys_file).exists():
        found += [VerifierKey.parse(row) for row in (data / keys_file).read_text("utf-8").split()]
    return found


@tools.command()
def keys(
    config: Config = PLACES.config,
    data: Data = PLACES.data,
    hub: Annotated[bool, typer.Option("--hub", help="head office's two, for a shop's hub.pub")] = False,
    as_json: AsJson = False,
) -> None:
    """The verifier key of the shop's log, for head office's hub.toml and for whoever checks proofs."""
    if hub:
        from store_service.evidence.keys import Cosigner, SigningKey, load

        mirror, snapshots = (
            load(data / "keys" / "mirror.key", Cosigner),
            load(data / "keys" / "snapshots.key", SigningKey),
        )
        told = {"mirror": str(mirror.verifier), "registers": str(snapshots.verifier)}
        _tell(told, "\n".join(told.values()), as_json)
        return
    settings = read_store(config / "store.toml")
    own = _trusted(None, data)[0]
    _tell({"store": settings.shop.store_id, "log": str(own)}, str(own), as_json)


@tools.command()
def check_number(
    numbers: Annotated[list[str], typer.Argument(help="filing numbers (备案编号) as they stand on a label")],
    as_json: Annotated[bool, typer.Option("--json", help="what it does anyway")] = True,
) -> None:
    """Whether texts are well-formed filing numbers, of a year that has come; one JSON line each. Exit 1 if any is
    refused."""
    from store_service.rules.dates import beijing_date
    from store_service.rules.numbers import parse_filing_number

    refused, today = False, beijing_date(now())
    for given in numbers:
        text = given.encode("utf-8", "replace").decode()  # bytes that are no text come as lone surrogates
        found = parse_filing_number(text).on(today)
        refused |= found.verdict == "refuse"
        row = {
            "input": text,
            "normalised": found.normalised,
            "kind": found.kind,
            "province": found.province,
            "verdict": found.verdict,
            "rule": found.rule,
            "message": f"{found.message_zh} {found.message_en}",
        }
        typer.echo(json.dumps(row, ensure_ascii=False))
    raise typer.Exit(1 if refused else 0)


@tools.command()
def doctor(config: Config = PLACES.config, data: Data = PLACES.data, as_json: AsJson = False) -> None:
    """What is connected, what answered, what to do. Opens no pump. Exit 1 if something stands in the way of work."""
    from store_service.quality.doctor import examine

    found = examine(read_store(config / "store.toml"), data, now())
    down, watch = (sum(one.state == state for one in found) for state in ("down", "warn"))
    found.sort(key=lambda one: ("down", "warn").index(one.state) if one.state in ("down", "warn") else 2)
    zh = f"{down} 项必须处理，{watch} 项留意。" if down or watch else "一切正常，可以工作。"
    en = f"{down} must be dealt with, {watch} to watch." if down or watch else "All is well."
    rows = "\n".join(f"{MARKS[one.state]} {one.title}\n    {one.zh}\n    {one.en}" for one in found)
    _tell({"findings": [one.to_json() for one in found]}, f"{zh} {en}\n\n{rows}", as_json)
    raise typer.Exit(1 if down else 0)


def now() -> datetime:
    return Clock().now()
