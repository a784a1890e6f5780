"""Every overlay of config/demo/refusals, played in a private shop until a gate says no. No pump may move.

What an overlay and its acts mean stands in config/demo/refusals/README.md.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any

import httpx

from simulators.day.hands import HAND_S, Hands
from simulators.day.kiosk import Badge, Json, Kiosk, No, Problem, read_staff
from simulators.day.private import NotUp, private_demo
from simulators.day.service import GROWN_UP, Consumer, Service
from simulators.day.shelf import Order, Shelf
from simulators.day.unit import AtBench, Stuck

LINT = "label_lint"
OIL, BASE = "SRC-OILCTL", "SRC-TONER"  # dosed in this order: the base comes last
TONER: Mapping[str, Any] = {"envelope_id": "ENV-TONER", "fill_mg": 30_000, "pack_sku": "PK-30"}
SPEED = 1.5
HOLD_WITHIN_S = 60.0
BEIJING = timezone(timedelta(hours=8))


def play_all(config: Path, only: Sequence[str], jobs: int, *, as_json: bool) -> int:
    """Play every overlay, or those named in `only`; 0 when each was refused by its rule at its gate, pumps at rest."""
    folder = config / "demo" / "refusals"
    chosen = [
        one for one in sorted(folder.glob("*.toml")) if not only or one.stem in {Path(name).stem for name in only}
    ]
    if not chosen:
        print(f"no such overlay in {folder}", file=sys.stderr)
        return 1
    good = True
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        for done in as_completed([pool.submit(play, one, config) for one in chosen]):
            row = done.result()
            good &= bool(row["as_expected"])
            _tell(row, as_json=as_json)
    return 0 if good else 1


def play(overlay: Path, config: Path) -> Json:
    """One overlay: which rules refused, at which gate, and how often a pump was started meanwhile."""
    wanted = tomllib.loads(overlay.read_text("utf-8"))
    began = time.monotonic()
    row: Json = {
        "overlay": overlay.stem,
        "expected": wanted["rule"],
        "outcome": wanted.get("outcome", "refuse"),
        "refused": [],
        "expect_at": wanted["expect_at"],
        "at": None,
        "pump_starts": 0,
    }
    row |= _lint(overlay, config) if wanted["expect_at"] == LINT else _in_a_shop(overlay, config, wanted.get("act", {}))
    right = row["expected"] in row["refused"] and row["at"] == row["expect_at"] and row["said"] == row["outcome"]
    row["as_expected"] = right and row["pump_starts"] == 0
    row["seconds"] = round(time.monotonic() - began, 1)
    return row


def _lint(overlay: Path, config: Path) -> Json:
    words = [sys.executable, "-m", "store_service.cli", "label-lint", str(config / "demo" / "label.toml")]
    words += ["--config", str(config), "--overlay", str(overlay), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or not done.stdout:
        return {"said": "error", "detail": done.stderr[-400:]}
    rules = [one["rule"] for one in json.loads(done.stdout)["refusals"]]
    return {"refused": list(dict.fromkeys(rules)), "at": LINT, "said": "refuse" if done.returncode else "nothing"}


def _in_a_shop(overlay: Path, config: Path, act: Mapping[str, Any]) -> Json:
    try:
        with private_demo(overlay, SPEED) as shop:
            hands, kiosk = Hands(shop["bench"]), Kiosk(shop["kiosk"])
            try:
                found = _until_no(Play(shop, kiosk, hands, Shelf.read(config / "demo"), act))
                return found | {"pump_starts": hands.pump_starts()}
            finally:
                kiosk.close()
                hands.close()
    except NotUp as no:
        return {"said": "error", "at": "opening", "detail": str(no)}


def _until_no(scene: Play) -> Json:
    try:
        scene.run()
    except No as no:
        said = "refuse" if no.name == "refused" else "warn"
        return {"refused": no.rules, "at": no.gate, "said": said}
    except Problem as problem:
        return {
            "said": "error",
            "at": scene.step,
            "detail": f"{problem} {json.dumps(problem.body, ensure_ascii=False)}",
        }
    except (Stuck, httpx.HTTPError, ValueError, LookupError, StopIteration) as error:
        return {"said": "error", "at": scene.step, "detail": repr(error)}
    return {"said": "nothing", "at": "handed over"}


@dataclass
class Play:
    """One service as the overlay's `[act]` wants it; any gate's "no" ends it as an exception."""

    shop: Mapping[str, Any]
    kiosk: Kiosk
    hands: Hands
    shelf: Shelf
    act: Mapping[str, Any]
    step: str = "sign_in"

    def run(self) -> None:
        staff = {one.staff_id: one for one in read_staff(Path(self.shop["staff"]))}
        skip, random = self.act.get("skip", ()), Random("refusals")
        self.kiosk.sign_in(staff["s-01"])
        if "receipt_without" in self.act:
            self.step = "receive"
            today = datetime.fromisoformat(self.shop["now"]).astimezone(BEIJING).date()
            self.kiosk.post("/lots", self.shelf.delivery(OIL, self.act["receipt_without"], today))
        self.step = "service"
        service = Service(_Strict(self.kiosk), self.shelf)
        service.open()
        service.consult(self._consumer(random), skip)
        for purpose in self.act.get("withdraw", ()):
            self.kiosk.post(f"/services/{service.service_id}/withdraw", {"purpose": purpose})
        if self.act.get("review"):
            self.kiosk.post(f"/services/{service.service_id}/review", {})
        self.step = "verdict"
        orders = [self._order(one) for one in self.act.get("units", (TONER,))]
        units = [service.plan(order) for order in orders]
        service.verdict()
        bench = AtBench(_Strict(self.kiosk), self.hands, self.shelf, orders[0], units[0], random)
        self._make(bench, staff, skip)
        self.step = "hand_over"
        service.hand_over(skip)

    def _consumer(self, random: Random) -> Consumer:
        act = self.act
        return Consumer(
            random,
            act.get("age", GROWN_UP),
            act.get("allergy", ()),
            act.get("condition", ()),
            act.get("bundled_consent", False),
        )

    def _order(self, row: Mapping[str, Any]) -> Order:
        shares = row.get("shares_bp")
        return Order(row["envelope_id"], row["fill_mg"], row["pack_sku"], tuple(shares) if shares else None)

    def _make(self, bench: AtBench, staff: Mapping[str, Badge], skip: Sequence[str]) -> None:
        act = self.act
        self.step = "start"
        if "clearance" not in skip:
            bench.clear()
        bench.start()
        self.step = "scan"
        parts = bench.look()["components"]
        for part in parts:
            other = act.get("container") if part["product_id"] == OIL else None
            code = other or bench.container_for(part)
            bench.scan(code, typed=bool(act.get("typed_code")))
        self.step = "cup"
        bench.place_cup(act.get("pack_lot"), own=act.get("own_container", False))
        self._dose(bench)
        self.step = "weigh"
        if "spill_mg" in act:
            self.hands.put_on(self._on_the_pan() - act["spill_mg"], "spilt")
        bench.weigh()
        bench.inspect(homogeneous=act.get("homogeneous_ok", True))
        if act.get("print_before_sign"):
            self.step = "print"
            bench.print()
        self.step = "sign"
        bench.sign(staff[act.get("releaser", "s-02")])
        self.step = "print"
        printed = bench.print()
        self.step = "release"
        for text in [act["scan_back"]] if "scan_back" in act else [one.text for one in printed]:
            bench.scan_back(text)

    def _dose(self, bench: AtBench) -> None:
        act = self.act
        self.step = "dose"
        unit = bench.dose_next(act.get("pour_extra_mg", 0))
        if "second_container" in act and unit["state"] == "stopped":
            self.step = "scan"
            bench.resume()
            bench.next_container(OIL)
            bench.scan(act["second_container"])
        if "pause_minutes" in act or "swap_cup" in act:
            self._come_back(bench)
        if "hold_lot" in act:
            self._hold(act["hold_lot"])
        bench.dose_next()

    def _come_back(self, bench: AtBench) -> None:
        """Leave the unit half made, and come back to it later or to another cup."""
        self.step = "resume"
        bench.stop()
        if "pause_minutes" in self.act:
            self.kiosk.post("/demo/clock", {"minutes": self.act["pause_minutes"]})
        if self.act.get("swap_cup"):
            self.hands.put_on(bench.tare_mg, "another")
        bench.resume()

    def _hold(self, lot_no: str) -> None:
        """Head office stops a lot; wait until the shop has asked for the registers again."""
        before = self.kiosk.get("/sync/status")["pulled_at"]
        admin = Path(self.shop["tokens"]["admin-1"]).read_text("utf-8").strip()
        told = httpx.post(
            f"{self.shop['hub']}/api/v1/hub/holds",
            json={"product_id": BASE, "lot_no": lot_no, "reason": "store-day"},
            headers={"authorization": f"Bearer {admin}"},
            timeout=20,
            trust_env=False,
        )
        told.raise_for_status()
        until = time.monotonic() + HOLD_WITHIN_S
        while self.kiosk.get("/sync/status")["pulled_at"] == before and time.monotonic() < until:
            time.sleep(0.5)

    def _on_the_pan(self) -> int:
        self.hands.wait(HAND_S)
        cup = self.hands.truth(1 << 60)["cup"]
        return int(cup["tare_mg"]) + int(cup["content_mg"])


class _Strict(Kiosk):
    """A kiosk whose clerk gives no reasons: a warning ends the play as a refusal does."""

    def __init__(self, other: Kiosk) -> None:
        self.__dict__ = other.__dict__

    def post_with_reasons(self, path: str, body: Json | None = None, reason: str = "") -> tuple[Json, list[str]]:
        return self.post(path, body), []


def _tell(row: Json, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(row, ensure_ascii=False), flush=True)
        return
    mark = "as expected" if row["as_expected"] else f"NOT AS EXPECTED {row.get('detail', '')}"
    print(
        f"{row['overlay']}: {row['expected']} at {row['expect_at']}; {row['refused']} at {row['at']}; {mark}",
        flush=True,
    )
