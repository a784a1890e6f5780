"""`.record` and `.tlog-proof` hold at a stranger's desk, and stop holding when a byte changes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from store_service.blending.queries import Unit
from store_service.cli import app
from store_service.evidence.checkpoint import cosign
from store_service.evidence.keys import Cosigner
from store_service.records.events.site import ClockConfirmed
from store_service.sync.log import newest_seal
from store_service.sync.push import keep_cosignatures
from store_service.trace.archive import own_archive
from store_service.trace.queries import standing_of_serial
from tests.shops import PrivateShop
from tests.trace.doors import consumer_door, path_of

TOOL = Path(__file__).parents[2] / "tools" / "verify.py"
MIRROR = Cosigner.from_seed("hub.chengrang.example/mirror", b"\x02" * 32)


@dataclass(frozen=True)
class Download:
    """What a person saved from the page, and the keys that he has from elsewhere."""

    proof: Path
    record: Path
    keys: Path

    def check(self) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, str(TOOL), str(self.proof), "--record", str(self.record), "--keys", str(self.keys)]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def check_here(self) -> dict[str, object]:
        words = ["verify", str(self.proof), "--record", str(self.record), "--keys", str(self.keys), "--json"]
        found: dict[str, object] = json.loads(CliRunner().invoke(app, words).stdout)
        return found


@pytest.fixture
def download(shop: PrivateShop, unit: Unit, tmp_path: Path) -> Iterator[Download]:
    yield fetch(shop, unit, tmp_path, [str(shop.shop.desk.ledger.key.verifier)])


def fetch(shop: PrivateShop, unit: Unit, folder: Path, keys: list[str]) -> Download:
    door = consumer_door(shop)
    found = Download(folder / "unit.tlog-proof", folder / "unit.record", folder / "keys")
    found.proof.write_bytes(door.get(f"{path_of(unit)}.tlog-proof").content)
    found.record.write_bytes(door.get(f"{path_of(unit)}.RECORD").content)
    found.keys.write_text("\n".join(keys) + "\n")
    return found


def test_a_stranger_can_check_what_the_page_gives(download: Download) -> None:
    done = download.check()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "VERIFIED" in done.stdout
    assert download.check_here()["verified"] is True


@pytest.mark.parametrize(
    ("old", "new"), [('"mass_mg": 22503', '"mass_mg": 22504'), ("2027-01-21", "2028-01-21"), ("LB2608A", "LB2608B")]
)
def test_a_changed_record_fails(download: Download, old: str, new: str) -> None:
    text = json.dumps(json.loads(download.record.read_text()), ensure_ascii=False)
    assert old in text
    download.record.write_text(text.replace(old, new))
    assert download.check().returncode == 1
    assert "record" in str(download.check_here()["failed"])


def test_a_changed_proof_fails(download: Download) -> None:
    lines = download.proof.read_text().split("\n")
    lines[2], lines[3] = lines[3], lines[2]
    download.proof.write_text("\n".join(lines))
    assert download.check().returncode == 1
    assert download.check_here()["verified"] is False


def test_another_shops_key_does_not_vouch(download: Download) -> None:
    other = Cosigner.from_seed("hub.chengrang.example/mirror", b"\x07" * 32)
    download.keys.write_text(f"{other.verifier}\n")
    assert download.check().returncode == 1
    assert download.check_here()["verified"] is False


def test_the_newest_cosigned_checkpoint_is_preferred(shop: PrivateShop, unit: Unit, tmp_path: Path) -> None:
    desk = shop.shop.desk
    keys = [str(desk.ledger.key.verifier), str(MIRROR.verifier)]
    alone = fetch(shop, unit, tmp_path, keys)
    assert alone.check().returncode == 1, "a cosigner's key is given, and nobody has cosigned"
    with desk.read() as connection:
        seal = newest_seal(connection, desk.site_id)
    assert seal is not None
    keep_cosignatures(desk.ledger, seal.size, cosign(seal.note, MIRROR, 1_793_686_867), [MIRROR.verifier])
    with desk.act("clerk") as act:
        for _ in range(300):
            act.record(ClockConfirmed())
    desk.ledger.seal()
    done = fetch(shop, unit, tmp_path, keys)
    assert done.check().returncode == 0
    assert f"of the {seal.size} entries" in " ".join(done.check_here()["checked"])  # type: ignore[arg-type]  # a list
    found = consumer_door(shop).get(path_of(unit), headers={"accept": "application/json"}).json()
    assert found["log"]["cosigned_by"] == MIRROR.name and found["log"]["checkpoint_size"] == seal.size


def test_the_record_says_what_stood_on_the_label(shop: PrivateShop, unit: Unit) -> None:
    standing = standing_of_serial(own_archive(shop.shop.desk), unit.gtin, unit.serial or "")
    assert standing.record is not None
    assert standing.record["use_by"] == (unit.use_by.isoformat() if unit.use_by else None)
    assert [one["share_bp"] for one in standing.record["sources"]] == [7500, 1500, 1000]
