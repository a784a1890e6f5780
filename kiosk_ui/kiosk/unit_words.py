"""What the clerk is asked to look at, and what sets a use-by date, in words."""

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
