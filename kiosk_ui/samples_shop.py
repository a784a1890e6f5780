"""Sample view models of the shop around the service: opening, receiving, devices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from . import models as m
from .kiosk.receive import DATES, DIGITS, FIELDS
from .models import Words
from .samples_service import BOOST, BRIEF, NOW

TASKS: tuple[Literal["fitness", "room", "check-weigh", "cleaning"], ...] = (
    "fitness",
    "room",
    "check-weigh",
    "cleaning",
)
_STATED = ("product_id", "lot_no", "expiry", "product_name", "filing_number", "use_period")
_TYPED = {
    "quantity": "12",
    "net_content": "500 g",
    "purchase_date": "2026-11-22",
    "inspection_ref": "QC-260311",
    "supplier_name": "示例化妆品有限公司",
    "supplier_address": "上海市示例区虚构路 1 号",
    "container_id": "C-401",
    "net_g": "500",
}
RECEIVE = m.ReceiveScreen(
    BOOST,
    "沪G妆网备字202699****",
    "L260311",
    None,
    tuple(
        m.ReceiveField(
            name,
            words,
            _TYPED.get(name, ""),
            Words("缺少这一项", "Missing") if name == "supplier_contact" else None,
            "digits" if name in DIGITS else "date" if name in DATES else "text",
        )
        for name, words in FIELDS.items()
        if name not in _STATED or name == "expiry"
    ),
    listed=True,
)


def tasks(done: int) -> tuple[m.ShiftTask, ...]:
    details = (None, Words("22.5 °C · 48.0 %", "22.5 °C · 48.0 %"), Words("100 g · 20 g", "100 g · 20 g"), None)
    return tuple(
        m.ShiftTask(key, n < done, NOW if n < done else None, details[n] if n < done else None)
        for n, key in enumerate(TASKS)
    )


def health() -> m.HealthScreen:
    good = NOW - timedelta(seconds=2)
    return m.HealthScreen(
        (
            m.DeviceRow(
                "scale", "XPR-10", "ok", Words("稳定，检定有效至 2027-03-31", "Stable, verified until 2027-03-31"), good
            ),
            m.DeviceRow("dispenser", "demo_quad", "ok", Words("四个工位均应答", "All four channels answer"), good),
            m.DeviceRow(
                "printer",
                "P-80",
                "down",
                Words("标签纸用完", "Out of labels"),
                NOW - timedelta(minutes=4),
                (Words("装入 72 × 60 mm 标签纸", "Load 72 × 60 mm labels"), Words("合上上盖", "Close the cover")),
            ),
            m.DeviceRow("clock", "", "ok", Words("与总部相差 0.2 秒", "0.2 s from head office"), good),
            m.DeviceRow(
                "head_office",
                "",
                "warn",
                Words("40 分钟未联系上", "Not reached for 40 minutes"),
                NOW - timedelta(minutes=40),
            ),
        )
    )


def ready(ok: bool) -> m.ReadyScreen:
    return m.ReadyScreen(
        (
            m.ReadyCheck("people", True, Words("质量安全员在岗", "Officer on duty")),
            m.ReadyCheck("room", True, Words("22.5 °C · 48.0 %", "22.5 °C · 48.0 %")),
            m.ReadyCheck(
                "devices", True, Words("秤、泵、打印机应答", "Scale, pumps, printer answer"), "/kiosk/devices"
            ),
            m.ReadyCheck(
                "cleaning",
                ok,
                Words("09:10 完成" if ok else "已过 12 小时", "Done 09:10" if ok else "Over 12 hours ago"),
                None if ok else "/kiosk/shift",
            ),
            m.ReadyCheck("scope", True, Words("至 2027-09-30", "Until 2027-09-30")),
        ),
        signed_in=ok,
        open_units=(BRIEF, replace(BRIEF, unit_id="u2", state="parked", tag="7", mass_mg=20_012)) if ok else (),
    )


LICENCE = m.AheadRow("R-SCP-09", Words("化妆品生产许可证", "the production licence"), date(2026, 12, 20), 28)
EXAM = m.AheadRow("R-PPL-03", Words("s-03 的考核", "s-03: examination"), date(2026, 11, 29), 7)
DOCUMENT = m.ReadyRow(
    "R-SYN-02",
    Words("制度文件齐全且现行", "The system documents are there and in force"),
    Words("这些文件今天不在有效期内：清洁消毒制度。", "These documents are not in force today: cleaning."),
    Words("请总部更新文件。", "Ask head office to renew the document."),
)
CLEANING = m.ReadyRow(
    "R-BLD-13",
    Words("清洁消毒", "Cleaning and disinfection"),
    Words("工位今天还没有清洁。", "The bench was not cleaned today."),
    Words("请清洁并记录。", "Clean it and record it."),
    m.Way(Words("去清洁", "Clean"), "/kiosk/shift"),
)
ROLE = m.ReadyRow(
    "R-PPL-03",
    Words("调配人员经授权", "Staff are authorised"),
    Words("s-02 的岗位是质量安全员，此步骤需要调配人员。", "s-02 works as officer; this step needs: blender."),
    Words("请调配人员签到操作。", "Have a blender sign in."),
    m.Way(Words("换人登录", "Another person signs in"), "/kiosk/sign-in"),
)
CLERKS = (Words("店员甲", "Clerk A"), Words("店员丙", "Clerk C"))
MAY_WORK = m.MayWorkScreen(True, True, able=CLERKS, ahead=(LICENCE,))
OTHERS_MAY_WORK = m.MayWorkScreen(True, True, own=(ROLE,), able=CLERKS, ahead=(LICENCE,))
MAY_NOT_WORK = m.MayWorkScreen(
    False,
    True,
    missing=(DOCUMENT, CLEANING),
    notes=(replace(DOCUMENT, message=Words("试点还有 60 天结束。", "The pilot ends in 60 days.")),),
    ahead=(EXAM, LICENCE),
    stops=(m.StopRow(Words("原料批停用", "Lots stopped"), ("SRC-HYDRA/HS2609A",), NOW),),
)
ASKS_FIRST = m.MayWorkScreen(
    True,
    True,
    warnings=(replace(DOCUMENT, rule="R-SCP-16", message=Words("整改通知将到期。", "An order is due.")),),
    ahead=(EXAM, LICENCE),
    seconds=(m.SecondRow("R-SYN-02", DOCUMENT.title, Words("店员甲", "Clerk A"), NOW, "/gallery/second"),),
    reasons=(
        m.Item("checked", Words("已当场核实", "Checked on the spot")),
        m.Item("arranged", Words("已安排办理", "Being dealt with")),
    ),
)
SECOND = m.SecondScreen(
    "shift 2026-11-22",
    "R-SYN-02",
    DOCUMENT.title,
    DOCUMENT.message,
    Words("店员甲", "Clerk A"),
    (m.StaffTile("s-02", Words("店员乙", "Clerk B"), Words("质量安全员", "Safety officer")),),
)
OFFICE = m.SecondEnd(Words("hq-01", "hq-01"), NOW, True)
SECOND_SIGNED = replace(SECOND, state="signed", end=OFFICE)
SECOND_DECLINED = replace(
    SECOND, state="declined", only_head_office=True, end=replace(OFFICE, reason="请先更新制度文件。")
)
SECOND_AGAIN = replace(SECOND, only_head_office=True)
