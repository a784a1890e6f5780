"""Every gallery page by name: its template and a sample model of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from . import models as m
from . import samples_care, samples_office, samples_qa, samples_seconds, samples_shelf
from . import samples_shop as shop
from .models import Frame, Words
from .samples_service import (
    ALLERGEN,
    BASE,
    BLEND,
    BOOST,
    CLEARANCE,
    CONSENT,
    CUP,
    DOSING,
    DRY_ROOM,
    FORMULA,
    FRAME,
    GAUGE,
    HANDOVER_UNIT,
    HELD,
    IMAGE_CONSENT,
    LABEL,
    LOTS,
    NO_WAY,
    NOW,
    OFFICER,
    OPENED_TOO_LONG,
    POUR,
    QUESTIONS,
    RERATIO,
    RESUME,
    RINSE,
    SERVICE,
    SOOTHE,
    STAFF,
    TOLD,
    UNIT,
    VERDICT,
    WEIGH,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One gallery page: its template, its frame where it has one, and the rest of its model."""

    template: str
    frame: Frame | None = None
    model: dict[str, Any] = field(default_factory=dict)

    @property
    def context(self) -> dict[str, Any]:
        return {**self.model, "frame": self.frame} if self.frame else dict(self.model)


def _kiosk(template: str, screen: object, step: int | None = None, *, sheet: object = None, **frame: Any) -> Sample:
    return Sample(f"kiosk/{template}.html", replace(FRAME, step=step, **frame), {"screen": screen, "sheet": sheet})


_SCAN = {"scan_url": f"{UNIT}/scan"}
_DOSE: dict[str, Any] = {"busy": True, "personal": True}
SAMPLES: dict[str, Sample] = {
    "00-ready": _kiosk("ready", shop.ready(True)),
    "00-ready-others": _kiosk("ready", replace(shop.ready(True), own=shop.ROLE.message)),
    "00-not-ready": _kiosk("ready", shop.ready(False), person=None, head_office_away=True),
    "01-sign-in": _kiosk("sign_in", m.SignInScreen(STAFF, "E01"), 1, person=None, scan_url="/kiosk/sign-in"),
    "01-wrong-pin": _kiosk("sign_in", m.SignInScreen(STAFF, "E01", "wrong_pin", 4), 1, person=None),
    "02-consent": _kiosk("consent", CONSENT, 2, personal=True, scan_url="/kiosk/service/s1/consent"),
    "03-one": _kiosk("consultation", m.ConsultationScreen(SERVICE, QUESTIONS["one"], 1, 7), 3, personal=True),
    "03-many": _kiosk("consultation", m.ConsultationScreen(SERVICE, QUESTIONS["many"], 3, 7), 3, personal=True),
    "03-number": _kiosk("consultation", m.ConsultationScreen(SERVICE, QUESTIONS["number"], 2, 7), 3, personal=True),
    "03-photo": _kiosk("photo", m.PhotoScreen(SERVICE, IMAGE_CONSENT), 3, personal=True),
    "03-photo-kept": _kiosk("photo", m.PhotoScreen(SERVICE, IMAGE_CONSENT, date(2026, 12, 22)), 3, personal=True),
    "04-formula": _kiosk("formula", FORMULA, 4, personal=True),
    "05-allowed": _kiosk("verdict", VERDICT, 5, personal=True),
    "05-warned": _kiosk("verdict", replace(VERDICT, warnings=(DRY_ROOM,)), 5, personal=True),
    "05-refused": _kiosk(
        "verdict",
        replace(
            VERDICT,
            refusals=(ALLERGEN,),
            alternatives=(
                m.Alternative(
                    Words("保湿乳液（无香）", "Lotion without fragrance"),
                    Words("不含香料，其余相同", "No fragrance, else the same"),
                    "use:E7",
                ),
            ),
        ),
        5,
        personal=True,
    ),
    "05-officer": _kiosk("officer", OFFICER, 5, personal=True),
    "06-lots": _kiosk("lots", m.LotsScreen("u1", BLEND, LOTS, CLEARANCE), 6, **_SCAN),
    "06-lots-done": _kiosk(
        "lots", m.LotsScreen("u1", BLEND, (*LOTS[:2], replace(LOTS[1], name=SOOTHE, state="ok")), CLEARANCE), 6, **_SCAN
    ),
    "06-refused": _kiosk(
        "lots",
        m.LotsScreen("u1", BLEND, LOTS, CLEARANCE),
        6,
        **_SCAN,
        sheet=m.RefusalSheet(
            (OPENED_TOO_LONG,),
            None,
            (m.Offer("C-233", BASE, Words("C-233 · 货架", "C-233 · shelf"), 412_000),),
        ),
    ),
    "06-cup": _kiosk("cup", CUP, 6, **_SCAN),
    "07-dosing": _kiosk("dosing", DOSING, 7, **_DOSE),
    "07-live": _kiosk("dosing", replace(DOSING, live_url="/gallery/live"), 7, **_DOSE),
    "07-in-band": _kiosk(
        "dosing", replace(DOSING, gauge=replace(GAUGE, mg=5_004, state="in_band"), seconds_left=None), 7, **_DOSE
    ),
    "07-over": _kiosk(
        "dosing", replace(DOSING, gauge=replace(GAUGE, mg=5_112, state="over"), seconds_left=None), 7, **_DOSE
    ),
    "07-lost": _kiosk("dosing", replace(DOSING, gauge=replace(GAUGE, state="lost", stable=False, age_s=4)), 7, **_DOSE),
    "07-pour": _kiosk("dosing", POUR, 7, **_DOSE),
    "07-pour-over": _kiosk(
        "dosing",
        replace(
            POUR, gauge=replace(GAUGE, mg=5_400, state="over"), over_help="还能救：基底乳液改为 11.600 g，整件 20.000 g"
        ),
        7,
        **_DOSE,
    ),
    "07-reratio": _kiosk("reratio", RERATIO, 7, busy=True),
    "07-larger": _kiosk(
        "reratio", replace(RERATIO, fill_mg=21_600, rows=(*RERATIO.rows[:2], replace(RERATIO.rows[2], to_mg=13_200))), 7
    ),
    "07-no-way": _kiosk("reratio", NO_WAY, 7, busy=True),
    "07-held": _kiosk("held", HELD, None, busy=True),
    "07-two-refusals": _kiosk("dosing", DOSING, 7, sheet=m.RefusalSheet((OPENED_TOO_LONG, ALLERGEN)), **_DOSE),
    "08-weigh": _kiosk("weigh", WEIGH, 8, busy=True),
    "08-inspect": _kiosk(
        "weigh",
        replace(
            WEIGH,
            stage="inspect",
            gross_mg=38_986,
            content="20.0 g",
            mixing=Words("轻轻翻转 20 次，静置 1 分钟", "Turn over gently 20 times, rest 1 minute"),
            to_mix=True,
            appearance=Words("乳白色均匀乳液", "Milk-white even lotion"),
        ),
        8,
    ),
    "08-sign": _kiosk(
        "weigh",
        replace(
            WEIGH,
            stage="sign",
            gross_mg=38_986,
            corrections=(m.Correction(BOOST, 5_400, 5_000, 20_000, 20_000),),
            signing=m.Signing(
                Words(
                    "我已核对质量、外观与记录，同意放行。",
                    "I have checked mass, appearance and record, and release it.",
                ),
                STAFF[1:3],
                "9f3c 71ab",
            ),
        ),
        8,
    ),
    "09-label": _kiosk("label", LABEL, 9),
    "09-printed": _kiosk(
        "label", replace(LABEL, parts=(replace(LABEL.parts[0], state="printed"),)), 9, scan_url=f"{UNIT}/scan-back"
    ),
    "09-two": _kiosk("label", replace(LABEL, parts=(LABEL.parts[0], replace(LABEL.parts[0], number=2))), 9),
    "09-jam": _kiosk("label", replace(LABEL, printer="jam"), 9),
    "09-second": _kiosk("label", replace(LABEL, printer="paused", second="ready", void=("SH0042-7KQ2M9XD3V8TB",)), 9),
    "09-both": _kiosk("label", replace(LABEL, printer="ribbon_out", second="cover_open"), 9),
    "10-handover": _kiosk(
        "handover",
        m.HandoverScreen(
            SERVICE,
            (HANDOVER_UNIT, replace(HANDOVER_UNIT, name=BASE, content="15.0 g")),
            TOLD,
            "400-000-0000",
            asks_contact=True,
        ),
        10,
        personal=True,
    ),
    "11-done": _kiosk("done", m.DoneScreen(("沪-261122-310001-0017-K", "沪-261122-310001-0018-3"), 9, NOW, RINSE), 11),
    "d8-resume": _kiosk("resume", RESUME, 7, busy=True),
    "d8-empty": _kiosk(
        "resume",
        replace(
            RESUME,
            same_cup=None,
            why=Words("加料停了：质量不再增加。", "Dosing stopped: the mass no longer rises."),
            remedy=Words("看一下容器：空了就换一个再扫。", "Look at the container: if it is empty, scan the next one."),
            container="C-102",
            cup_code="P-30-2609",
            may_be_empty=True,
            next_container=m.Offer("C-122", BASE, Words("C-122 · 通道 2", "C-122 · channel 2"), 212_000),
        ),
        7,
        scan_url=f"{UNIT}/scan",
        busy=True,
    ),
    "d8-other-cup": _kiosk("resume", replace(RESUME, gross_now_mg=33_120, same_cup=False), 7, busy=True),
    "fault": _kiosk("fault", m.FaultScreen("fault", "9F3C71AB")),
    "missing": _kiosk("fault", m.FaultScreen("missing")),
    "clock": _kiosk("clock", m.ClockScreen(NOW, confirmed=False)),
    "may-work": _kiosk("may_work", shop.MAY_WORK),
    "others-may-work": _kiosk("may_work", shop.OTHERS_MAY_WORK),
    "may-not-work": _kiosk("may_work", shop.MAY_NOT_WORK),
    "may-work-asks": _kiosk("may_work", shop.ASKS_FIRST),
    "second": _kiosk("second", shop.SECOND),
    "second-signed": _kiosk("second", shop.SECOND_SIGNED),
    "second-declined": _kiosk("second", shop.SECOND_DECLINED),
    "second-again": _kiosk("second", shop.SECOND_AGAIN),
    "d1-devices": _kiosk("health", shop.health()),
    "shelf": _kiosk("shelf", samples_shelf.SHELF, scan_url="/kiosk/shelf"),
    "shelf-empty": _kiosk("shelf", samples_shelf.EMPTY, scan_url="/kiosk/shelf"),
    "supplies": _kiosk("supplies", samples_shelf.SUPPLIES),
    "care": _kiosk("care", samples_care.CARE),
    "care-scale": _kiosk("care_scale", samples_care.CARE),
    "care-new": _kiosk("care", samples_care.NEW),
    "care-scale-new": _kiosk("care_scale", samples_care.NEW),
    "receive": _kiosk("receive", shop.RECEIVE, scan_url="/kiosk/receive"),
    "receive-empty": _kiosk(
        "receive", m.ReceiveScreen(None, None, None, None, shop.RECEIVE.fields), scan_url="/kiosk/receive"
    ),
    "shift-fitness": _kiosk(
        "shift",
        m.ShiftScreen(
            shop.tasks(0),
            "fitness",
            statements=(
                m.Item("no_fever", Words("没有发热、腹泻", "No fever, no diarrhoea")),
                m.Item("no_wound", Words("手部没有伤口或皮肤感染", "No wound or infection on the hands")),
                m.Item("clean", Words("已洗手消毒，着工作服", "Hands disinfected, working clothes on")),
            ),
        ),
    ),
    "shift-room": _kiosk("shift", m.ShiftScreen(shop.tasks(1), "room")),
    "shift-weigh": _kiosk(
        "shift",
        m.ShiftScreen(
            shop.tasks(2),
            "check-weigh",
            weights=(m.CheckWeight(100_000, 30, 100_004), m.CheckWeight(20_000, 20)),
            live_url="/gallery/still",
            live_mg=20_002,
        ),
    ),
    "shift-cleaning": _kiosk("shift", m.ShiftScreen(shop.tasks(3), "cleaning", cleaning=RINSE)),
    "shift-open": _kiosk("shift", m.ShiftScreen(shop.tasks(4), None)),
    "qa-units": Sample("qa/units.html", model={"list": samples_qa.UNITS}),
    "qa-none": Sample("qa/units.html", model={"list": replace(samples_qa.UNITS, rows=(), total=0, next_url=None)}),
    "qa-unit": Sample("qa/unit.html", model={"unit": samples_qa.UNIT}),
    **{f"trace-{name}": Sample("trace/unit.html", model={"unit": unit}) for name, unit in samples_qa.TRACES.items()},
    "office-seconds": Sample("qa/seconds.html", model={"screen": samples_seconds.QUEUE}),
    "office-second": Sample(
        "qa/second.html",
        model={"one": samples_seconds.TYPED, "people": samples_seconds.PEOPLE, "wrong": None, "typed": ""},
    ),
    "office-second-wrong": Sample(
        "qa/second.html",
        model={
            "one": samples_seconds.ORDER,
            "people": samples_seconds.PEOPLE,
            "wrong": samples_seconds.WRONG,
            "typed": "请先复核",
        },
    ),
    "office-bench": Sample("qa/office.html", model={"office": samples_office.BENCH, "findings": ()}),
}
