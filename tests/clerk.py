"""A clerk at a kiosk that speaks the public HTTP API and nothing else, with hands at a simulated bench."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import zxingcpp
from PIL import Image

from simulators.bench import RunningBench

PACKS = {
    15_000: ("PK-15", "P-15-2609", 12_000),
    30_000: ("PK-30", "P-30-2609", 18_000),
    50_000: ("PK-50", "P-50-2609", 25_500),
}
ANSWERS = {
    "condition": ["none"],
    "age": ["25_34"],
    "allergy": ["none"],
    "feel": ["tight"],
    "goal": ["moisture"],
    "texture": ["milky"],
}
LIFE = ("planned", "started", "scanned", "cup", "dosed", "checked", "signed", "printed", "released")
PATIENCE_S = 60.0


def until(true: Callable[[], Any], what: str, within_s: float = PATIENCE_S) -> Any:
    """Wait for something that another thread or process brings about; its first true value."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        found = true()
        if found:
            return found
        time.sleep(0.03)
    raise AssertionError(f"not within {within_s:.0f} s: {what}")


def read_picture(png: bytes) -> str:
    """What a scanner reads off a printed label."""
    found = zxingcpp.read_barcode(Image.open(io.BytesIO(png)))
    assert found is not None
    text: str = found.text
    return text


@dataclass
class Kiosk:
    """One screen with a person signed in, and that person's hands at the bench."""

    url: str
    bench: RunningBench
    name: str = "k1"
    badge: str = "B-1001"
    pin: str = "135790"
    client: httpx.Client = field(init=False)
    begun: list[str] = field(default_factory=list)
    """Units that were started here, to be cleared away."""

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=f"{self.url}/api/v1", timeout=30, trust_env=False)
        self.sign_in()

    def sign_in(self) -> None:
        told = self.do("/sign-in", {"badge": self.badge, "pin": self.pin, "kiosk": self.name})
        self.client.headers["authorization"] = f"Bearer {told['token']}"

    def ask(self, path: str, body: Mapping[str, Any] | None = None, key: str | None = None) -> httpx.Response:
        """POST; whatever the answer is."""
        headers = {"idempotency-key": key} if key else {}
        return self.client.post(path, json=dict(body or {}), headers=headers)

    def do(self, path: str, body: Mapping[str, Any] | None = None, key: str | None = None) -> dict[str, Any]:
        """POST; the answer of a command that was carried out."""
        answer = self.ask(path, body, key)
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def get(self, path: str) -> Any:
        answer = self.client.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def state(self, unit_id: str) -> dict[str, Any]:
        told: dict[str, Any] = self.get(f"/units/{unit_id}")
        return told

    # One unit's life, step by step.

    def visit(self) -> str:
        """A service up to the end of its consultation."""
        service_id: str = self.do("/services")["service_id"]
        at = f"/services/{service_id}"
        self.do(f"{at}/notice", {"version": self.get("/texts")["notice"]["version"]})
        self.do(f"{at}/consents", {"purposes": {"allergy": True, "questionnaire": True}})
        for question, values in ANSWERS.items():
            self.do(f"{at}/answers", {"question": question, "values": values})
        self.do(f"{at}/consultation")
        return service_id

    def plan(self, envelope: str, fill_mg: int = 15_000, shares: Sequence[int] = (), service: str = "") -> str:
        service_id = service or self.visit()
        known = {one["envelope_id"]: one for one in self.get(f"/services/{service_id}/proposal")["envelopes"]}
        body = {
            "envelope_id": envelope,
            "shares_bp": list(shares) or known[envelope]["default_bp"],
            "fill_mg": fill_mg,
            "pack_sku": PACKS[fill_mg][0],
        }
        planned: str = self.do(f"/services/{service_id}/units", body)["units"][-1]["unit_id"]
        return planned

    def start(self, unit_id: str) -> None:
        self.do(f"/services/{self.state(unit_id)['service_id']}/verdict")
        self.begun.append(unit_id)
        self.do(f"/units/{unit_id}/clearance", {"items": ["labels", "lots", "hands"]})
        self.do(f"/units/{unit_id}/start")

    def scan(self, unit_id: str) -> None:
        opened = [one for one in self.get("/containers") if one["state"] == "opened"]
        containers = sorted(opened, key=lambda one: one["position"] is None)
        for part in self.state(unit_id)["components"]:
            code = next(one["container_id"] for one in containers if one["product_id"] == part["product_id"])
            self.do(f"/units/{unit_id}/scans", {"code": code})

    def cup(self, unit_id: str) -> None:
        sku, lot, tare_mg = PACKS[self.state(unit_id)["target_mg"]]
        self.put_on(tare_mg, sku)
        self.do(f"/units/{unit_id}/cup", {"code": lot, "visual_ok": True})

    def begin(self, unit_id: str) -> dict[str, Any]:
        """Start the next dose, and pour where it is a pour; the dose."""
        told = self.do(f"/units/{unit_id}/doses")
        dose: dict[str, Any] = told["doses"][-1]
        if dose["how"] == "poured" and dose["outcome"] is None:
            self.pour(dose["product_id"], dose["target_mg"])
        return dose

    def pour(self, product: str, mass_mg: int, rate_mg_s: int = 10_000) -> None:
        self.hand("/api/pour", {"product": product, "mg": mass_mg, "rate_mg_s": rate_mg_s})

    def dose(self, unit_id: str) -> None:
        """Every dose. A busy machine may starve the supervisor of readings: then the clerk goes on, as a clerk does."""
        for _ in range(12):
            unit = until(lambda: self.resting(unit_id), "the dose comes to its end")
            if unit["state"] == "dosed":
                return
            if unit["state"] == "stopped":
                assert unit["stop_reason"] in ("scale_stale", "not_stable", "not_rising", "time_budget"), unit
                self.resume(unit_id)
            elif unit["off_target"] is not None:
                self.do(f"/units/{unit_id}/reratio", {"fill_mg": unit["off_target"]["proposal"]["fill_mg"]})
            else:
                self.begin(unit_id)
        raise AssertionError(self.state(unit_id))

    def resting(self, unit_id: str) -> dict[str, Any] | None:
        """The unit, when no dose is under way and none follows by itself."""
        unit = self.state(unit_id)
        if unit["state"] == "dosing":
            ended = [one["outcome"] for one in unit["doses"]]
            waiting = [one for one in unit["components"] if one["state"] == "waiting"]
            follows = waiting and waiting[0]["dose_by"] == "pump" and ended and ended[-1] == "done"
            return None if None in ended or follows else unit
        return unit

    def resume(self, unit_id: str) -> dict[str, Any]:
        return self.do(f"/units/{unit_id}/resume", {"code": self.state(unit_id)["pack_lot"]})

    def check(self, unit_id: str) -> None:
        self.do(f"/units/{unit_id}/weigh")
        seen = {"mixed": True, "appearance_ok": True, "odour_ok": True, "homogeneous_ok": True}
        self.do(f"/units/{unit_id}/inspection", seen)

    def sign(self, unit_id: str) -> None:
        self.do(f"/units/{unit_id}/signature", {"badge": "B-1002", "pin": "246801"})

    def print(self, unit_id: str) -> None:
        self.do(f"/units/{unit_id}/print")

    def release(self, unit_id: str) -> dict[str, Any]:
        """Read the newest printed pictures with the scanner, as many as the set has."""
        labels = [one for one in self.state(unit_id)["labels"] if one["state"] == "printed"]
        for one in self.bench.printer.labels[-len(labels) :]:
            self.do(f"/units/{unit_id}/scan-back", {"code": read_picture(one.png)})
        return self.state(unit_id)

    def unit(self, state: str, envelope: str = "ENV-TONER", **formula: Any) -> str:
        """A new unit, brought to one of `LIFE`."""
        unit_id = self.plan(envelope, **formula)
        steps = (self.start, self.scan, self.cup, self.dose, self.check, self.sign, self.print, self.release)
        for step in steps[: LIFE.index(state)]:
            step(unit_id)
        return unit_id

    # Hands.

    def hand(self, path: str, body: Mapping[str, Any]) -> Any:
        answer = httpx.post(f"{self.bench.http_url}{path}", json=dict(body), timeout=10, trust_env=False)
        assert answer.is_success, answer.text
        return answer.json()

    def put_on(self, tare_mg: int, pack: str = "", cup: str | None = None) -> str:
        told = self.hand("/api/cup", {"on": True, "tare_mg": tare_mg, "pack": pack, "cup": cup})
        time.sleep(1.2)
        return str(told["cup"])

    def take_off(self) -> None:
        self.hand("/api/cup", {"on": False})
        time.sleep(0.2)

    def clear(self, unit_id: str) -> None:
        """Leave the bench free for the next test, whatever became of the unit."""
        unit = self.state(unit_id)
        if unit["state"] == "planned":
            self.ask(f"/services/{unit['service_id']}/cancel", {"reason": "test"})
        elif unit["state"] not in ("released", "handed_over", "discarded"):
            self.do(f"/units/{unit_id}/discard", {"reason": "test"})
        if self.bench.do(lambda plant: plant.cup) is not None:
            self.take_off()
