"""R-LAB-03, 08, 14, 15, 17: what else stands on the pack, how it is written, and what the code may carry."""

from __future__ import annotations

import re
from collections.abc import Iterator

from store_service.rules.case import Case
from store_service.rules.checking import No, check, no
from store_service.rules.dates import beijing_date
from store_service.rules.params import Parameters
from store_service.rules.words import LONGEST, traditional_in

GATES = ("verdict", "print")
CAPTION = "化妆品电子标签"
_LINK = re.compile(r"(?P<scheme>https?)://[^/?#@\s]+(?:/[^?#@\s]*)?/01/\d{14}/21/[0-9A-Z]{6}-[0-9A-HJKMNP-TV-Z]{13}")
_PLAIN_CODE = re.compile(r"(?!.*\d{7})[0-9A-Z-]{1,12}")  # no telephone number
_HAN = re.compile(r"[\u3400-\u9fff]")


@check("R-LAB-03", *GATES)
def pilot_items(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-03: the items that the pilot adds; refused where the province enforces them, else told."""
    if case.label is None:
        return
    missing = [key for key in params.label_extra_items if not case.label.items.get(key, "").strip()]
    if missing:
        yield no("missing" if params.label_extra_enforced else "advised", missing=missing)


@check("R-LAB-08", *GATES)
def written_in_standard_chinese(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-08: Chinese, in standard characters, of a height that can be read; nothing foreign larger than it."""
    label = case.label
    if label is None:
        return
    if label.fits and label.min_char_mm_x100 < params.min_char_mm_x100:
        yield no("small", height_mm_x100=label.min_char_mm_x100, needed_mm_x100=params.min_char_mm_x100)
    texts = {key: label.items[key][:LONGEST] for key in params.han_items if label.items.get(key, "").strip()}
    if foreign := [key for key, text in texts.items() if not _HAN.search(text)]:
        yield no("not_chinese", items=foreign)
    if characters := traditional_in("".join(texts.values())):
        yield no("traditional", characters=characters)
    if label.foreign_larger:
        yield no("foreign_larger", items=label.foreign_larger)


@check("R-LAB-14", *GATES)
def nothing_behind_the_code(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-14: no mandatory item behind the code alone, but where the e-label pilot runs and lists the enterprise; the
    least of a small pack stays printed even there."""
    label = case.label
    if label is None:
        return
    hidden = sorted(label.on_code.intersection(params.mandatory_items))
    today = beijing_date(case.now)
    runs = params.e_label_allowed and params.e_label_start <= today <= params.e_label_end
    if hidden and not (runs and params.e_label_listed):
        yield no("not_allowed", hidden=hidden, e_label_allowed=runs, e_label_listed=params.e_label_listed)
    elif core := [key for key in params.small_pack_items if key in label.on_code]:
        yield no("core", hidden=core)


@check("R-LAB-15", *GATES)
def code_carries_a_token(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-15: a link with product and serial and nothing else, large enough, and not dressed up as an e-label."""
    label = case.label
    if label is None:
        return
    texts = (*label.items.values(), *label.free_text)
    if not params.e_label_listed and any(CAPTION in text for text in texts):
        yield no("caption", caption=CAPTION, e_label_listed=False)
    if label.code is None:
        return
    link = _LINK.fullmatch(label.code.text[:LONGEST])
    if link is None:
        yield no("payload", payload=label.code.text[:200])
    elif params.qr_https_only and link["scheme"] != "https":
        yield no("not_https", payload=label.code.text)
    if label.code.side_mm_x100 < params.qr_min_mm_x100:
        yield no("small", side_mm_x100=label.code.side_mm_x100, needed_mm_x100=params.qr_min_mm_x100)


@check("R-LAB-17", "print")
def no_name_unasked(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-17: a code stands for the consumer; a name only when he asked for it."""
    if case.label is None or case.label.name_requested:
        return
    code, name = (case.label.items.get(key, "") for key in ("consumer_code", "nickname"))
    if name or (code and not _PLAIN_CODE.fullmatch(code)):
        yield no("name", characters=len(name or code))


@check("R-LAB-17", "name")
def name_has_room(case: Case, params: Parameters) -> Iterator[No]:
    """R-LAB-17: a name that was asked for is printed where the label has room for it beside what the law wants."""
    if case.name_fits is not True:
        yield no("no_room", characters=len(case.texts.get("nickname", "")))
