"""What a clerk knows without asking: packs and their tares, default shares, what a delivery note says.

Read from the demo's documents that stand beside the staff file, as they are before any overlay.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Order:
    """One unit that a consumer asks for; `stock` is the label stock that it is printed on."""

    envelope_id: str
    fill_mg: int
    pack_sku: str
    shares_bp: tuple[int, ...] | None = None
    stock: str = "72x60"


@dataclass(frozen=True, slots=True)
class Shelf:
    envelopes: dict[str, dict[str, Any]]
    packs: dict[str, dict[str, Any]]
    opening: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> Shelf:
        document = tomllib.loads((folder / "envelopes.toml").read_text("utf-8"))
        return cls(
            {one["envelope_id"]: one for one in document["envelopes"]},
            {one["sku"]: one for one in document["packs"]},
            tomllib.loads((folder / "opening.toml").read_text("utf-8")),
        )

    def shares(self, order: Order) -> list[int]:
        return list(order.shares_bp or self.envelopes[order.envelope_id]["default_bp"])

    def products(self, order: Order) -> list[str]:
        return [one["product_id"] for one in self.envelopes[order.envelope_id]["components"]]

    def tare(self, sku: str) -> int:
        pack = self.packs[sku]
        return int(pack["tare_min_mg"] + pack["tare_max_mg"]) // 2

    def delivery(self, product_id: str, without: str, today: date) -> dict[str, Any]:
        """The next delivery of a product as it is typed at the door, one field left empty."""
        row = next(one for one in self.opening["deliveries"] if one["product_id"] == product_id)
        fields = {key: str(_day(value, today)) for key, value in row["fields"].items()} | {without: ""}
        expiry = str(_day(row["expiry"], today))
        return {"product_id": product_id, "lot_no": row["lot_no"], "expiry": expiry, "fields": fields}


def _day(value: Any, today: date) -> Any:
    found = re.fullmatch(r"([+-]\d{1,5})d", str(value))
    return (today + timedelta(days=int(found[1]))).isoformat() if found else value
