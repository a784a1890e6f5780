"""A day in the shop, played against a real demo: bench, head office and shop in processes of their own."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image

from simulators import store_day
from simulators.day.clerk import Clerk
from simulators.day.hands import Hands
from simulators.day.kiosk import Kiosk, read_staff
from simulators.day.private import private_demo
from simulators.day.shelf import Order, Shelf
from simulators.day.unit import AtBench

CONFIG = Path(__file__).parents[2] / "config"
OVERLAYS = sorted(path.stem for path in (CONFIG / "demo" / "refusals").glob("*.toml"))
SAMPLE = sorted(Random(42).sample(OVERLAYS, 4))
ALLOWED_MG = store_day.allowed_mg(1, 2)
Json = dict[str, Any]


NEARLY_EMPTY = """
[set.opening]
"containers[container_id=C-107].net_mg" = 1500
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Json]:
    """A bench at one and a half times the speed of life, with an oil-control serum that runs out in mid-dose."""
    overlay = tmp_path_factory.mktemp("overlay") / "nearly-empty.toml"
    overlay.write_text(NEARLY_EMPTY, "utf-8")
    with private_demo(overlay, speed=1.5) as addresses:
        yield addresses


def play(demo: Json, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[Json]]:
    head_office = ["--hub-url", demo["hub"], f"--qa-token={demo['qa_token']}"]
    where = ["--base-url", demo["kiosk"], "--bench-url", demo["bench"], *head_office]
    code = store_day.main([*where, "--json", *words])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def assert_contract(row: Json, demo: Json) -> None:
    """Every field of DESIGN.md §5, and what it must say of a unit that went well."""
    assert row["state"] == "released" and row["cosigned"] is True and row["at_head_office"] is True
    assert row["batch"].startswith("SH0042-") and len(row["gtin"]) == 14 and row["seconds"] > 0
    assert row["log_index"] > 0
    link = f"{demo['phones']}/01/{row['gtin']}/21/"
    assert row["trace_url"].startswith(link) and row["trace_url"].removeprefix(link).startswith("SH0042-")
    with Image.open(io.BytesIO(Path(row["label_png"]).read_bytes())) as picture:
        assert zxingcpp.read_barcode(picture).text == row["trace_url"]
    assert abs(row["net_mg"] - sum(dose["actual_mg"] for dose in row["doses"])) <= ALLOWED_MG * len(row["doses"])
    for dose in row["doses"]:
        assert set(dose) >= {"component", "target_mg", "actual_mg", "landed_mg", "late_mg"}
        assert all(isinstance(dose[key], int) for key in ("target_mg", "actual_mg", "landed_mg", "late_mg"))
        assert store_day.off_mg(dose) <= ALLOWED_MG


def test_two_visits_of_small_units(demo: Json, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, rows = play(demo, capsys, "--visits", "2", "--small", "--labels", str(tmp_path))
    assert [row.get("error") for row in rows] == [None, None, None]
    for row in rows:
        assert_contract(row, demo)
    assert [row["kind"] for row in rows] == ["blend", "decant", "blend"]
    assert len(rows[0]["labels"]) == 2, "a small pack has a label and a leaflet"
    assert len({row["serial"] for row in rows}) == len({row["batch"] for row in rows}) == 3
    assert "SRC-OILCTL goes on from C-108" in rows[2]["notes"]
    assert [dose["lot"] for dose in rows[2]["doses"]] == ["OC2609A", "OC2610B", "TN2609A"]
    assert code == 0


def test_time_passes_only_for_somebody_who_is_signed_in(demo: Json) -> None:
    nobody = httpx.post(f"{demo['api']}/demo/clock", json={"minutes": 1}, trust_env=False)
    assert nobody.status_code == 401
    key = {"idempotency-key": "test-sign-in"}
    badge = {"badge": "B-1001", "pin": "135790", "kiosk": "test"}
    token = httpx.post(f"{demo['api']}/sign-in", json=badge, headers=key, trust_env=False).json()["token"]
    headers = {"authorization": f"Bearer {token}"}
    first, second = (
        httpx.post(f"{demo['api']}/demo/clock", json={"minutes": 1}, headers=headers, trust_env=False).json()["now"]
        for _ in range(2)
    )
    assert first < second
    backwards = httpx.post(f"{demo['api']}/demo/clock", json={"minutes": -1}, headers=headers, trust_env=False)
    assert backwards.status_code == 422


def test_a_visit_that_goes_wrong_is_a_line_and_an_exit_code(demo: Json, capsys: pytest.CaptureFixture[str]) -> None:
    staff = CONFIG / "demo" / "staff.toml"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store_day.Clerk, "serve", lambda *_: (_ for _ in ()).throw(ValueError("no code reads")))
        code, rows = play(demo, capsys, "--visits", "1", "--staff", str(staff))
    assert code == 1
    assert rows == [{"visit": 1, "error": "no code reads", "refused": []}]


def refusals(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Json]]:
    code = store_day.main(["--refusals", "--json", *words])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return code, {row["overlay"]: row for row in rows}


def assert_refused(row: Json) -> None:
    assert row["expected"] in row["refused"], row
    assert row["at"] == row["expect_at"], row
    assert row["pump_starts"] == 0, row


def test_a_sample_of_overlays_is_refused_and_no_pump_moves(capsys: pytest.CaptureFixture[str]) -> None:
    code, rows = refusals(capsys, "--only", *SAMPLE)
    assert sorted(rows) == SAMPLE
    for row in rows.values():
        assert_refused(row)
    assert code == 0


def test_an_overlay_that_does_not_exist_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert store_day.main(["--refusals", "--only", "r-xyz-99"]) == 1


def with_slips(demo: Json, labels: Path, *extra_mg: int) -> list[Json]:
    """One visit for a toner; the clerk's hand pours so much too much at its first pours."""
    staff, hands, kiosk = read_staff(Path(demo["staff"])), Hands(demo["bench"]), Kiosk(demo["kiosk"])
    kiosk.sign_in(staff[0])
    clerk = Clerk(kiosk, hands, Shelf.read(CONFIG / "demo"), staff[0], staff[1], labels)
    sober, slips = AtBench.dose_next, iter(extra_mg)

    def slip(bench: AtBench, extra_mg: int = 0) -> Json:
        return sober(bench, next(slips, 0))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(AtBench, "dose_next", slip)
        rows = clerk.serve([Order("ENV-TONER", 15_000, "PK-15")], Random(1))
    kiosk.close()
    hands.close()
    return rows


@pytest.mark.soak
def test_a_pour_off_target_is_adjusted_and_the_contract_holds(demo: Json, tmp_path: Path) -> None:
    """A slip inside the envelope: new targets are accepted over HTTP, and what is reported is judged by them."""
    (row,) = with_slips(demo, tmp_path, 400)
    assert row["state"] == "released" and row["reratios"] == 1
    assert any("new targets accepted" in note for note in row["notes"])
    first, last = row["doses"][0], row["doses"][-1]
    assert first["component"] == "SRC-OILCTL" and first["target_mg"] > first["ordered_mg"]
    assert last["component"] == "SRC-TONER" and last["target_mg"] < 12_750
    assert sum(one["target_mg"] for one in row["doses"]) == 15_000
    for dose in row["doses"]:
        assert abs(dose["actual_mg"] - dose["target_mg"]) <= max(50, dose["target_mg"] // 100)
        assert store_day.off_mg(dose) <= ALLOWED_MG


@pytest.mark.soak
def test_a_unit_beyond_its_envelope_is_discarded_and_made_again(demo: Json, tmp_path: Path) -> None:
    """The first pour goes so far over that no fill of the pack can make up for it; the visit still ends with a unit."""
    (row,) = with_slips(demo, tmp_path, 4_000)
    assert row["state"] == "released" and row["reratios"] == 0
    assert any("nothing inside the envelope" in note for note in row["notes"])


@pytest.mark.soak
def test_a_day_of_twenty_visits(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with private_demo() as demo:
        code, rows = play(demo, capsys, "--visits", "20", "--labels", str(tmp_path))
    for row in rows:
        assert "error" not in row, row
        assert_contract(row, demo)
    assert len({row["visit"] for row in rows}) == 20
    assert {row["envelope"] for row in rows} == {"ENV-LOTION", "ENV-CREAM", "ENV-TONER", "ENV-DECANT"}
    assert code == 0


@pytest.mark.soak
def test_every_overlay_is_refused_and_no_pump_moves(capsys: pytest.CaptureFixture[str]) -> None:
    code, rows = refusals(capsys)
    assert sorted(rows) == OVERLAYS
    for row in rows.values():
        assert_refused(row)
    assert code == 0
