"""One unit at the bench, step by step: what the clerk asks of the kiosk and does with his hands."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from random import Random
from typing import Any

from simulators.day.hands import DRIP_S, HAND_S, Hands, Printed
from simulators.day.kiosk import Badge, Json, Kiosk
from simulators.day.shelf import Order, Shelf

CLEARED = ("labels", "lots", "hands")
POLL_S = 0.15
DOSE_WITHIN_S = 240.0
STUCK_S = 4.0
POUR_MG_S = 4000


class Stuck(Exception):
    """A dose that does not end."""


@dataclass
class AtBench:
    """`cup_id` is the bench's own name for the pack on the pan; `marks` says from which truth on a dose counts."""

    kiosk: Kiosk
    hands: Hands
    shelf: Shelf
    order: Order
    unit_id: str
    random: Random
    cup_id: str = ""
    tare_mg: int = 0
    marks: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/units/{self.unit_id}"

    def look(self) -> Json:
        return dict(self.kiosk.get(self.path))

    def clear(self) -> None:
        self.kiosk.post(f"{self.path}/clearance", {"items": list(CLEARED)})

    def start(self) -> None:
        _, warned = self.kiosk.post_with_reasons(f"{self.path}/start")
        self.notes += [f"start: reason given for {rule}" for rule in warned]

    def scan(self, container_id: str, *, typed: bool = False) -> None:
        self.kiosk.post(f"{self.path}/scans", {"code": container_id, "manual": typed})

    def container_for(self, part: Json) -> str:
        """The container that a clerk takes: opened, on a channel if it is pumped, the fullest."""
        found = [
            one
            for one in self.kiosk.get("/containers")
            if one["product_id"] == part["product_id"]
            and one["state"] == "opened"
            and (one["position"] is not None) == (part["dose_by"] == "pump")
        ]
        return str(max(found, key=lambda one: int(one["remaining_mg"]))["container_id"])

    def place_cup(self, pack_lot: str | None = None, *, own: bool = False) -> None:
        """The unit's own empty pack on the pan. Its mass varies inside what its specification allows."""
        self.tare_mg = self.shelf.tare(self.order.pack_sku) + self.random.randint(-400, 400)
        self.cup_id = self.hands.put_on(self.tare_mg, self.order.pack_sku)
        code = pack_lot or self.hands.code_of_pack(self.order.pack_sku)
        self.kiosk.post(f"{self.path}/cup", {"code": code, "visual_ok": True, "own_container": own})

    def dose_next(self, extra_mg: int = 0) -> Json:
        """Begin the next dose and stay until the bench rests; the unit as it then stands. A poured one is poured.

        Ends in state `dosing` (the clerk begins the next), `dosed` or `stopped`. Raises Stuck.
        """
        self.hands.wait(DRIP_S if self.marks else 0.0)
        since = int(self.hands.truth()["seq"])
        self.kiosk.post(f"{self.path}/doses")
        until = time.monotonic() + DOSE_WITHIN_S
        poured: dict[str, float] = {}
        while time.monotonic() < until:
            unit = self.look()
            for dose in unit["doses"]:
                self.marks.setdefault(dose["dose_id"], since)
            under_way = [one for one in unit["doses"] if one["outcome"] is None]
            if unit["state"] in ("dosed", "stopped"):
                return unit
            if not under_way:
                if self._rests():
                    return self.look()
            elif under_way[0]["how"] == "poured":
                self._pour(under_way[0], poured, extra_mg)
            time.sleep(POLL_S)
        raise Stuck(f"{self.unit_id}: no end within {DOSE_WITHIN_S:.0f} s")

    def adjust(self, decision: Json) -> bool:
        """Accept what the screen offers for a component that has landed off its target; False when it offers nothing.

        Always the same answer to the same offer, so that a day may be played again.
        """
        name, proposal = decision["product_id"], decision["proposal"]
        if not decision["acceptable"] or proposal is None:
            return False
        told = f"{name}: {decision['actual_mg']} mg for {decision['target_mg']} mg ({decision['reason']})"
        _, warned = self.kiosk.post_with_reasons(f"{self.path}/reratio", {"fill_mg": proposal["fill_mg"]})
        self.notes += [f"{told}, new targets accepted, fill {proposal['fill_mg']} mg"]
        self.notes += [f"reratio: reason given for {rule}" for rule in warned]
        return True

    def aimed_mg(self, dose: Json) -> int:
        """The target of a dose by the targets that stand at the end: those of a re-ratio where there was one."""
        unit = self.look()
        part = next(one for one in unit["components"] if one["product_id"] == dose["product_id"])
        same = [one for one in unit["doses"] if one["product_id"] == dose["product_id"]]
        if not unit["reratios"] or same[-1]["dose_id"] != dose["dose_id"]:
            return int(dose["target_mg"])
        return int(part["target_mg"]) - sum(int(one["landed_mg"] or 0) for one in same[:-1])

    def _rests(self) -> bool:
        """One pumped component follows the other by itself: look twice before saying that none does."""
        time.sleep(3 * POLL_S)
        unit = self.look()
        return unit["state"] != "dosing" or all(one["outcome"] is not None for one in unit["doses"])

    def _pour(self, dose: Json, poured: dict[str, float], extra_mg: int) -> None:
        """Pour once, a few milligrams off as hands are; add what is missing; when the bottle is empty, say so.

        Inside the band nothing is added: the dose ends there by itself, and what came after it would be on no record.
        """
        name, product, target = dose["dose_id"], dose["product_id"], int(dose["target_mg"])
        if name not in poured:
            miss = min(60, target // 500)
            self.hands.wait(HAND_S)
            self.hands.pour(product, target + extra_mg + self.random.randint(-miss, miss), POUR_MG_S)
            poured[name] = time.monotonic()
        elif self.hands.pouring():
            poured[name] = time.monotonic()
        elif time.monotonic() - poured[name] > STUCK_S:
            poured[name] = time.monotonic()
            missing = target - self._shown_mg()
            if self.hands.left_in_bottle(product) == 0:
                self.notes.append(f"{product}: the container ran out")
                self.kiosk.post(f"{self.path}/settle")
            elif missing > self._tolerance_mg(product):
                self.notes.append(f"{product}: {missing} mg added by hand")
                self.hands.pour(product, missing, POUR_MG_S)
            else:
                self.notes.append(f"{product}: finished by hand inside the band")
                self.kiosk.post(f"{self.path}/settle")

    def _tolerance_mg(self, product: str) -> int:
        parts = self.look()["components"]
        return next(int(one["tolerance_mg"]) for one in parts if one["product_id"] == product)

    def _shown_mg(self) -> int:
        """What the gauge shows since the dose began."""
        unit = self.look()
        return int(self.kiosk.get(f"/benches/{unit['bench_id']}")["gauge"]["mg"]) - int(unit["gross_mg"])

    def landed(self, dose: Json) -> tuple[int, int]:
        """(mg within the drip window, mg that dripped later) that truly came down in this cup for a dose."""
        since = self.marks[dose["dose_id"]]
        later = [mark for mark in self._marks_of(dose["product_id"]) if mark > since]
        events = [
            one
            for one in self.hands.truth(since)["events"]
            if one.get("product") == dose["product_id"]
            and one.get("cup") == self.cup_id
            and (not later or one["seq"] <= min(later))
        ]
        return sum(int(one["landed_mg"]) for one in events), sum(int(one["late_mg"]) for one in events)

    def _marks_of(self, product_id: str) -> list[int]:
        doses = self.look()["doses"]
        return [self.marks[one["dose_id"]] for one in doses if one["product_id"] == product_id]

    def stop(self) -> None:
        self.kiosk.post(f"{self.path}/stop", {"reason": "clerk"})

    def resume(self) -> None:
        self.hands.wait(HAND_S)
        self.kiosk.post(f"{self.path}/resume", {"code": self.look()["pack_lot"]})

    def next_container(self, product_id: str) -> str:
        """The container in use is empty: put it away and stand the next one in its place; its code.

        Raises StopIteration when the shelf has none.
        """
        unit = self.look()
        part = next(one for one in unit["components"] if one["product_id"] == product_id)
        shelf: list[dict[str, Any]] = self.kiosk.get("/containers")
        old = next(one for one in shelf if one["container_id"] == part["container_id"])
        usable = ("closed", "opened")
        fresh = next(
            one
            for one in shelf
            if one["product_id"] == product_id and one["state"] in usable and one["container_id"] != old["container_id"]
        )
        self.kiosk.post(f"/containers/{old['container_id']}/finish", {"residue_mg": 0})
        if old["position"] is None:
            self.kiosk.post(f"/containers/{fresh['container_id']}/open", {})
        else:
            place = {"bench_id": unit["bench_id"], "position": old["position"], "purged_mg": 0}
            self.kiosk.post(f"/containers/{fresh['container_id']}/mount", place)
        self.hands.load(product_id, int(fresh["remaining_mg"]), old["position"])
        return str(fresh["container_id"])

    def weigh(self) -> None:
        self.hands.wait(HAND_S)
        self.kiosk.post(f"{self.path}/weigh")

    def inspect(self, *, homogeneous: bool = True) -> None:
        marks = {"mixed": True, "appearance_ok": True, "odour_ok": True, "homogeneous_ok": homogeneous}
        self.kiosk.post(f"{self.path}/inspection", marks)

    def sign(self, releaser: Badge) -> None:
        signed = {"badge": releaser.badge, "pin": releaser.pin}
        _, warned = self.kiosk.post_with_reasons(f"{self.path}/signature", signed)
        self.notes += [f"signature: reason given for {rule}" for rule in warned]

    def print(self) -> list[Printed]:
        """Print the set; every picture that came out, in order."""
        known = set(self.hands.labels())
        self.kiosk.post(f"{self.path}/print")
        return [self.hands.picture(one) for one in self.hands.labels() if one not in known]

    def scan_back(self, text: str) -> None:
        self.kiosk.post(f"{self.path}/scan-back", {"code": text})

    def discard(self, reason: str) -> None:
        self.kiosk.post(f"{self.path}/discard", {"reason": reason})
        self.hands.take_off()
