"""The bench's HTTP door: the clerk's hands, the truth, the labels and the faults. Masses are integer mg."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Protocol

from fastapi import FastAPI, HTTPException, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from simulators.faults import FaultBoard
from simulators.plant import VISCOSITY, Busy, Container, Cup, Plant, Product
from simulators.runner import Runner
from simulators.wire.labels import Label
from simulators.wire.raw9100 import LabelPrinter

PAGE = Path(__file__).with_name("bench_page.html")

Name = Annotated[str, Field(min_length=1, max_length=80)]
Mass = Annotated[int, Field(gt=0, le=5_000_000)]


class CupIn(BaseModel):
    on: bool
    tare_mg: Mass = 18_000
    pack: str = Field(default="", max_length=80)
    cup: Name | None = None
    """The id of a cup that was on before: it comes back with its contents."""


class PourIn(BaseModel):
    product: Name
    mg: Mass
    rate_mg_s: Annotated[int, Field(gt=0, le=100_000)] = 2000


class FaultIn(BaseModel):
    name: Name
    on: bool
    channel: int | None = None


class LoadIn(BaseModel):
    product: Name
    viscosity: str = "serum"
    density_mg_ml: Annotated[int, Field(ge=500, le=2000)] = 1000
    mass_mg: Mass = 400_000

    def container(self) -> Container:
        if self.viscosity not in VISCOSITY:
            raise HTTPException(422, f"viscosity is one of {', '.join(VISCOSITY)}")
        product = Product.of_class(self.product, self.viscosity, self.density_mg_ml / 1000.0)
        return Container(product, float(self.mass_mg))


class ChannelIn(LoadIn):
    channel: int


class ChannelsIn(BaseModel):
    channels: list[ChannelIn] = []
    bottles: list[LoadIn] = []
    """Containers that are poured from by hand."""


class Code(BaseModel):
    label: Name
    value: Annotated[str, Field(min_length=1, max_length=400)]


class CodesIn(BaseModel):
    codes: list[Code]


class SpeedIn(BaseModel):
    speed: Annotated[float, Field(gt=0, le=100)]


class OnTheBench(Protocol):
    """What this door needs of a bench."""

    plant: Plant
    runner: Runner
    faults: FaultBoard
    printer: LabelPrinter


def _cup(cup: Cup | None) -> dict[str, Any]:
    if cup is None:
        return {"on": False}
    return {
        "on": True,
        "cup": cup.cup_id,
        "pack": cup.pack,
        "tare_mg": round(cup.tare_mg),
        "content_mg": round(cup.content_mg),
        "contents": {product: round(mg) for product, mg in cup.contents.items()},
    }


def _label(label: Label) -> dict[str, Any]:
    return {
        "id": label.label_id,
        "printed_at": label.printed_at.isoformat(),
        "width": label.width,
        "height": label.height,
        "sha256": label.sha256,
        "raster_sha256": label.raster_sha256,
        "complete": label.complete,
        "printer": label.printer,
        "language": label.language,
        "png": f"/api/labels/{label.label_id}.png",
    }


def _goods(container: Container) -> dict[str, Any]:
    product = container.product
    return {
        "product": product.name,
        "viscosity": product.viscosity,
        "density_mg_ml": round(product.density * 1000),
        "mass_mg": round(container.mass_mg),
    }


def bench_api(bench: OnTheBench) -> FastAPI:
    """The application; every handler is async, so that it runs in the plant's own thread."""
    app = FastAPI(title="Simulated bench", docs_url=None, redoc_url=None)
    plant, runner, faults, printer = bench.plant, bench.runner, bench.faults, bench.printer
    codes: list[Code] = []

    @app.get("/", response_class=HTMLResponse)
    async def page() -> str:
        return PAGE.read_text("utf-8")

    @app.get("/api/cup")
    async def get_cup() -> dict[str, Any]:
        runner.catch_up()
        return _cup(plant.cup)

    @app.post("/api/cup")
    async def set_cup(wanted: CupIn) -> dict[str, Any]:
        runner.catch_up()
        if not wanted.on:
            plant.cup_off()
            return _cup(None)
        if wanted.cup is not None and wanted.cup not in plant.shelf:
            raise HTTPException(404, f"no cup {wanted.cup} was taken off this bench")
        try:
            return _cup(plant.cup_on(wanted.tare_mg, wanted.cup, wanted.pack))
        except Busy as busy:
            raise HTTPException(409, str(busy)) from busy

    @app.get("/api/cups")
    async def get_shelf() -> list[dict[str, Any]]:
        return [_cup(cup) | {"on": False} for cup in plant.shelf.values()]

    @app.post("/api/pour", status_code=202)
    async def pour(wanted: PourIn) -> dict[str, int]:
        runner.catch_up()
        try:
            return {"pour": plant.pour(wanted.product, float(wanted.mg), float(wanted.rate_mg_s))}
        except KeyError as missing:
            raise HTTPException(404, f"no container on this bench holds {wanted.product}") from missing

    @app.post("/api/pour/stop")
    async def stop_pouring() -> dict[str, bool]:
        runner.catch_up()
        plant.stop_pouring()
        return {"pouring": plant.pouring}

    @app.get("/api/truth")
    async def truth(since: Annotated[int, Query(ge=0)] = 0) -> dict[str, Any]:
        runner.catch_up()
        events = plant.chronicle.since(since)
        return {
            "seq": len(plant.chronicle.events),
            "t": round(plant.now, 3),
            "cup": _cup(plant.cup),
            "pouring": plant.pouring,
            "in_air_mg": round(plant.in_air_mg),
            "spilled_mg": round(plant.spilled_mg),
            "events": [{"seq": each.seq, "t": each.t, "kind": each.kind, **each.facts} for each in events],
        }

    @app.get("/api/labels")
    async def labels() -> list[dict[str, Any]]:
        return [_label(label) for label in printer.labels]

    @app.get("/api/labels/{label_id}.png")
    async def label_png(label_id: str) -> Response:
        for label in printer.labels:
            if label.label_id == label_id:
                return Response(label.png, media_type="image/png")
        raise HTTPException(404, f"no label {label_id}")

    @app.get("/api/faults")
    async def get_faults() -> list[dict[str, Any]]:
        active = faults.active()
        return [
            {
                "name": fault.name,
                "zh": fault.zh,
                "en": fault.en,
                "per_channel": fault.per_channel,
                "on": faults.is_on(fault.name),
                "channels": [channel for name, channel in active if name == fault.name and channel is not None],
            }
            for fault in bench.faults.known
        ]

    @app.post("/api/faults")
    async def set_fault(wanted: FaultIn) -> list[dict[str, Any]]:
        runner.catch_up()
        try:
            faults.switch(wanted.name, wanted.on, wanted.channel)
        except KeyError as unknown:
            raise HTTPException(404, f"no fault {wanted.name}") from unknown
        except ValueError as wrong:
            raise HTTPException(422, str(wrong)) from wrong
        return await get_faults()

    @app.get("/api/channels")
    async def get_channels() -> dict[str, Any]:
        runner.catch_up()
        return {
            "channels": [
                {
                    "channel": number,
                    **_goods(each.container),
                    "state": each.state.name.lower(),
                    "doses": each.dose_counter,
                }
                for number, each in plant.channels.items()
            ],
            "bottles": [_goods(bottle) for bottle in plant.bottles.values()],
        }

    @app.post("/api/channels")
    async def set_channels(wanted: ChannelsIn) -> dict[str, Any]:
        runner.catch_up()
        loads = [(each.channel, each.container()) for each in wanted.channels]
        bottles = [each.container() for each in wanted.bottles]
        for number, _ in loads:
            if number not in plant.channels:
                raise HTTPException(404, f"there is no channel {number}")
        try:
            for number, container in loads:
                plant.load(number, container)
        except Busy as busy:
            raise HTTPException(409, str(busy)) from busy
        plant.bottles.update({bottle.product.name: bottle for bottle in bottles})
        return await get_channels()

    @app.get("/api/codes")
    async def get_codes() -> list[Code]:
        return codes

    @app.post("/api/codes")
    async def set_codes(wanted: CodesIn) -> list[Code]:
        codes[:] = wanted.codes
        return codes

    @app.get("/api/speed")
    async def get_speed() -> dict[str, float]:
        return {"speed": runner.speed}

    @app.post("/api/speed")
    async def set_speed(wanted: SpeedIn) -> dict[str, float]:
        runner.speed = wanted.speed
        return {"speed": runner.speed}

    return app
