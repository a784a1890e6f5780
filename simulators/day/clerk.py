"""A sensible clerk: makes a unit from clearance to release, goes on after a stop, begins again when it went wrong."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx

from simulators.day.hands import DRIP_S, Hands
from simulators.day.kiosk import Badge, Json, Kiosk, No, Problem
from simulators.day.service import Consumer, Service
from simulators.day.shelf import Order, Shelf
from simulators.day.unit import AtBench, Stuck

RAN_OUT = ("container_empty", "short")
BEGUN = ("started", "cup", "dosing", "stopped", "dosed", "checked", "signed", "printed", "verified")
RESUMES = 3
TRIES = 3
COSIGN_S = 60.0
COSIGN_POLL_S = 0.5


class Spoilt(Exception):
    """The unit was discarded; another one is made in its place."""


@dataclass
class Clerk:
    """`labels` is where the pictures of printed labels are kept."""

    kiosk: Kiosk
    hands: Hands
    shelf: Shelf
    blender: Badge
    releaser: Badge
    labels: Path

    def serve(self, orders: Sequence[Order], random: Random) -> list[Json]:
        """One visit, from the notice to the hand-over; one row a unit, before its cosignature is known.

        Whatever breaks it off is raised again once nothing half made stands on the bench any more.
        """
        service = Service(self.kiosk, self.shelf)
        service.open()
        try:
            return self._serve(service, orders, random)
        except (Problem, Stuck, ValueError, httpx.HTTPError) as error:
            self._break_off(service, str(error))
            raise

    def _serve(self, service: Service, orders: Sequence[Order], random: Random) -> list[Json]:
        service.consult(Consumer(random))
        waiting = [(order, service.plan(order)) for order in orders]
        self._load_stock(orders[0].stock)
        service.verdict()
        made: list[Json] = []
        for order, unit_id in waiting:
            made.append(self._until_released(service, order, unit_id, random))
        service.hand_over()
        return made

    def _load_stock(self, stock: str) -> None:
        self.kiosk.post("/label-stock", {"bench_id": "bench-1", "stock": stock})

    def _break_off(self, service: Service, why: str) -> None:
        """Discard what was begun and end the visit. What cannot be undone any more stays as it is, and is seen."""
        with suppress(Problem, httpx.HTTPError):
            for unit in service.look()["units"]:
                if unit["state"] in BEGUN:
                    self.kiosk.post(f"/units/{unit['unit_id']}/discard", {"reason": why[:200]})
            service.give_up(why[:200])
        with suppress(httpx.HTTPError):
            self.hands.take_off()

    def _until_released(self, service: Service, order: Order, unit_id: str, random: Random) -> Json:
        notes: list[str] = []
        for _ in range(TRIES):
            began = time.monotonic()
            bench = AtBench(self.kiosk, self.hands, self.shelf, order, unit_id, random, notes=notes)
            try:
                row = self._make(bench)
                return {**row, "seconds": round(time.monotonic() - began, 1), "notes": notes}
            except Spoilt as spoilt:
                notes.append(f"discarded: {spoilt}")
                bench.discard(str(spoilt))
                unit_id = service.plan(order)
                service.verdict()
        raise Stuck(f"{order.envelope_id}: spoilt {TRIES} times: {'; '.join(notes)}")

    def _make(self, bench: AtBench) -> Json:
        bench.clear()
        bench.start()
        for part in bench.look()["components"]:
            bench.scan(bench.container_for(part))
        bench.place_cup()
        self._dose(bench)
        try:
            bench.weigh()
        except No as no:
            raise Spoilt(f"{no.gate}: {', '.join(no.rules)}") from no
        bench.inspect()
        bench.sign(self.releaser)
        printed = bench.print()
        self.hands.take_off()
        medium = {one["serial"]: one["medium"] for one in bench.look()["labels"]}
        pictures = [self._keep(bench, one.label_id, one.png) for one in printed]
        links = [one.text for one in printed if medium.get(one.text.rpartition("/")[2]) == "label"]
        for link in links:
            bench.scan_back(link)
        return self._row(bench, links, pictures)

    def _dose(self, bench: AtBench) -> None:
        resumes = 0
        unit = bench.look()
        while unit["state"] != "dosed":
            if unit["state"] == "stopped":
                resumes += 1
                bench.notes.append(f"stopped: {unit['stop_reason']}")
                if resumes > RESUMES:
                    raise Spoilt(f"stopped {resumes} times, last: {unit['stop_reason']}")
                self._go_on(bench, unit)
                unit = bench.look()
                continue
            decision = unit["off_target"]
            if decision is not None and not bench.adjust(decision):
                raise Spoilt(f"{decision['product_id']} off target, and nothing inside the envelope")
            unit = bench.look() if decision is not None else bench.dose_next()

    def _go_on(self, bench: AtBench, unit: Json) -> None:
        """What the screen asks for after a stop: the next container if the last ran out, then the same cup again."""
        last = unit["doses"][-1]
        ran_out = unit["stop_reason"] in RAN_OUT
        try:
            bench.resume()
        except No as no:
            raise Spoilt(f"{no.gate}: {', '.join(no.rules)}") from no
        if ran_out and bench.look()["state"] == "dosing":
            try:
                fresh = bench.next_container(last["product_id"])
            except StopIteration:
                raise Spoilt(f"no other container of {last['product_id']}") from None
            bench.notes.append(f"{last['product_id']} goes on from {fresh}")
            bench.scan(fresh)

    def _keep(self, bench: AtBench, label_id: str, png: bytes) -> str:
        self.labels.mkdir(parents=True, exist_ok=True)
        path = self.labels / f"{bench.look()['batch']}-{label_id}.png"
        path.write_bytes(png)
        return str(path)

    def _row(self, bench: AtBench, links: Sequence[str], pictures: Sequence[str]) -> Json:
        self.hands.wait(DRIP_S)
        unit = bench.look()
        doses: list[dict[str, Any]] = []
        for dose in unit["doses"]:
            landed, late = bench.landed(dose)
            doses.append(
                {
                    "component": dose["product_id"],
                    "lot": dose["lot_no"],
                    "how": dose["how"],
                    "target_mg": bench.aimed_mg(dose),
                    "ordered_mg": dose["target_mg"],
                    "actual_mg": dose["landed_mg"],
                    "landed_mg": landed,
                    "late_mg": late,
                }
            )
        return {
            "batch": unit["batch"],
            "kind": unit["kind"],
            "envelope": unit["envelope_id"],
            "gtin": unit["gtin"],
            "serial": unit["serial"],
            "state": unit["state"],
            "trace_url": links[0] if links else None,
            "label_png": pictures[0] if pictures else None,
            "labels": list(pictures),
            "net_mg": unit["net_mg"],
            "reratios": len(unit["reratios"]),
            "doses": doses,
            "log_index": unit["released_idx"],
        }

    def cosigned(self, log_index: int | None) -> bool:
        """Whether head office holds and has cosigned the entry, awaited up to 60 s."""
        until = time.monotonic() + COSIGN_S
        while log_index is not None:
            if int(self.kiosk.get("/sync/status")["acked_size"]) > log_index:
                return True
            if time.monotonic() > until:
                return False
            time.sleep(COSIGN_POLL_S)
        return False
