"""Looking after the record: replay it, copy it while the shop works, put it back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite

from store_service.settings import StoreSettings, read_store
from store_service.shop import open_shop
from store_service.upkeep import backup, rebuild, restore
from tests.benches import CONFIG
from tests.faults.laws import all_hold
from tests.shops import PrivateShop, private_shop

SETTINGS: StoreSettings = read_store(CONFIG / "store.toml")


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateShop]:
    """A shop with a released unit, one handed over, one half made."""
    with private_shop(tmp_path_factory.mktemp("worked") / "data") as shop:
        shop.hand_over(shop.released_unit())
        shop.released_unit("ENV-TONER")
        half = shop.planned_unit()
        shop.cup_unit(half)
        shop.station.doser.begin(_blender(), half)
        yield shop


def _blender():  # type: ignore[no-untyped-def]  # the shop's own
    from tests.shops import BLENDER

    return BLENDER


def copied(worked: PrivateShop, folder: Path) -> Path:
    """The shop's data as a new folder, taken while it runs."""
    backup(SETTINGS, worked.shop.data, folder / "copy")
    restore(SETTINGS, folder / "copy", folder / "data")
    return folder / "data"


def test_a_replay_agrees(worked: PrivateShop, tmp_path: Path) -> None:
    told = rebuild(SETTINGS, copied(worked, tmp_path), check=True)
    assert told["differs"] == []
    assert told["entries"] > 100
    assert told["tables"] > 10
    assert not told["replaced"]


TAMPERING = {
    "unit": "UPDATE unit SET net_mg = net_mg + 1 WHERE state = 'released'",
    "dose": "DELETE FROM dose WHERE rowid IN (SELECT rowid FROM dose LIMIT 1)",
    "container": "UPDATE container SET lot_no = 'X' WHERE id = 'C-101'",
    "service": "UPDATE service SET allowed = 1, state = 'open'",
    "label": "INSERT INTO label SELECT store_id, 'SH0042-0000000000000', unit_id, set_serial, number, count, medium, "
    "bitmap_sha256, gtin, state, reprint, reason, printed_at, printed_by, verified_at, voided_at FROM label LIMIT 1",
}


@pytest.mark.parametrize("table", TAMPERING)
def test_a_tampered_projection_is_found_and_mended(worked: PrivateShop, tmp_path: Path, table: str) -> None:
    data = copied(worked, tmp_path)
    connection = sqlite.connect(data / "store.db")
    assert connection.execute(TAMPERING[table]).rowcount > 0
    connection.commit()
    connection.close()
    assert rebuild(SETTINGS, data, check=True)["differs"] == [table]
    assert rebuild(SETTINGS, data, check=False)["replaced"]
    assert rebuild(SETTINGS, data, check=True)["differs"] == []


def test_the_check_may_run_beside_the_shop(worked: PrivateShop) -> None:
    assert rebuild(SETTINGS, worked.shop.data, check=True)["differs"] == []
    assert worked.shop.desk.ledger.frozen is None


def test_a_backup_of_a_busy_shop_is_whole_and_goes_on_working(worked: PrivateShop, tmp_path: Path) -> None:
    """Entries come in while it is copied; a shop restored from the copy serves on, and still knows its people."""
    busy = threading.Event()

    def write() -> None:
        while not busy.is_set():
            worked.shop.counter.open(_blender())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        data = copied(worked, tmp_path)
    finally:
        busy.set()
        writer.join()
    alone = SETTINGS.model_copy(update={"benches": (), "hub": None})
    site = worked.shop.desk.site
    assert site is not None
    again = open_shop(alone, CONFIG, data, site.filer, worked.dial.clock, demo=True)
    try:
        assert again.desk.ledger.frozen is None, "the log agrees with its seal"
        all_hold(again.desk)
        assert again.counter.open(_blender())
        from store_service.people.credentials import check_pin

        assert check_pin(again.vault, "B-1001", "135790", again.desk.now()) == "s-01"
        assert again.desk.ledger.key.verifier == worked.shop.desk.ledger.key.verifier
    finally:
        again.close()
    assert oct((data / "keys").stat().st_mode)[-3:] == "700"
    assert rebuild(SETTINGS, data, check=True)["differs"] == []


def test_nothing_is_overwritten(worked: PrivateShop, tmp_path: Path) -> None:
    data = copied(worked, tmp_path)
    with pytest.raises(FileExistsError):
        backup(SETTINGS, worked.shop.data, tmp_path / "copy")
    with pytest.raises(FileExistsError, match="never overwrite"):
        restore(SETTINGS, tmp_path / "copy", data)
    with pytest.raises(FileNotFoundError, match="is no backup"):
        restore(SETTINGS, tmp_path, tmp_path / "elsewhere")
