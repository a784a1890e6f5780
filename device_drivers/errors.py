"""What can go wrong with a device, typed, each with the words that a clerk needs: what happened, what to do next."""

from __future__ import annotations


class DeviceError(Exception):
    """Base of all. `detail` is for the engineer's log; `words_zh`, `words_en` are for the clerk's screen."""

    words_zh = "设备出现问题。请停止操作，联系质量安全员。"
    words_en = "A device has a problem. Stop and call the quality-safety officer."

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        super().__init__(detail or self.words_en)


class LineLost(DeviceError):
    """The connection is gone (unplugged, closed by the other side, never opened)."""

    words_zh = "与设备的连接中断。请检查电源和连接线，插好后点“重新连接”。"
    words_en = "The connection to the device is lost. Check power and cable, then press Reconnect."


class PortBusy(DeviceError):
    """Another process, or another task of this one, holds the port."""

    words_zh = "设备正被另一个程序占用。请关闭那个程序，再点“重新连接”。"
    words_en = "Another program is using this device. Close it, then press Reconnect."


class NoAnswer(DeviceError):
    """The line is open and nobody answers in time."""

    words_zh = "设备没有应答。请确认设备已开机、没有停在菜单里，再重试。"
    words_en = "The device does not answer. Make sure that it is on and not in a menu, then try again."


class BadFrame(DeviceError):
    """Bytes that do not belong to the protocol: wrong settings, noise, another device."""

    words_zh = "收到的数据无法识别。请检查接线和通信设置（波特率、校验），再重试。"
    words_en = "The data received make no sense. Check cable and line settings (baud rate, parity), then try again."


class DeviceFault(DeviceError):
    """The device itself reports a fault; `code` is its own."""

    words_zh = "设备报告故障。请看设备上的提示，排除后再重试；无法排除时停用本工位。"
    words_en = (
        "The device reports a fault. Look at its display and clear it; if you cannot, take this bench out of use."
    )

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        super().__init__(detail or code)


class DeviceBusy(DeviceError):
    """The device cannot do this now; asking again later may work."""

    words_zh = "设备正忙。请等它稳定或完成当前动作，再重试。"
    words_en = "The device is busy. Wait until it has settled or finished, then try again."


class Rejected(DeviceError):
    """The device understands us and refuses: a value out of range, or a command it does not know."""

    words_zh = "设备不接受这个指令。请停用本工位并联系工程师，不要反复尝试。"
    words_en = (
        "The device does not accept this command. Take the bench out of use and call an engineer; do not keep trying."
    )

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        super().__init__(detail or code)


class WrongModel(DeviceError):
    """Something answers, and it is not the device that the configuration names."""

    words_zh = "连接的不是配置里的设备。请核对接线和设备配置，不要继续操作。"
    words_en = "The device connected is not the one configured. Check cable and configuration; do not continue."


class NotConfirmed(DeviceError):
    """A command was sent and the device does not show its effect; it may or may not have acted."""

    words_zh = "设备没有确认指令。请看泵是否还在转；若在转，请立即按急停。"
    words_en = (
        "The device did not confirm the command. Look whether the pump turns; if it does, press the emergency stop now."
    )


class PrinterOffline(DeviceError):
    """The printer cannot be reached or says that it is offline."""

    words_zh = "打印机未连接。请检查电源和网线，再点“重新打印”。"
    words_en = "The printer is not reachable. Check power and network cable, then press Print again."


class PaperOut(DeviceError):
    """No paper under the sensor."""

    words_zh = "打印机缺纸。请装入标签纸，合上盖子，再点“重新打印”。"
    words_en = "The printer is out of paper. Load labels, close the cover, then press Print again."


class CoverOpen(DeviceError):
    """The cover is open."""

    words_zh = "打印机盖子没有合上。请合上盖子，再点“重新打印”。"
    words_en = "The printer's cover is open. Close it, then press Print again."


class PrinterJam(DeviceError):
    """The printer reports an error of cutter, head or paper path."""

    words_zh = "打印机卡纸或切刀卡住。请打开盖子取出卡住的纸，合上盖子，再点“重新打印”。"
    words_en = "The printer is jammed. Open the cover, take the paper out, close it, then press Print again."


class RibbonOut(DeviceError):
    """No ribbon in a thermal transfer printer."""

    words_zh = "打印机碳带用完。请换上碳带，合上盖子，再点“重新打印”。"
    words_en = "The printer is out of ribbon. Load a ribbon, close the cover, then press Print again."


class PrinterPaused(DeviceError):
    """The printer waits for its own button."""

    words_zh = "打印机处于暂停。请按打印机上的“暂停/继续”键，再点“重新打印”。"
    words_en = "The printer is paused. Press its Pause button, then press Print again."


class PrintUncertain(DeviceError):
    """The line was lost, or the printer never said that it had finished, after the job began to go out."""

    words_zh = "打印途中与打印机失去联系，标签可能已经打出。打出的标签已作废，请销毁；检查网线后再点“重新打印”。"
    words_en = (
        "The printer was lost in mid-print; a label may have come out. Take it and destroy it (it is void), "
        "check the cable, then press Print again."
    )
