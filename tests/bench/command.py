"""How long a command with its commit takes, beside the bare commit of the same engine on the same disk."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from pysqlite3 import dbapi2 as sqlite

from store_service.clock import Clock
from store_service.database.engines import Database
from store_service.database.migrate import migrate
from store_service.evidence.keys import SigningKey
from store_service.records import events, projections
from store_service.records.desk import Desk
from store_service.records.events.blending import ContainerScanned, UnitPlanned
from store_service.records.events.stock import ContainerRegistered
from store_service.records.ledger import Ledger
from store_service.rules.catalogue import load
from store_service.settings import ROOT

TIMES = 1500
_filled = (events, projections)


def _bare(folder: Path) -> list[float]:
    """One small row a commit, WAL and FULL: what the disk asks for."""
    connection = sqlite.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB) STRICT")
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO row (body) VALUES (?)", (b"x" * 800,))
        connection.execute("COMMIT")
        taken.append(time.perf_counter() - begun)
    connection.close()
    return taken


def _commands(folder: Path) -> list[float]:
    """A scan: an event appended, hashed and projected onto a unit's component, committed before the answer."""
    database = Database(f"sqlite:///{folder / 'store.db'}")
    migrate(database)
    ledger = Ledger(database, "SH0042", SigningKey.from_seed("bench.example/log", b"\1" * 32), Clock(), "bench")
    desk = Desk(ledger, load(ROOT / "config" / "rules", ROOT / "config" / "provinces.toml"), None)
    share = {
        "share_bp": 10_000,
        "target_mg": 1,
        "abs_tol_mg": 1,
        "rel_tol_bp": 1,
        "one_sided": False,
        "dose_by": "pump",
    }
    plan = {
        "unit_id": "u-bench", "service_id": "v-bench", "kind": "blend", "envelope_id": "E", "envelope_version": 1,
        "gtin": "09521234590118", "name_zh": "名", "target_mg": 1, "pack_sku": "P",
        "shares": [{"product_id": "A", **share}],
    }  # fmt: skip
    with desk.act("bench") as act:
        act.record(UnitPlanned.model_validate(plan, strict=False))
        act.record(
            ContainerRegistered(container_id="C-1", product_id="A", lot_no="L", kind="retail_pack", net_mg=1, heel_mg=0)
        )
    taken = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        with desk.act("bench") as act:
            act.record(
                ContainerScanned(unit_id="u-bench", product_id="A", container_id="C-1", lot_no="L", manual=False)
            )
        taken.append(time.perf_counter() - begun)
    database.close()
    return taken


def p99(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


def measure() -> dict[str, float]:
    """Milliseconds: median and p99 of a command and of a bare commit, and the ratio of the medians."""
    with tempfile.TemporaryDirectory() as folder:
        bare, commands = _bare(Path(folder)), _commands(Path(folder))
    return {
        "command_p50_ms": statistics.median(commands) * 1e3,
        "command_p99_ms": p99(commands) * 1e3,
        "bare_commit_p50_ms": statistics.median(bare) * 1e3,
        "bare_commit_p99_ms": p99(bare) * 1e3,
        "ratio_p50": statistics.median(commands) / statistics.median(bare),
    }
