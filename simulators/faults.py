"""Faults that can be switched on and off by name. The wires and the plant ask this board; each has words for people."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.plant import Container, Cup, Plant
from simulators.plant.shaking import HAND_MG, THING_MG


@dataclass(frozen=True, slots=True)
class Fault:
    name: str
    zh: str
    en: str
    per_channel: bool = False


FAULTS: tuple[Fault, ...] = (
    Fault("scale_unplugged", "天平数据线被拔下", "Scale cable pulled out: the line drops and cannot be opened"),
    Fault("scale_silent", "天平不再发送数据，线路仍通", "Scale falls silent: the line stays open, no line comes"),
    Fault("scale_frozen", "天平一直重复同一个读数", "Scale repeats the same reading for ever"),
    Fault("scale_garbage", "天平发出乱码", "Scale sends garbage bytes"),
    Fault("scale_wrong_unit", "天平单位被改成盎司", "Scale was switched to ounces"),
    Fault("scale_overload", "天平卡在超载", "Scale is stuck in overload"),
    Fault("scale_underload", "天平卡在欠载", "Scale is stuck in underload"),
    Fault("scale_stuck_stable", "天平的稳定标志卡住", "The stable flag is stuck: every reading claims rest"),
    Fault(
        "scale_never_stable",
        "天平一直显示不稳定（?）",
        "Scale never comes to rest: every reading says that it moves (?)",
    ),
    Fault("scale_tared", "有人在天平上按了去皮", "Somebody pressed the scale's own tare key"),
    Fault(
        "scale_renumbered", "USB 端口换了编号，原地址上是别的设备", "USB was renumbered: another device answers there"
    ),
    Fault("scale_not_ready", "天平一直回答“忙”（S I）", "Scale answers S I: cannot weigh now"),
    Fault("scale_late", "天平每次回答都迟 0.7 秒", "Every answer of the scale is 0.7 s late"),
    Fault("scale_split", "天平的数据被拆成小段到达", "Frames of the scale arrive in pieces"),
    Fault("scale_joined", "天平的数据成批到达", "Frames of the scale arrive in batches, joined"),
    Fault("pump_requests_lost", "泵的命令线断开，命令到不了", "Pump line cut towards the pump: requests are lost"),
    Fault("pump_replies_lost", "泵的回答线断开，回答回不来", "Pump line cut from the pump: replies are lost"),
    Fault("pump_start_reply_lost", "泵启动了，但启动的回答丢失", "Pump starts, but the reply to the start is lost"),
    Fault("pump_stop_lost", "停泵命令丢失", "Stop commands to the pump are lost"),
    Fault("pump_exception_4", "泵对所有命令回答“设备故障”", "Pump answers everything with exception 4, device failure"),
    Fault("pump_exception_6", "泵回答“忙”，只听停止命令", "Pump answers writes with exception 6, busy; it still stops"),
    Fault("pump_stalled", "泵的电机卡住", "Pump motor stalls", per_channel=True),
    Fault("pump_stop_pressed", "急停按钮被按下", "Emergency stop is pressed"),
    Fault("container_empty", "容器空了", "Container runs empty", per_channel=True),
    Fault("air_bubble", "管路中有气泡", "An air bubble is in the tube", per_channel=True),
    Fault("cup_removed", "杯子被拿走", "Cup is lifted off the pan"),
    Fault("cup_bumped", "杯子不断被碰到", "Cup is bumped again and again"),
    Fault("cup_touched", "有手扶在杯子上", "A hand rests on the cup"),
    Fault("pan_overloaded", "秤盘上压了重物", "Something heavy was laid on the pan"),
    Fault("vibration", "台面振动", "The table vibrates"),
    Fault("printer_paper_out", "打印机缺纸", "Printer is out of paper"),
    Fault("printer_cover_open", "打印机开盖", "Printer cover is open"),
    Fault("printer_jam", "打印机在标签中间卡纸", "Printer jams in the middle of a label"),
    Fault("printer_offline", "打印机断网", "Printer is off the network"),
    Fault("printer_ribbon_out", "打印机碳带用完", "Printer is out of ribbon (TSPL, ZPL)"),
    Fault("printer_paused", "打印机被按了暂停", "Printer is paused"),
    Fault("printer_paper_ends", "打印到一半标签纸用完", "Paper runs out in the middle of a label"),
    Fault("printer_never_done", "打印机一直说“正在打印”", "Printer never says that it has finished (TSPL, ZPL)"),
    Fault("printer_line_cut", "标签打出后网线断开", "Line is lost when the label is out, before the printer says so"),
)
FAULTS += tuple(
    Fault(one.name.replace("printer_", "printer2_"), f"第二台：{one.zh}", f"Second printer: {one.en}")
    for one in FAULTS
    if one.name.startswith("printer_")
)


MODEL_FAULTS: tuple[Fault, ...] = (
    Fault("pump_unplugged", "泵的数据线被拔下", "Pump cable pulled out: the line drops and cannot be opened"),
    Fault("pump_reply_late", "泵的回答迟到", "Every answer of the pump comes after its host has given up"),
    Fault("pump_exception_5", "泵回答“已收到，仍在处理”，只听停止命令", "Pump answers writes with exception 5"),
    Fault("pump_noise", "线路干扰，校验错误", "Noise on the pump's line: answers fail their check"),
    Fault("pump_local_key", "泵被面板按键停下并锁定", "The pump's own key was pressed: it stands and takes no start"),
    Fault("pump_rs485_off", "驱动板的 RS-485 控制被关闭", "The drive board's RS-485 control is off"),
    Fault("relay_lost", "继电器通信线断开", "The line to the dead-man relay is cut"),
    Fault("relay_welded", "继电器触点粘住", "The dead-man relay's contact is welded shut"),
)
"""Those of the pumps and relays that can stand in for the four-channel dispenser (wire/pumps.py)."""


class FaultBoard:
    """Which faults are on. Those of cup, container, motor and table act on the plant at once."""

    def __init__(self, plant: Plant, known: tuple[Fault, ...] = FAULTS) -> None:
        self._plant = plant
        self._on: set[tuple[str, int | None]] = set()
        self._known = {fault.name: fault for fault in known}
        self._hidden: dict[int, Container] = {}
        self._lifted: Cup | None = None

    @property
    def known(self) -> tuple[Fault, ...]:
        """Every fault that can be switched here."""
        return tuple(self._known.values())

    def is_on(self, name: str) -> bool:
        """Whether that fault is on, on any channel."""
        return any(each == name for each, _ in self._on)

    def active(self) -> list[tuple[str, int | None]]:
        return sorted(self._on, key=lambda item: (item[0], item[1] or 0))

    def switch(self, name: str, on: bool, channel: int | None = None) -> None:
        """Switch a fault. KeyError: unknown name. ValueError: a channel is missing, unknown or not asked for."""
        fault = self._known[name]
        if fault.per_channel != (channel is not None):
            raise ValueError(f"{name} {'needs a' if fault.per_channel else 'has no'} channel")
        if channel is not None and channel not in self._plant.channels:
            raise ValueError(f"there is no channel {channel}")
        key = (name, channel)
        if on == (key in self._on):
            return
        if on:
            self._on.add(key)
        else:
            self._on.discard(key)
        self._act(name, on, channel)

    def clear(self) -> None:
        """Switch everything off."""
        for name, channel in self.active():
            self.switch(name, False, channel)

    def _act(self, name: str, on: bool, channel: int | None) -> None:
        plant = self._plant
        match name, channel:
            case "pump_stalled", int(number):
                plant.channels[number].stalled = on
            case "air_bubble", int(number):
                plant.channels[number].bubble = on
            case "container_empty", int(number):
                self._empty(number, on)
            case "pump_stop_pressed", _:
                plant.press_stop(on)
            case "cup_removed", _:
                self._lift(on)
            case "cup_bumped", _:
                plant.bumping_since = plant.now if on else None
            case "cup_touched" | "pan_overloaded", _:
                self._lean()
            case "vibration", _:
                plant.vibration = on
            case _:
                pass

    def _empty(self, number: int, on: bool) -> None:
        """The container's liquid is set aside, so that nothing is lost, and comes back when the fault goes."""
        container = self._plant.channels[number].container
        if on:
            self._hidden[number] = Container(container.product, container.mass_mg)
            container.mass_mg = 0.0
        else:
            container.mass_mg += self._hidden.pop(number).mass_mg

    def _lean(self) -> None:
        thing = THING_MG if self.is_on("pan_overloaded") else 0.0
        self._plant.leaning_mg = thing or (HAND_MG if self.is_on("cup_touched") else 0.0)

    def _lift(self, on: bool) -> None:
        if on:
            self._lifted = self._plant.cup_off()
        elif self._lifted is not None:
            lifted, self._lifted = self._lifted, None
            if self._plant.cup is None:
                self._plant.cup_on(lifted.tare_mg, lifted.cup_id)
