"""Sample view models of the shop around the service: opening, receiving, devices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from . import models as m
from .models import Words
from .samples_service import BOOST, BRIEF, NOW

TASKS: tuple[Literal["fitness", "room", "check-weigh", "cleaning"], ...] = (
    "fitness",
    "room",
    "check-weigh",
    "cleaning",
)
RECEIVE = m.ReceiveScreen(
    BOOST,
    "沪G妆网备字2026999992",
    "L260311",
    date(2028, 3, 31),
    (
        m.ReceiveField("quantity", Words("数量（件）", "Quantity (packs)"), "12", keys="digits"),
        m.ReceiveField("net_content", Words("净含量", "Net content"), "500 g"),
        m.ReceiveField("supplier", Words("供货者", "Supplier"), "示例化妆品有限公司"),
        m.ReceiveField(
            "supplier_contact",
            Words("供货者地址与电话", "Supplier's address and phone"),
            "",
            Words("缺少这一项", "Missing"),
        ),
        m.ReceiveField("purchased", Words("购进日期", "Purchased"), "2026-11-22", keys="date"),
        m.ReceiveField("inspection_ref", Words("出厂检验合格证明", "Release certificate"), "QC-260311"),
    ),
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
