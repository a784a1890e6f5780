"""The desk's page of the bench: tubes, and what the channels have learned; who may, lets them begin anew."""

from __future__ import annotations

from sqlalchemy import Connection

from kiosk_ui.models.office import Field, FormView, Table
from store_service.equipment import care, commands
from store_service.equipment.bench import Figure, Known
from store_service.records.desk import Actor
from store_service.shop import Shop, Station

from .office import Answer, Page, Told
from .office_after import Shown
from .office_typed import g, on

COLUMNS = ("bench", "channel", "product", "lot", "tube", "age", "flow", "lag", "yield", "tail", "void", "doses", "last")
UNITS = {"flow_mg_s": 0, "lag_s": 3, "yield_mg_per_ul": 3, "tail_s": 3, "void_mg": 0}
APART = " / "
MOST_CHANNELS = 32


def _figure(one: Figure, decimals: int) -> str:
    """Mean, spread, and how many doses it comes from."""
    return f"{one.mean:.{decimals}f} ± {one.sd:.{decimals}f} ({one.count})"


def _row(bench_id: str, one: Known) -> tuple[str, ...]:
    figures = (_figure(one.figures[name], decimals) for name, decimals in UNITS.items())
    return (bench_id, str(one.channel), one.product_id, one.lot_no or "—", str(one.tube), g(one.pumped_mg), *figures,
            str(one.doses), one.last)  # fmt: skip


def _name(bench_id: str, one: Known) -> str:
    """The row as it stands in the list: what the form sends back."""
    return APART.join((bench_id, str(one.channel), one.product_id, one.lot_no or "—", str(one.tube)))


def _rows(shop: Shop) -> dict[str, tuple[Station, Known]]:
    return {
        _name(bench_id, one): (station, one)
        for bench_id, station in shop.stations.items()
        for one in station.devices.learned()
    }


def _bench(shop: Shop, connection: Connection) -> Shown:
    rows = _rows(shop)
    tubes = tuple(
        (bench_id, str(one.channel), one.fitted, g(one.pumped_mg),
         "—" if one.lost_bp is None else f"{one.lost_bp / 100:.1f} %", on(one.change_on))
        for bench_id, station in shop.stations.items()
        for one in station.devices.tubes()
    )  # fmt: skip
    tables = (
        Table("learned", COLUMNS, tuple(_row(station.settings.bench_id, one) for station, one in rows.values())),
        Table("tubes", ("bench", "channel", "fitted", "age", "worn", "change_on"), tubes),
    )
    forms = []
    if rows:
        forms.append(
            FormView("forget", (Field("learned", "select", tuple(rows), plain=True), Field("sure_forget", "tick")))
        )
    benches = Field("bench", "select", tuple(shop.stations), plain=True)
    forms.append(FormView("fit_tube", (benches, Field("tube_channel", "number"), Field("sure_tube", "tick"))))
    return tables, tuple(forms)


def _forget(shop: Shop, actor: Actor, t: Told) -> Answer:
    if not t("sure_forget"):
        raise ValueError("sure: is not ticked")
    found = _rows(shop).get(t("learned"))
    if found is not None:
        station, one = found
        known = (one.channel, one.product_id, one.lot_no, one.tube)
        commands.forget_learned(shop.desk, actor, station.settings.bench_id, station.devices, known)
    return None


def _fit_tube(shop: Shop, actor: Actor, t: Told) -> Answer:
    if not t("sure_tube"):
        raise ValueError("sure: is not ticked")
    number = t("tube_channel")
    if not number.isdecimal() or not 1 <= int(number) <= MOST_CHANNELS:
        raise ValueError("tube_channel: is no channel")
    station = shop.station_of(t("bench"))
    care.fit_tube(shop.desk, actor, station.settings, station.devices, int(number))
    return None


bench = Page(_bench, {"forget": _forget, "fit_tube": _fit_tube})
