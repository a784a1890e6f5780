"""A "no" that is no rule's, in a clerk's words: a device, another kiosk, a wrong code, a screen that was overtaken."""

from __future__ import annotations

from store_service.blending.lease import Held
from store_service.equipment.bench import DeviceTrouble
from store_service.people.credentials import WrongPin
from store_service.privacy.vault import Erased
from store_service.records.desk import InProgress, KeyReused, Missing, OutOfStep
from store_service.rules.refusal import Finding, Step

EXPLAINED = (DeviceTrouble, Held, Missing, OutOfStep, InProgress, KeyReused, WrongPin, Erased, ValueError)

KINDS = {
    "container": ("容器", "container"),
    "pack": ("包材批号", "pack lot"),
    "badge": ("工牌", "badge"),
    "tag": ("号牌", "tag"),
    "label": ("成品标签", "label"),
    "lot": ("原料批号", "source lot"),
    "batch": ("成品批号", "batch number"),
    "unknown": ("无法识别的码", "code that nobody knows"),
    "label of this unit": ("本件的标签", "label of this unit"),
    "component": ("本配方的原料", "component of this formula"),
    "parked unit with tag": ("这件寄存的号牌", "tag of this parked unit"),
    "learned": ("学习值", "learned values"),
    "member": ("会员码", "member code"),
    "pack of this cup": ("这只瓶的包材批号", "pack lot of this cup"),
}
STATES = {
    "open": ("进行中", "open"),
    "planned": ("待开始", "planned"),
    "started": ("已开始", "started"),
    "cup": ("空瓶已称", "pack weighed"),
    "dosing": ("正在配料", "dosing"),
    "stopped": ("已停止", "stopped"),
    "dosed": ("已配料", "dosed"),
    "checked": ("已检查", "checked"),
    "signed": ("已签名", "signed"),
    "printed": ("已打印", "printed"),
    "verified": ("已回扫", "verified"),
    "parked": ("已寄存", "parked"),
    "released": ("已放行", "released"),
    "handed_over": ("已交付", "handed over"),
    "discarded": ("已作废", "discarded"),
    "cancelled": ("已取消", "cancelled"),
    "gone": ("已不再等待签字", "waits for no signature any more"),
    "closed": ("已结束", "closed"),
    "done": ("已完成", "done"),
    "destroyed": ("已销毁", "destroyed"),
    "quarantined": ("已隔离", "quarantined"),
    "in_stock": ("在库可用", "in stock"),
    "empty": ("已用空", "empty"),
    "not held": ("没有扣留", "not held"),
    "drill": ("这是演练", "a drill"),
    "containers_left": ("该批次还有容器没有销毁", "containers of this lot still stand"),
    "other_duty": ("不是这一类事项", "another kind of duty"),
    "legal_hold": ("因案件留存，不得销毁", "kept as evidence under a legal hold"),
}


def said(rule: str, title_zh: str, title_en: str, zh: str, en: str, *steps: Step) -> Finding:
    return Finding(rule, title_zh, title_en, zh, en, {}, steps)


def explain(no: Exception) -> Finding:
    """The sheet's words for one of `EXPLAINED`."""
    if isinstance(no, DeviceTrouble):
        again = Step("处理好后再点一次。", "When that is done, press again.", "devices")
        return said("DEVICE", "设备", "Device", no.zh, no.en, again)
    if isinstance(no, Held):
        return said(
            "HELD", "工位占用", "Bench in use", f"工位正由 {no.kiosk} 使用（{no.staff_id}）。",
            f"The bench is in use at {no.kiosk} ({no.staff_id}).",
            Step("请先做完或寄存那一件；也可以在那一件的屏幕上输入密码接手。",
                 "Finish or park that unit first, or take it over on its own screen with a PIN.", f"unit:{no.unit_id}"),
        )  # fmt: skip
    if isinstance(no, Missing):
        return _missing(no)
    if isinstance(no, OutOfStep):
        zh, en = STATES.get(no.state, (no.state, no.state))
        return said(
            "STATE", "状态已变", "Already moved on", f"现在不能这样做（当前：{zh}）。",
            f"Not possible in this state ({en}).",
            Step("请按屏幕上的当前步骤继续。", "Follow the step that the screen shows.", "reload"),
        )  # fmt: skip
    if isinstance(no, InProgress | KeyReused):
        return said(
            "STATE", "正在处理", "Under way", "上一次点击正在处理，请稍等。", "The last tap is being carried out."
        )
    if isinstance(no, WrongPin):
        return _wrong_pin(no)
    if isinstance(no, Erased):
        return said(
            "ERASED", "已删除", "Erased", "这位顾客的资料已按要求删除。", "This consumer's data was erased on request.",
            Step("请重新开始一次服务。", "Open a new service.", "end_service"),
        )  # fmt: skip
    field, colon, _ = str(no).partition(": ")
    told = MISTAKES.get(field) if colon else None
    zh, en = told or (f"输入有误：{no}", f"Not accepted: {no}")
    return said("INPUT", "输入有误", "Mistake", zh, en)


MISTAKES = {
    "tube_channel": ("请输入泵通道号（1 到 32）。", "Enter the number of the pump's channel, 1 to 32."),
    "head office": (
        "总部没有同意，本店不能再签这一项。",
        "Head office has declined; nobody in the shop signs this any more.",
    ),
    "second": ("须由另一位质量安全员、放行人或店长签字。", "Another officer, releaser or manager signs."),
    "sure": ("请先勾选确认，再点一次。", "Tick the confirmation first, then press again."),
    "channel": ("请先选择一条管路。", "Choose a line first."),
    "reason": ("请选择停用的原因。", "Choose why."),
    "residue_g": ("请输入称得的余量（克）。", "Enter the residue that was weighed, in grams."),
    "stock": ("请选择打印机里现在装的标签。", "Choose the roll that is in the printer now."),
    "sku": ("请选择是哪一种包材。", "Choose which pack it is."),
    "pack_lot": ("包材批号以 P- 开头，请扫描外箱上的码。", "A pack lot begins with P-: scan the code on its box."),
    "quantity": ("数量是 1 到 100000 之间的整数。", "The quantity is a whole number from 1 to 100000."),
    "supplier": ("请填写供货者。", "Enter the supplier."),
    "certificate": ("请填写检验合格证明的编号。", "Enter the number of the certificate."),
    "runs": (
        "标定要有三次相差不大的称量：请再做一次标定流出，读数相差大时检查管路有无气泡。",
        "A calibration wants three weighed runs that agree: do another one; if they differ, look for air in the tube.",
    ),
    "clearance": ("清场的每一项都要勾选。", "Every line of the clearance is to be ticked."),
    "item": ("每一项都要勾选。", "Every line is to be ticked."),
    "inspect": ("外观、气味、均匀三项都要判定。", "Appearance, odour and homogeneity are to be judged."),
    "answer": ("请选择一项，或点“不便回答”。", "Choose an answer, or press Prefer not to say."),
    "purpose": (
        "不同意核对过敏与年龄段就不能调配；仍可购买成品。",
        "Without the allergy check no blending is possible; finished products are for sale.",
    ),
    "tag": ("请输入号牌上的号码。", "Enter the number on the tag."),
    "explained": ("请先向顾客说明，再勾选。", "Explain to the consumer first, then tick."),
    "receipt": ("请填写回执或文件编号。", "Enter the receipt or the document's number."),
    "detail": ("请写明内容。", "Write what was done."),
    "method": ("请写明销毁方式。", "Write how it is destroyed."),
    "report_product": ("请从清单中选择产品。", "Choose the product from the list."),
    "report_year": ("请选择已结束的年度。", "Choose a year that is over."),
    "on": ("日期不能晚于今天。", "The day is today or earlier."),
    "decision": ("请先选择允许或不允许。", "Choose to allow or not to allow first."),
}


def _missing(no: Missing) -> Finding:
    wanted, _, read = no.kind.partition(" (this is a ")
    zh, en = KINDS.get(wanted, (wanted, wanted))
    got_zh, got_en = KINDS.get(read.rstrip(")"), ("", ""))
    told_zh = f"这是{got_zh}，这里要扫{zh}。" if got_zh else f"这里没有这个{zh}：{no.key[:40]}。"
    told_en = f"This is a {got_en}; here a {en} is wanted." if got_en else f"No such {en} here: {no.key[:40]}."
    again = Step("请看清标签后再扫一次。", "Look at the code and scan again.")
    return said("CODE", "扫到了别的", "Wrong code", told_zh, told_en, again)


def _wrong_pin(no: WrongPin) -> Finding:
    if no.left:
        zh, en = f"密码不对，还可以再试 {no.left} 次。", f"Wrong PIN, {no.left} tries left."
    else:
        zh, en = "已连续输错五次，请等待五分钟。", "Five wrong tries: wait five minutes."
    return said("PIN", "密码", "PIN", zh, en, Step("请本人重新输入。", "Let the person enter it again."))
