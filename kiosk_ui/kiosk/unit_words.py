"""What the clerk is asked to look at, and what a stopped dose is said to mean and to need."""

from __future__ import annotations

from collections.abc import Mapping

from kiosk_ui.models import Item, Words
from store_service.rules.dossier import Product
from store_service.rules.wording import Terms

CLEARANCE = (
    Item("labels", Words("没有别人的标签", "No other label here")),
    Item("lots", Words("没有别的料和瓶子", "No other product or pack here")),
    Item("hands", Words("手已消毒或戴手套", "Hands disinfected or gloved")),
)
VISUAL = (
    Item("clean", Words("瓶内外洁净，无异物", "Clean inside and outside")),
    Item("intact", Words("无破损，瓶盖配套", "Intact, with its cap")),
)
STOPPED = {
    "restart": (
        "服务重启，加料中断。已加入的量以秤为准。",
        "The service restarted in mid-dose. The scale says what went in.",
    ),
    "pause": ("店员暂停了加料。", "Paused by the clerk."),
    "clerk": ("店员停止了加料。", "Stopped by the clerk."),
    "short": ("加入量不足，请确认容器是否已空。", "Too little came; is the container empty?"),
    "cup_changed": ("秤上的质量与记录不符。", "The mass on the scale is not the recorded one."),
}
EMPTYING = ("not_rising", "short", "time_budget")
REMEDIES = {
    "not_rising": (
        "看一下容器：空了就点“已经用空”，换一个再扫；没空就检查管路后继续。",
        "Look at the container: if it is empty say so and scan the next one; if not, check the line and go on.",
    ),
    "short": ("容器空了就点“已经用空”，换一个再扫。", "If the container is empty say so and scan the next one."),
    "time_budget": (
        "检查管路和容器；空了就点“已经用空”，换一个再扫。",
        "Check line and container; if it is empty say so and scan the next one.",
    ),
    "cup_changed": (
        "把原来的瓶子放回秤台；找不到就作废本件。",
        "Put the same pack back; without it, discard the unit.",
    ),
    "cup_removed": ("把原来的瓶子放回秤台。", "Put the same pack back on the scale."),
    "restart": ("不用做别的：核对瓶子后继续。", "Nothing else to do: check the pack and go on."),
}


def bound_by(bounded_by: str | None, products: Mapping[str, Product], terms: Terms) -> Words | None:
    """What set a use-by date, in words, out of the record's "SRC-A expiry" or "in_use" (`rules.merge.Bound.what`)."""
    if not bounded_by:
        return None
    part, _, kind = bounded_by.rpartition(" ")
    product = products.get(part)
    zh, en = terms.term(kind, "zh"), terms.term(kind, "en")
    if not part:
        return Words(f"取决于{zh}", f"set by the {en}")
    names = (product.name_zh, product.name_en) if product else (part, part)
    return Words(f"取决于{names[0]}的{zh}", f"set by the {en} of {names[1]}")
