"""A clerk's hands and eyes at the simulated bench: cup, pour, containers, printed labels; and what truly landed."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from typing import Any

import httpx
import zxingcpp
from PIL import Image

Json = dict[str, Any]
HAND_S = 1.0
"""Plant seconds that a hand needs; a scale asked in the same instant still shows what it showed before."""
DRIP_S = 1.7
"""Plant seconds after which the bench has told what landed of a dose (its drip window is 1.5 s)."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One bitmap that came out of the printer; `text` is what its QR says, decoded from the picture alone."""

    label_id: str
    png: bytes
    text: str


class Hands:
    def __init__(self, bench_url: str) -> None:
        self._client = httpx.Client(base_url=bench_url.rstrip("/"), timeout=20, trust_env=False)
        self._speed = float(self._get("/api/speed")["speed"])

    def close(self) -> None:
        self._client.close()

    def wait(self, plant_s: float) -> None:
        time.sleep(plant_s / self._speed)

    def put_on(self, tare_mg: int, pack: str) -> str:
        """An empty pack on the pan, alone; the id of that cup."""
        self.take_off()
        cup = str(self._post("/api/cup", {"on": True, "tare_mg": tare_mg, "pack": pack})["cup"])
        self.wait(HAND_S)
        return cup

    def take_off(self) -> None:
        self._post("/api/cup", {"on": False})

    def pour(self, product: str, mg: int, rate_mg_s: int) -> None:
        self._post("/api/pour", {"product": product, "mg": mg, "rate_mg_s": rate_mg_s})

    def pouring(self) -> bool:
        return bool(self.truth(1 << 60)["pouring"])

    def truth(self, since: int = 0) -> Json:
        return dict(self._get(f"/api/truth?since={since}"))

    def pump_starts(self) -> int:
        """Doses that any pump has begun since the bench was switched on."""
        return sum(int(one["doses"]) for one in self._get("/api/channels")["channels"])

    def left_in_bottle(self, product: str) -> int | None:
        """What the bottle that is poured from still holds; None when no such bottle stands there."""
        found = [one for one in self._get("/api/channels")["bottles"] if one["product"] == product]
        return int(found[0]["mass_mg"]) if found else None

    def load(self, product: str, mass_mg: int, channel: int | None) -> None:
        """Stand a full container of `product` on the bench, with the viscosity and density of the one before."""
        bench = self._get("/api/channels")
        before = next(one for one in (*bench["bottles"], *bench["channels"]) if one["product"] == product)
        goods = {key: before[key] for key in ("product", "viscosity", "density_mg_ml")} | {"mass_mg": mass_mg}
        if channel is None:
            self._post("/api/channels", {"bottles": [goods]})
        else:
            self._post("/api/channels", {"channels": [goods | {"channel": channel}]})

    def code_of_pack(self, sku: str) -> str:
        """The lot code on the shelf for a pack, as the bench page lists it."""
        codes = self._get("/api/codes")
        return next(str(one["value"]) for one in codes if str(one["label"]).endswith(f" {sku}"))

    def labels(self) -> list[str]:
        return [str(one["id"]) for one in self._get("/api/labels")]

    def picture(self, label_id: str) -> Printed:
        """A printed label, looked at with a phone's eyes. Raises ValueError when its QR does not read."""
        response = self._client.get(f"/api/labels/{label_id}.png")
        response.raise_for_status()
        with Image.open(io.BytesIO(response.content)) as image:
            found = zxingcpp.read_barcodes(image)
        if not found:
            raise ValueError(f"label {label_id}: no code reads")
        return Printed(label_id, response.content, str(found[0].text))

    def _get(self, path: str) -> Any:
        response = self._client.get(path)
        response.raise_for_status()
        return response.json()

    def _post(self, path: str, body: Json) -> Json:
        response = self._client.post(path, json=body)
        response.raise_for_status()
        return dict(response.json())
