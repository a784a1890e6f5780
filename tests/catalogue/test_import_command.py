"""`store-service import`: a whole file or nothing, and registers only where no head office sends them."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select
from typer.testing import CliRunner

from store_service.catalogue.importing import read_ingredients
from store_service.catalogue.ingredients import ingredient_lists
from store_service.catalogue.queries import registers
from store_service.cli import app
from store_service.cli_import import _progress
from store_service.cli_shop import at_rest
from store_service.records.ledger import events_of
from store_service.records.tables import blob
from store_service.settings import read_store
from store_service.upkeep import RESTORED, rebuild
from tests.catalogue.test_ingredients import SMALL, TABLE
from tests.config.documents import snapshot
from tests.shops import CONFIG


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's configuration without a hub."""
    folder = tmp_path_factory.mktemp("config")
    shutil.copytree(CONFIG, folder, dirs_exist_ok=True)
    text = (folder / "store.toml").read_text("utf-8")
    begin, end = text.index("[hub]"), text.index("[demo]")
    (folder / "store.toml").write_text(text[:begin] + text[end:], "utf-8")
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


def run(config: Path, data: Path, kind: str, file: Path, *more: str) -> tuple[int, dict[str, Any]]:
    words = ["import", kind, str(file), "--config", str(config), "--data", str(data), "--json", *more]
    done = CliRunner().invoke(app, words)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, json.loads(done.stdout)


def register(name: str, changes: dict[str, Any] | None = None) -> str:
    return snapshot(name, changes, datetime.now(UTC) - timedelta(minutes=1)).model_dump_json()


@pytest.fixture
def log(config: Path, data: Path) -> Iterator[list[str]]:
    """Types of the events that the test adds to the log, filled when it ends."""

    def types() -> list[str]:
        with at_rest(read_store(config / "store.toml"), config, data) as shop, shop.desk.read() as connection:
            return [one.type for one in events_of(connection, shop.desk.site_id)]

    before, added = types(), list[str]()
    expected: list[str] = added
    yield expected
    assert types()[len(before) :] == expected


def test_lists_are_put_into_force_and_on_record(
    config: Path, data: Path, tmp_path: Path, log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "used.csv").write_text(SMALL, "utf-8-sig")
    (tmp_path / "limits.json").write_text(json.dumps(TABLE), "utf-8")
    assert run(config, data, "ingredients", tmp_path / "used.csv") == (
        0,
        {"kind": "ingredients", "imported": True, "version": 1, "entries": 10},
    )
    code, told = run(config, data, "restricted", tmp_path / "limits.json", "--by", "s-04")
    assert (code, told["entries"]) == (0, 5)
    (tmp_path / "used.csv").write_bytes(SMALL.encode("gb18030"))
    assert run(config, data, "ingredients", tmp_path / "used.csv", "--encoding", "gb18030")[1]["version"] == 2
    log += ["list.imported"] * 3
    settings = read_store(config / "store.toml")
    with at_rest(settings, config, data) as shop, shop.desk.read() as connection:
        lists = ingredient_lists(connection, shop.desk.site_id)
        assert [one.no for one in lists.restricted("水杨酸")] == [1]
        assert ingredient_lists(connection, shop.desk.site_id) is lists, "kept in memory"
        assert registers(connection, shop.desk.site_id, shop.desk.now()).documents == {}
    assert rebuild(settings, data, check=True)["differs"] == []
    with at_rest(settings, config, data) as shop, shop.desk.ledger.database.write() as connection:
        kept = [dict(row) for row in connection.execute(select(blob)).mappings()]
        connection.execute(delete(blob))
        monkeypatch.setattr("store_service.catalogue.ingredients._parsed", {})
        assert ingredient_lists(connection, shop.desk.site_id).loaded == frozenset(), "named but not here is unknown"
        connection.execute(insert(blob), kept)
        assert ingredient_lists(connection, shop.desk.site_id).loaded == {"ingredients", "restricted"}


def test_a_file_with_one_wrong_row_changes_nothing(config: Path, data: Path, tmp_path: Path, log: list[str]) -> None:
    (tmp_path / "used.csv").write_text(SMALL + "11,,X\n", "utf-8")
    code, told = run(config, data, "ingredients", tmp_path / "used.csv")
    assert (code, told["imported"], told["more"]) == (1, False, 0)
    assert [(one["row"], one["field"]) for one in told["problems"]] == [(12, "cn_name")]
    assert all(one["message_zh"] and one["message_en"] for one in told["problems"])
    assert log == []


def test_a_shop_alone_imports_its_registers(config: Path, data: Path, tmp_path: Path, log: list[str]) -> None:
    for name in ("products", "roster"):
        (tmp_path / f"{name}.json").write_text(register(name), "utf-8")
        code, told = run(config, data, name, tmp_path / f"{name}.json")
        assert (code, told["imported"], told["version"]) == (0, True, 1)
    log += ["snapshot.accepted"] * 2
    with at_rest(read_store(config / "store.toml"), config, data) as shop, shop.desk.read() as connection:
        known = registers(connection, shop.desk.site_id, shop.desk.now())
    assert len(known.products) == 8 and known.roster is not None
    older = snapshot("products", {}, datetime.now(UTC) - timedelta(days=1)).model_dump_json()
    (tmp_path / "products.json").write_text(older, "utf-8")
    code, told = run(config, data, "products", tmp_path / "products.json")
    assert (code, told["problems"][0]["field"]) == (1, "attested_at"), "an old register would bring a product back"


@pytest.mark.parametrize(
    ("kind", "text", "row", "field"),
    [
        ("products", '{"filer_id": 1}', None, "filer_id"),
        (
            "products",
            register("products").replace('"filed_on":"2025-09-15"', '"filed_on":"2026-02-30"', 1),
            1,
            "filed_on",
        ),
        ("roster", register("roster", {"province_status": {"ZJ": "active"}}), None, "province_status"),
        ("restricted", "not json", 1, None),
    ],
)
def test_what_is_wrong_is_named_by_row_and_field(
    config: Path, data: Path, tmp_path: Path, log: list[str], kind: str, text: str, row: int | None, field: str | None
) -> None:
    (tmp_path / "file.json").write_text(text, "utf-8")
    code, told = run(config, data, kind, tmp_path / "file.json")
    first = told["problems"][0]
    assert (code, told["imported"], first["row"], first["field"]) == (1, False, row, field)
    assert log == []


def test_a_file_that_is_not_there_is_said(config: Path, data: Path, tmp_path: Path) -> None:
    code, told = run(config, data, "roster", tmp_path / "none.json")
    assert (code, told["imported"]) == (1, False) and "none.json" in told["problems"][0]["message_en"]


@pytest.mark.parametrize("kind", ["products", "roster"])
def test_a_shop_with_head_office_refuses_registers(tmp_path: Path, kind: str) -> None:
    (tmp_path / "file.json").write_text(register(kind), "utf-8")
    code, told = run(CONFIG, tmp_path / "data", kind, tmp_path / "file.json")
    assert (code, told["imported"]) == (1, False) and "head office" in told["problems"][0]["message_en"]
    assert not (tmp_path / "data").exists()


def test_nothing_is_recorded_where_it_could_begin_a_fork(config: Path, tmp_path: Path) -> None:
    (tmp_path / "used.csv").write_text(SMALL, "utf-8")
    fresh, restored = tmp_path / "fresh", tmp_path / "restored"
    restored.mkdir()
    (restored / RESTORED).touch()
    for where, with_config in ((fresh, CONFIG), (restored, config)):
        code, told = run(with_config, where, "ingredients", tmp_path / "used.csv")
        assert (code, told["imported"]) == (1, False) and "start the shop once" in told["problems"][0]["message_en"]


def test_a_running_shop_is_left_alone(config: Path, data: Path, tmp_path: Path) -> None:
    (tmp_path / "used.csv").write_text(SMALL, "utf-8")
    with at_rest(read_store(config / "store.toml"), config, data):
        code, told = run(config, data, "ingredients", tmp_path / "used.csv")
    assert (code, told["imported"]) == (1, False) and "stop it first" in told["problems"][0]["message_en"]


def test_in_words_it_is_one_line_or_the_problems(config: Path, data: Path, tmp_path: Path) -> None:
    (tmp_path / "used.csv").write_text("a,b\n", "utf-8")
    words = ["import", "ingredients", str(tmp_path / "used.csv"), "--config", str(config), "--data", str(data)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 1 and done.stdout == ""
    assert "第 1 行 row 1" in done.stderr and "Nothing was imported" in done.stderr


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("where", "shown"), [(Terminal, True), (io.StringIO, False)])
def test_progress_is_shown_where_a_person_looks(
    monkeypatch: pytest.MonkeyPatch, where: type[io.StringIO], shown: bool
) -> None:
    screen = where()
    monkeypatch.setattr("sys.stderr", screen)
    with _progress(SMALL.encode()) as tick:
        assert read_ingredients(SMALL.encode(), tick=tick).entries == 10
    assert ("100%" in screen.getvalue()) is shown
