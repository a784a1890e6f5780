"""From a rule's next step to the kiosk's screen for it: one button on the refusal sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from kiosk_ui.models import Way, Words
from store_service.rules.refusal import Finding

READY = "/kiosk/ready"
SECOND = f"{READY}/second"


@dataclass(frozen=True, slots=True)
class Where:
    """What the sheet lies over: the path, and the service and unit that the path belongs to."""

    path: str
    service_id: str | None = None
    unit_id: str | None = None


Make = Callable[[Where, Finding], Way | None]


def _link(zh: str, en: str, href: str) -> Make:
    return lambda where, _: Way(Words(zh, en), href)


def _service(zh: str, en: str, part: str) -> Make:
    def make(where: Where, _: Finding) -> Way | None:
        return Way(Words(zh, en), f"/kiosk/service/{where.service_id}/{part}") if where.service_id else None

    return make


def _end(where: Where, _: Finding) -> Way | None:
    if where.service_id is None:
        return None
    return Way(Words("结束服务", "End service"), f"/kiosk/service/{where.service_id}/end", post=True)


def _discard(where: Where, _: Finding) -> Way | None:
    if where.unit_id is None:
        return None
    return Way(Words("登记偏差并作废", "Discard with deviation"), f"/kiosk/unit/{where.unit_id}/discard", post=True)


def _empty(where: Where, found: Finding) -> Way | None:
    container = str(found.facts.get("container_id", ""))
    if where.unit_id is None or not container:
        return None
    words = Words(f"{container} 已经用空", f"{container} is empty")
    return Way(words, f"/kiosk/unit/{where.unit_id}/empty", post=True, fields=(("code", container),))


def _back(where: Where, _: Finding) -> Way | None:
    return Way(Words("按当前步骤继续", "Go to the current step"), where.path)


def second_place(subject: str, rule: str, back: str = READY) -> str:
    """The screen on which one request for a second person waits; `back` is where the first person goes on."""
    return f"{SECOND}?{urlencode({'subject': subject, 'rule': rule, 'back': back})}"


def _second(where: Where, found: Finding) -> Way | None:
    if where.unit_id is None or not found.second_person:
        return None
    words = Words("请第二人签字", "A second person signs")
    return Way(words, second_place(where.unit_id, found.rule, where.path))


def _decide(where: Where, _: Finding) -> Way | None:
    if where.unit_id is None:
        return None
    return Way(Words("看调整后的用量", "Look at the new amounts"), f"/kiosk/unit/{where.unit_id}")


SHIFT = "/kiosk/shift"
FORMULA = _service("修改配方", "Change formula", "formula")
WAYS: dict[str, Make] = {
    "choose_formula": FORMULA,
    "choose_fill": FORMULA,
    "choose_pack": FORMULA,
    "choose_product": FORMULA,
    "add_unit": FORMULA,
    "open_consultation": _service("回到问询", "Back to the questions", "consultation"),
    "show_consent": _service("回到告知同意", "Back to the consents", "consent"),
    "show_notice": _service("回到告知同意", "Back to the consents", "consent"),
    "officer_decision": _service("请安全员决定", "Ask the officer", "officer"),
    "returned": _link("登记退回", "Enter as returned", "/kiosk/office/returns"),
    "office": _link("人工决定", "A person decides", "/kiosk/office/rights"),
    "end_service": _end,
    "discard": _discard,
    "mark_empty": _empty,
    "reratio": _decide,
    "check_weigh": _link("砝码核查", "Check the scale", SHIFT),
    "clean": _link("去清洁", "Clean", "/kiosk/care/scale"),
    "record_room": _link("记录温湿度", "Record the room", SHIFT),
    "open_shift": _link("开班检查", "Open the shift", SHIFT),
    "receive_lot": _link("原料入库", "Receive a lot", "/kiosk/receive"),
    "confirm_clock": _link("核对时钟", "Look at the clock", "/kiosk/clock"),
    "switch_person": _link("换人登录", "Another person signs in", "/kiosk/sign-in"),
    "sync": _link("查看连接", "Look at the connection", "/kiosk/devices"),
    "readiness": _link("现在可以工作吗", "May I work now?", READY),
    "devices": _link("查看设备", "Look at the devices", "/kiosk/devices"),
    "reload": _back,
    "second_person": _second,
}


def way_of(findings: Sequence[Finding], where: Where) -> Way | None:
    """The first next step that has a screen; None when the screen below the sheet is the place to go on."""
    for found in findings:
        for step in found.next_steps:
            word, _, rest = (step.act or "").partition(":")
            if word == "unit":
                return Way(Words("去那一件", "Go to that unit"), f"/kiosk/unit/{rest}")
            make = WAYS.get(word)
            way = make(where, found) if make else None
            if way is not None:
                return way
    return None
