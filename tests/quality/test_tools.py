"""The commands for whoever checks or mends, run beside the open shop."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from device_drivers.errors import LineLost
from store_service.cli import app
from store_service.equipment.bench import DeviceHealth
from store_service.equipment.told import Told, place
from store_service.evidence.canonical import sha256_hex
from store_service.evidence.errors import EvidenceError
from store_service.quality.beside import reading
from store_service.quality.doctor import LEARNED, Finding, examine
from store_service.quality.export import check_export
from store_service.records.tables import entry
from store_service.settings import StoreSettings
from tests.shops import CONFIG, PrivateShop


def run(shop: PrivateShop, *words: str) -> tuple[int, Any]:
    places = [] if words[0] in ("check-number",) else ["--config", str(CONFIG), "--data", str(shop.shop.data), "--json"]
    done = CliRunner().invoke(app, [*words, *places])
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]


def first_batch(shop: PrivateShop) -> str:
    _, (found,) = run(shop, "recall", "--lot", "LB2608A")
    return str(found["reports"][0]["units"][0]["batch"])


def test_a_running_shop_can_be_read_and_not_written(shop: PrivateShop) -> None:
    with reading(shop.shop.settings, shop.shop.data) as connection, pytest.raises(OperationalError):
        connection.execute(update(entry).values(body=b""))


def test_trace_leads_from_the_bottle_to_the_purchase(shop: PrivateShop) -> None:
    code, (file,) = run(shop, "trace", first_batch(shop).lower())
    assert code == 0
    assert file["components"][0]["received"][0]["lot"] == "LB2608A"
    assert run(shop, "trace", "SH0042-261122-00099")[0] == 1
    words = CliRunner().invoke(
        app, ["trace", first_batch(shop), "--config", str(CONFIG), "--data", str(shop.shop.data)]
    )
    assert "LB2608A" in words.stdout and "not yet cosigned" in words.stdout


def test_recall_counts_units_and_grams(shop: PrivateShop) -> None:
    code, (found,) = run(shop, "recall", "--lot", "SS2609A", "--drill")
    (report,) = found["reports"]
    assert (code, found["drill"], report["found"]) == (0, True, 3)
    assert report["with_consumers"] == 1 and report["in_the_shop"] == 2
    assert report["grams"]["dosed_mg"] == 3 * 3_003
    assert run(shop, "recall", "--lot", "NONE")[0] == 1


def test_an_export_verifies_and_a_changed_one_does_not(shop: PrivateShop, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, (manifest,) = run(shop, "export", "--from", "2026-11-22", "--to", "2026-11-22", str(out))
    key = [shop.shop.desk.ledger.key.verifier]
    assert code == 0 and check_export(out, key) == manifest["entries"] == manifest["size"]
    assert len((out / "records.jsonl").read_text().splitlines()) == 2
    assert run(shop, "export", "--from", "2026-11-22", "--to", "2026-11-22", str(out))[0] == 1, "nothing is overwritten"
    assert run(shop, "export", "--from", "2026-11-20", "--to", "2026-11-21", str(tmp_path / "none"))[0] == 1
    lines = (out / "entries.jsonl").read_text().splitlines(keepends=True)
    for changed in (lines[:-1], lines[:7] + lines[8:], _one_bit(lines)):
        (out / "entries.jsonl").write_text("".join(changed))
        with pytest.raises(EvidenceError):
            check_export(out, key)
        _trust_the_files(out)
        with pytest.raises(EvidenceError):
            check_export(out, key)


def _one_bit(lines: list[str]) -> list[str]:
    row = json.loads(lines[9])
    body = bytearray(base64.b64decode(row["entry"]))
    body[20] ^= 1
    return [*lines[:9], json.dumps(row | {"entry": base64.b64encode(bytes(body)).decode()}) + "\n", *lines[10:]]


def _trust_the_files(out: Path) -> None:
    """A forger mends the digests in the manifest as well."""
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["files"] = {name: sha256_hex((out / name).read_bytes()) for name in manifest["files"]}
    (out / "manifest.json").write_text(json.dumps(manifest))


def test_keys_prints_the_key_that_signs(shop: PrivateShop) -> None:
    code, (found,) = run(shop, "keys")
    assert code == 0 and found["log"] == str(shop.shop.desk.ledger.key.verifier)


def test_check_number(shop: PrivateShop) -> None:
    code, rows = run(shop, "check-number", "沪G妆网备字2025999991", "国妆特字G20250001")
    assert code == 1
    assert [(one["verdict"], one["kind"], one["rule"]) for one in rows] == [
        ("wellformed", "domestic", None),
        ("refuse", "special", "R-ADM-03"),
    ]
    assert set(rows[0]) == {"input", "normalised", "kind", "province", "verdict", "rule", "message"}
    assert run(shop, "check-number", "--json", "沪G妆网备字2025999991")[0] == 0
    code, rows = run(shop, "check-number", "沪G妆网备字20259999912", "\udcff", "", "国妆网备制字（粤）2026999991")
    assert code == 1
    assert [(one["verdict"], one["province"]) for one in rows] == [
        ("warn", "沪"), ("refuse", None), ("refuse", None), ("wellformed", "粤"),
    ]  # fmt: skip
    assert run(shop, "check-number", "沪G妆网备字20259999912")[0] == 0, "a warning is no refusal"


def test_check_number_refuses_a_year_to_come(shop: PrivateShop) -> None:
    code, (told,) = run(shop, "check-number", "沪G妆网备字2099999991")
    assert (code, told["verdict"], told["rule"]) == (1, "refuse", "R-ADM-01")
    assert "还没有到" in told["message"] and "not come yet" in told["message"]


def findings(shop: PrivateShop, data: Path | None = None, days: int = 0) -> dict[str, Finding]:
    settings: StoreSettings = shop.shop.settings.model_copy(update={"benches": (shop.station.settings,)})
    now = shop.shop.desk.now() + timedelta(days=days)
    found = examine(settings, data or shop.shop.data, now, reach=lambda host, port: port != 4003)
    return {one.what: one for one in found}


def test_the_doctor_finds_a_sound_shop_sound_and_leaves_its_lines_alone(shop: PrivateShop) -> None:
    found = findings(shop)
    assert {what: one.state for what, one in found.items() if one.state != "ok"} == {
        "bench-1 scale": "unasked",
        "bench-1 dispenser": "unasked",
        "bench-1 printer": "unasked",
    }
    assert "agree with their seal" in found["log"].en
    assert found["database"].en.startswith("sqlite 3.") and "schema" in found["database"].en


def test_the_doctor_says_what_the_running_shop_knows_of_its_devices(shop: PrivateShop) -> None:
    lost, well = LineLost(), DeviceHealth("dispenser", True, "demo_quad")
    out = DeviceHealth("printer", False, "", "打印机缺纸。", "The printer is out of paper.", "", "PaperOut")
    told = Told(shop.shop.data / LEARNED, "bench-1")
    told.keep([DeviceHealth("scale", False, "", lost.words_zh, lost.words_en), well, out])
    try:
        found = findings(shop)
        assert {what: found[f"bench-1 {what}"].state for what in ("scale", "dispenser", "printer")} == {
            "scale": "down",
            "dispenser": "ok",
            "printer": "down",
        }
        assert found["bench-1 scale"].en == lost.words_en, "what to do, in the words of the kiosk"
        assert found["bench-1 scale"].title == "bench-1 秤 · scale"
        assert all("·" in one.title for one in found.values()), "every finding has a name that a shopkeeper knows"
    finally:
        place(shop.shop.data / LEARNED, "bench-1").unlink()


def test_the_doctor_says_what_is_wrong(shop: PrivateShop, tmp_path: Path) -> None:
    assert {one.state for what, one in findings(shop, days=30).items() if what.startswith("register")} == {"down"}
    assert [one.state for one in findings(shop, tmp_path / "nowhere").values()] == ["down"]
    empty = findings(shop, tmp_path)
    assert empty["database"].state == "down" and empty["service"].state == "warn"
    assert empty["bench-1 scale"].state == "ok", "it answers, and no shop holds it"
    assert empty["bench-1 printer"].state == "down" and empty["bench-1 dispenser"].state == "unasked"


def test_the_doctor_finds_an_altered_log(shop: PrivateShop) -> None:
    database = shop.shop.desk.ledger.database
    with database.read() as connection:
        row = connection.execute(entry.select().where(entry.c.idx == 4)).one()
    try:
        with database.write() as connection:
            forged = bytes(row.body).replace(b"2026", b"2025", 1)
            connection.execute(update(entry).where(entry.c.idx == 4).values(body=forged))
        assert findings(shop)["log"].state == "down"
    finally:
        with database.write() as connection:
            connection.execute(update(entry).where(entry.c.idx == 4).values(body=row.body))
    assert findings(shop)["log"].state == "ok"
