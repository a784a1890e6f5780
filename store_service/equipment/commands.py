"""What keeps a bench fit: cleaning, the room's climate, and what was learned of tubes."""

from __future__ import annotations

import structlog

from store_service.catalogue.queries import registers
from store_service.records.desk import Actor, Desk, Missing
from store_service.records.events.equipment import CleaningDone, RoomRecorded
from store_service.rules.checks.people import stands_as_officer
from store_service.rules.dates import beijing_date
from store_service.rules.refusal import Finding, Refused, Step, Verdict

from .bench import Bench

log = structlog.get_logger()


def clean(desk: Desk, actor: Actor, bench_id: str, what: str, agent: str, purged_mg: int = 0) -> None:
    """Tools and bench are cleaned and disinfected (R-BLD-13)."""
    with desk.act(actor.staff_id, {"cleaned": True}) as act:
        act.record(CleaningDone(bench_id=bench_id, what=what, agent=agent, purged_mg=purged_mg))


def record_room(desk: Desk, actor: Actor, temp_c10: int, rh_pct10: int) -> None:
    """Temperature in 0.1 °C and relative humidity in 0.1 % (R-BLD-14). Raises ValueError outside what air can be."""
    if not (-400 <= temp_c10 <= 600 and 0 <= rh_pct10 <= 1000):
        raise ValueError("room: temperature in 0.1 °C and humidity in 0.1 %")
    with desk.act(actor.staff_id, {"temp_c10": temp_c10, "rh_pct10": rh_pct10}) as act:
        act.record(RoomRecorded(temp_c10=temp_c10, rh_pct10=rh_pct10))


def forget_learned(desk: Desk, actor: Actor, bench_id: str, devices: Bench, known: tuple[int, str, str, int]) -> None:
    """What a channel has learned of (channel, product, lot, tube) begins anew. No mass on any record comes from it, so
    it is no event; who did it stands in the program's log. Raises Refused for anybody but an officer of this shop,
    Missing, DeviceTrouble in a dose.
    """
    _require_officer(desk, actor)
    if not devices.forget(known):
        raise Missing("learned", "/".join(map(str, known)))
    channel, product_id, lot_no, tube = known
    log.info(
        "learned.forgotten",
        bench=bench_id, channel=channel, product=product_id, lot=lot_no, tube=tube, by=actor.staff_id,
    )  # fmt: skip


def _require_officer(desk: Desk, actor: Actor) -> None:
    now = desk.now()
    with desk.read() as connection:
        staff = registers(connection, desk.site_id, now).staff
    row = staff.get(actor.staff_id)
    if row is not None and stands_as_officer(row, staff, desk.site, beijing_date(now)):
        return
    rule = desk.ruleset.rules["R-PPL-02"]
    no = Finding(
        "R-PPL-02",
        rule.title_zh,
        rule.title_en,
        "清除学习值由质量安全员来做。",
        "Forgetting what was learned is for the quality-safety officer.",
        {"staff_id": actor.staff_id},
        (Step("请质量安全员登录后再清除。", "Let the quality-safety officer sign in and do it.", None),),
    )
    raise Refused(Verdict("forget_learned", (no,), asked=("R-PPL-02",)))
