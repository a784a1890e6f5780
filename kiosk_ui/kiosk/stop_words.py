"""Why a dose stands still, for a clerk: what happened, and what to do now. Every button it names is on the screen."""

from __future__ import annotations

from kiosk_ui.models import Words

_SAME_PACK = ("把原来的瓶子放回秤台；找不到就作废本件。", "Put the same pack back; without it, discard the unit.")
_LEAVE = ("瓶子不要动，然后按下面的步骤继续。", "Leave the pack where it is, then follow the steps below.")
_EMPTY = (
    "看一下容器：空了就点“已经用空”，换一个再扫；没空就检查管路后继续。",
    "Look at the container: if it is empty say so and scan the next one; if not, check the line and go on.",
)

_WORDS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "restart": (
        ("服务重启，加料中断。已加入的量以秤为准。", "The service restarted in mid-dose. The scale says what went in."),
        ("不用做别的：核对瓶子后继续。", "Nothing else to do: check the pack and go on."),
    ),
    "pause": (("店员暂停了加料。", "Paused by the clerk."), _LEAVE),
    "clerk": (("店员停止了加料。", "Stopped by the clerk."), _LEAVE),
    "short": (
        ("加入量不足，请确认容器是否已空。", "Too little came; is the container empty?"),
        ("容器空了就点“已经用空”，换一个再扫。", "If the container is empty say so and scan the next one."),
    ),
    "scale_lost": (
        ("秤的连线断了，泵已停止。", "The scale's cable came loose; the pump has stopped."),
        ("插好秤的电源和数据线，瓶子不要动；秤有读数后按下面的步骤继续。",
         "Plug power and cable in, leave the pack; once the scale shows a mass, follow the steps below."),
    ),
    "scale_stale": (
        ("秤不再送出读数，泵已停止。", "The scale sends nothing any more; the pump has stopped."),
        ("看秤是否亮着、数据线是否插好，瓶子不要动；秤有读数后按下面的步骤继续。",
         "See that it is on and its cable is in, leave the pack; once it shows a mass, follow the steps below."),
    ),
    "scale_frozen": (
        ("秤一直是同一个读数，泵已停止。", "The scale repeats one value; the pump has stopped."),
        ("瓶子不要动，把秤关掉再打开；不要按清零。", "Leave the pack, switch the scale off and on; do not press zero."),
    ),
    "scale_fault": (
        ("秤报告故障，泵已停止。", "The scale reports a fault; the pump has stopped."),
        ("看秤屏幕上的提示，处理后按下面的步骤继续。", "Do what its display asks, then follow the steps below."),
    ),
    "wrong_unit": (
        ("秤的单位不是克，泵已停止。", "The scale is not set to grams; the pump has stopped."),
        ("在秤上把单位改回克（g），瓶子不要动。", "Set the scale back to g, leave the pack."),
    ),
    "not_stable": (
        ("秤一直不稳，泵已停止。", "The scale does not settle; the pump has stopped."),
        ("手离开秤台，避开风和震动，等读数稳定。", "Hands off, no draught, no shaking, until the reading is steady."),
    ),
    "overload": (
        ("秤超载，泵已停止。", "The scale is overloaded; the pump has stopped."),
        ("秤台上只留这一只瓶子。", "Leave nothing but this pack on the scale."),
    ),
    "underload": (
        ("秤低于零点，泵已停止。", "The scale is below zero; the pump has stopped."),
        ("把秤盘和原来的瓶子放好。", "Put the pan and the same pack back in place."),
    ),
    "cup_changed": (
        ("秤上的质量与记录不符，泵没有再启动。", "The mass on the scale is not the recorded one; nothing was started."),
        _SAME_PACK,
    ),
    "cup_removed": (("瓶子离开了秤台，泵已停止。", "The pack left the scale; the pump has stopped."), _SAME_PACK),
    "cup_full": (
        ("瓶子快满了，泵已停止。", "The pack is nearly too full; the pump has stopped."),
        ("什么都不要取出，按下面的步骤继续，由系统判断。", "Take nothing out; follow the steps, it is judged then."),
    ),
    "disturbed": (
        ("秤台被碰到，泵已停止。", "The scale was touched; the pump has stopped."),
        ("手离开秤台和瓶子，等读数稳定。", "Hands off scale and pack until the reading is steady."),
    ),
    "container_empty": (("容器空了，泵已停止。", "The container is empty; the pump has stopped."), _EMPTY),
    "not_rising": (
        ("泵在转，质量没有增加，泵已停止。", "The pump turned and nothing came; it has stopped."),
        _EMPTY,
    ),
    "over_limit": (
        ("加多了，泵已停止。", "Too much went in; the pump has stopped."),
        ("什么都不要取出，按下面的步骤继续，由系统判断还能不能做好。",
         "Take nothing out; follow the steps below, then it is judged whether it can still be made."),
    ),
    "time_budget": (
        ("这次加料时间太长，泵已停止。", "This dose took too long; the pump has stopped."),
        ("检查管路和容器；空了就点“已经用空”，换一个再扫。",
         "Check line and container; if it is empty say so and scan the next one."),
    ),
    "pump_lost": (
        ("泵不再应答。", "The pump no longer answers."),
        ("先看泵停了没有：还在转就按急停。再插好泵的电源和数据线，按下面的步骤继续。",
         "If it still turns press the emergency stop. Plug its power and cable in, then follow the steps below."),
    ),
    "pump_fault": (
        ("泵报告故障并已停止。", "The pump reports a fault and has stopped."),
        ("看泵门是否关好、急停是否按下、管路是否卡住，处理后按下面的步骤继续。",
         "Look at its door, the emergency stop and the hose, then follow the steps below."),
    ),
    "pump_refused": (
        ("泵没有接受指令，已停止。", "The pump did not accept a command and has been stopped."),
        ("看泵的面板上有没有提示，处理后按下面的步骤继续。", "Look at the pump's panel, then follow the steps below."),
    ),
    "watchdog": (
        ("泵没有收到指令，自己停了。", "The pump heard nothing and stopped by itself."),
        ("插好泵的数据线，按下面的步骤继续。", "Plug the pump's cable in, then follow the steps below."),
    ),
    "silent": (
        ("设备没有及时应答，已停止。", "A device did not answer in time; everything was stopped."),
        ("看“设备状态”里哪一台有问题，处理后按下面的步骤继续。",
         "See under Devices which one it is, then follow the steps below."),
    ),
    "internal": (
        ("程序出错，泵已停止；记录没有丢失。", "The program failed, the pump has stopped; nothing recorded is lost."),
        ("请质量安全员来看，再按下面的步骤继续。", "Call the quality-safety officer, then follow the steps below."),
    ),
}  # fmt: skip

EMPTYING = frozenset({"not_rising", "short", "time_budget", "container_empty"})
"""After these the clerk may say that the container is used up."""


def happened(reason: str) -> Words | None:
    """What happened; None for a reason that nobody gave words to."""
    return Words(*_WORDS[reason][0]) if reason in _WORDS else None


def remedy(reason: str) -> Words | None:
    """What to do now."""
    return Words(*_WORDS[reason][1]) if reason in _WORDS else None
