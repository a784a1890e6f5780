"""Why a dose was broken off, in words for the clerk: what happened, what to do."""

from __future__ import annotations

from enum import StrEnum

from device_drivers.dispensers.base import LINE_EMPTY
from device_drivers.errors import DeviceBusy, DeviceError, DeviceFault, NotConfirmed, Rejected


class Fault(StrEnum):
    """Every fault stops the pump first; the words are shown afterwards."""

    SCALE_LOST = "scale_lost"
    SCALE_STALE = "scale_stale"
    SCALE_FROZEN = "scale_frozen"
    SCALE_FAULT = "scale_fault"
    WRONG_UNIT = "wrong_unit"
    NOT_STABLE = "not_stable"
    OVERLOAD = "overload"
    UNDERLOAD = "underload"
    CUP_CHANGED = "cup_changed"
    CUP_REMOVED = "cup_removed"
    CUP_FULL = "cup_full"
    DISTURBED = "disturbed"
    CONTAINER_EMPTY = "container_empty"
    NOT_RISING = "not_rising"
    OVER_LIMIT = "over_limit"
    TIME_BUDGET = "time_budget"
    PUMP_LOST = "pump_lost"
    PUMP_FAULT = "pump_fault"
    PUMP_REFUSED = "pump_refused"
    WATCHDOG = "watchdog"
    INTERNAL = "internal"

    @property
    def words_zh(self) -> str:
        return _WORDS[self][0]

    @property
    def words_en(self) -> str:
        return _WORDS[self][1]


UNWEIGHABLE = frozenset(
    {Fault.SCALE_LOST, Fault.SCALE_STALE, Fault.SCALE_FROZEN, Fault.SCALE_FAULT, Fault.WRONG_UNIT, Fault.NOT_STABLE}
    | {Fault.OVERLOAD, Fault.UNDERLOAD, Fault.CUP_CHANGED, Fault.CUP_REMOVED}
)
"""After these the scale has nothing to say about what landed: no mass is recorded rather than a wrong one."""

_WORDS: dict[Fault, tuple[str, str]] = {
    Fault.SCALE_LOST: (
        "电子秤连接中断，泵已停止。请插好电子秤，不要移动杯子，再点“重新连接”。",
        "The scale is disconnected, the pump has stopped. Plug it in, leave the cup where it is, press Reconnect.",
    ),
    Fault.SCALE_STALE: (
        "电子秤停止发送数据，泵已停止。请看电子秤是否还亮着，不要移动杯子，再点“重新连接”。",
        "The scale sends nothing any more, the pump has stopped. See that it is on, leave the cup, press Reconnect.",
    ),
    Fault.SCALE_FROZEN: (
        "电子秤读数冻结不变，泵已停止。请重启电子秤；不要移动杯子。",
        "The scale repeats one frozen value, the pump has stopped. Restart the scale; leave the cup where it is.",
    ),
    Fault.SCALE_FAULT: (
        "电子秤报告故障，泵已停止。请看电子秤屏幕上的提示。",
        "The scale reports a fault, the pump has stopped. Look at its display.",
    ),
    Fault.WRONG_UNIT: (
        "电子秤的单位不是克，泵已停止。请在电子秤上切换到克（g）。",
        "The scale is not set to grams, the pump has stopped. Switch it to g.",
    ),
    Fault.NOT_STABLE: (
        "电子秤一直不稳定。请检查是否有风、震动或碰到秤盘的东西，再称一次。",
        "The scale does not settle. Look for draught, vibration or something touching the pan, then weigh again.",
    ),
    Fault.OVERLOAD: (
        "电子秤超载，泵已停止。请查看秤盘上是否有多余的东西。",
        "The scale is overloaded, the pump has stopped. See whether something else lies on the pan.",
    ),
    Fault.UNDERLOAD: (
        "电子秤低于零点，泵已停止。请把杯子和秤盘放好。",
        "The scale is below its zero, the pump has stopped. Put pan and cup back in place.",
    ),
    Fault.CUP_CHANGED: (
        "秤上的质量与记录不符，泵没有启动。请确认还是同一个杯子、没有被动过。",
        "The mass on the scale is not the recorded one; the pump was not started. Is it the same cup, untouched?",
    ),
    Fault.CUP_REMOVED: (
        "杯子被拿开，泵已停止。请把同一个杯子放回，再点“继续”。",
        "The cup was taken away, the pump has stopped. Put the same cup back, then press Continue.",
    ),
    Fault.CUP_FULL: (
        "杯子快满了，泵已停止。请不要移动杯子，按屏幕提示处理。",
        "The cup is about to be too full, the pump has stopped. Leave the cup and follow the screen.",
    ),
    Fault.DISTURBED: (
        "称量受到碰撞或触碰，泵已停止。请不要碰秤和杯子，再点“继续”。",
        "The scale was touched or bumped, the pump has stopped. Keep hands off scale and cup, then press Continue.",
    ),
    Fault.CONTAINER_EMPTY: (
        "容器已空，泵已停止。请换上新容器并扫码，再点“继续”。",
        "The container is empty, the pump has stopped. Put in a new container, scan it, then press Continue.",
    ),
    Fault.NOT_RISING: (
        "泵在转但质量没有增加，泵已停止。请检查容器是否已空、管路是否堵塞或有气泡。",
        "The pump turned, the mass did not rise; it has stopped. Container empty? Hose blocked or full of air?",
    ),
    Fault.OVER_LIMIT: (
        "加入量超过上限，泵已停止。请按屏幕提示处理，不要自行取出。",
        "Too much went in, the pump has stopped. Follow the screen; do not take anything out.",
    ),
    Fault.TIME_BUDGET: (
        "这次加料时间过长，泵已停止。请检查容器和管路，再点“继续”。",
        "This dose took too long, the pump has stopped. Check container and hose, then press Continue.",
    ),
    Fault.PUMP_LOST: (
        "与泵的连接中断。请看泵是否还在转；若在转，请立即按急停。",
        "The connection to the pump is lost. Look whether it turns; if it does, press the emergency stop now.",
    ),
    Fault.PUMP_FAULT: (
        "泵报告故障并已停止。请检查泵门、急停按钮和管路。",
        "The pump reports a fault and has stopped. Check its door, the emergency stop and the hose.",
    ),
    Fault.PUMP_REFUSED: (
        "泵没有接受指令，已停止。请检查泵的状态，再点“继续”。",
        "The pump did not accept a command and has been stopped. Check the pump, then press Continue.",
    ),
    Fault.WATCHDOG: (
        "泵长时间没有收到指令，已自行停止。请再点“继续”。",
        "The pump heard nothing for too long and stopped by itself. Press Continue.",
    ),
    Fault.INTERNAL: (
        "程序出错，泵已停止。请联系质量安全员。",
        "The program failed, the pump has stopped. Call the quality-safety officer.",
    ),
}


def fault_of(error: DeviceError) -> Fault:
    """What a pump's error means for a dose."""
    if isinstance(error, DeviceFault):
        return Fault.CONTAINER_EMPTY if error.code == LINE_EMPTY else Fault.PUMP_FAULT
    refused = isinstance(error, DeviceBusy | Rejected | NotConfirmed)
    return Fault.PUMP_REFUSED if refused else Fault.PUMP_LOST
