"""One consumer at the counter: notice, consents, consultation, formula, verdict; in the end the hand-over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from simulators.day.kiosk import Json, Kiosk, Problem
from simulators.day.shelf import Order, Shelf

GROWN_UP = 25
TOLD = ("contents", "traits", "cautions", "use_period", "storage", "patch_test")
"""What a clerk explains before the hand-over, one by one."""


@dataclass
class Consumer:
    """What one consumer answers; anything else is chosen by `random`, as people differ."""

    random: Random
    age: int = GROWN_UP
    allergy: Sequence[str] = ()
    condition: Sequence[str] = ()
    bundled_consent: bool = False

    def consents(self, purposes: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
        if self.bundled_consent:
            return {"all": True}
        return {one["key"]: one["key"] in ("allergy", "questionnaire") for one in purposes}

    def answer(self, question: Mapping[str, Any]) -> tuple[list[str], list[str]]:
        """(values, typed text) for one question."""
        options = question["options"]
        if question["id"] == "age":
            return [next(one["value"] for one in options if one.get("age") == self.age)], []
        if question["id"] == "condition":
            return list(self.condition) or ["none"], []
        if question["id"] == "allergy":
            listed = {one["zh"]: one["value"] for one in options}
            values = [listed[one] for one in self.allergy if one in listed]
            typed = [one for one in self.allergy if one not in listed]
            return values if self.allergy else ["none"], typed
        return [self.random.choice(options)["value"]], []


@dataclass
class Service:
    """A visit as the kiosk carries it; `skip` names steps that a clerk leaves out (notice, consent, consultation)."""

    kiosk: Kiosk
    shelf: Shelf
    service_id: str = ""
    warned: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/services/{self.service_id}"

    def open(self) -> None:
        self.service_id = self.kiosk.post("/services")["service_id"]

    def consult(self, consumer: Consumer, skip: Collection[str] = ()) -> None:
        texts = self.kiosk.get("/texts")
        if "notice" not in skip:
            self.kiosk.post(f"{self.path}/notice", {"version": texts["notice"]["version"]})
        if "consent" not in skip:
            self._consent(consumer, texts["purposes"])
        if "consultation" in skip:
            return
        for question in texts["questions"]:
            values, text = consumer.answer(question)
            self.kiosk.post(f"{self.path}/answers", {"question": question["id"], "values": values, "text": text})
        self.kiosk.post(f"{self.path}/consultation")

    def _consent(self, consumer: Consumer, purposes: Sequence[Mapping[str, Any]]) -> None:
        try:
            self.kiosk.post(f"{self.path}/consents", {"purposes": consumer.consents(purposes)})
        except Problem as problem:
            # One tick for everything is no purpose that a shop asks for: nothing is consented, and the clerk goes on.
            if not (consumer.bundled_consent and problem.status == 422):
                raise

    def plan(self, order: Order) -> str:
        """Note one unit; returns its id."""
        body: Json = {
            "envelope_id": order.envelope_id,
            "shares_bp": self.shelf.shares(order),
            "fill_mg": order.fill_mg,
            "pack_sku": order.pack_sku,
        }
        return str(self.kiosk.post(f"{self.path}/units", body)["units"][-1]["unit_id"])

    def verdict(self) -> None:
        _, warned = self.kiosk.post_with_reasons(f"{self.path}/verdict")
        self.warned += warned

    def hand_over(self, skip: Sequence[str] = ()) -> None:
        """Explain item by item, give a recall card, hand over; `skip` leaves an item or the card out."""
        self.kiosk.post(f"{self.path}/explain", {"items": [one for one in TOLD if one not in skip]})
        self.kiosk.post(f"{self.path}/hand-over", {"recall_card": "recall_card" not in skip})

    def look(self) -> Json:
        return dict(self.kiosk.get(self.path))

    def give_up(self, reason: str) -> None:
        self.kiosk.post(f"{self.path}/cancel", {"reason": reason})
