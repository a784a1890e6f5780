"""kill -9, again and again, of a process that commits: what it said is there, whole."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from store_service.records.event import decode
from store_service.records.projections.stock import pack_lot
from store_service.records.tables import entry
from tests.faults.laws import the_log_is_whole
from tests.records.committer import open_ledger


def killed(path: Path, rng: random.Random) -> int:
    """Run the committer for a while and kill it; the last index that it said."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.records.committer", str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = -1
    for _ in range(rng.randrange(1, 60)):
        said = int(process.stdout.readline())
    process.kill()
    rest = process.stdout.read().split("\n")[:-1]
    process.wait()
    process.stdout.close()
    return int(rest[-1]) if rest else said


def look(path: Path, said: int) -> None:
    ledger = open_ledger(str(path))
    ledger.site_id = ledger.site  # type: ignore[attr-defined]  # as the laws call it
    try:
        the_log_is_whole(ledger)  # type: ignore[arg-type]  # it needs `read` and `site_id` only
        with ledger.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            bodies = [row.body for row in connection.execute(entry.select())]
            packs = connection.execute(pack_lot.select()).all()
        assert len(bodies) > said, "what was answered for is there"
        assert len(packs) == sum(decode(one).type == "pack.received" for one in bodies) == len(bodies) / 2
    finally:
        ledger.database.close()


def loop(folder: Path, kills: int, seed: int) -> None:
    rng, path = random.Random(seed), folder / "store.db"
    for _ in range(kills):
        look(path, killed(path, rng))


def test_five_kills(tmp_path: Path) -> None:
    loop(tmp_path, 5, seed=1)


@pytest.mark.soak
def test_two_hundred_kills(tmp_path: Path) -> None:
    loop(tmp_path, 200, seed=2)
