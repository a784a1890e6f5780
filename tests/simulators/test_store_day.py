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
from simulators.day.private import private_demo

CONFIG = Path(__file__).parents[2] / "config"
OVERLAYS = sorted(path.stem for path in (CONFIG / "demo" / "refusals").glob("*.toml"))
SAMPLE = sorted(Random(42).sample(OVERLAYS, 6))
ALLOWED_MG = store_day.allowed_mg(1, 2)
Json = dict[str, Any]


@pytest.fixture(scope="module")
def demo() -> Iterator[Json]:
    with private_demo(speed=1.5) as addresses:
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
