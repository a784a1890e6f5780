"""R-ADM: what may be a source. Asked of the delivery at the door, of every planned source, and of the one in hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from store_service.rules.case import Case, Source
from store_service.rules.checking import UNKNOWN, No, check, named, no, products_of, sources_of
from store_service.rules.dates import beijing_date
from store_service.rules.dossier import Product
from store_service.rules.numbers import parse_class_code, parse_filing_number
from store_service.rules.params import Parameters

ADMISSION = ("receive", "verdict")
LIVE = (*ADMISSION, "scan", "dose")
LEGACY_SALE_ENDED = date(2026, 1, 1)
SPECIAL_EFFICACY = frozenset({"01", "02", "03", "04", "05"})
CHILD_USERS = frozenset({"01", "02"})
EYE_SITE = "06"
MAKE_UP = "12"
DEAD = ("quarantined", "recalled", "returned", "damaged")


@check("R-ADM-01", *LIVE)
def filed(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-01 as amended: a well-formed ordinary number, status filed, attested by the filer within seven days."""
    for source in products_of(case):
        if source.product is None:
            yield no("unknown_product", **named(source))
            continue
        number = parse_filing_number(source.product.filing_number)
        if number.verdict == "refuse":
            yield no(
                "number",
                **named(source),
                filing_number=source.product.filing_number,
                reason_zh=number.message_zh,
                reason_en=number.message_en,
            )
        if source.product.filing_status != "filed":
            yield no(
                "status", **named(source), filing_number=number.normalised, filing_status=source.product.filing_status
            )


@check("R-ADM-01", *LIVE)
def attested_lately(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-01 as amended: the register's attestation is not older than its validity, and not from the future."""
    limit_days = params.register_max_age_days
    for attested_at in dict.fromkeys(source.register_attested_at for source in sources_of(case)):
        if attested_at is None:
            yield no("not_attested", attested_at=None, limit_days=limit_days)
        elif not timedelta(0) <= case.now - attested_at <= timedelta(days=limit_days):
            until = attested_at + timedelta(days=limit_days)
            yield no("stale", attested_at=attested_at, valid_until_at=until, now_at=case.now, limit_days=limit_days)


@check("R-ADM-02", *ADMISSION, "scan")
def own_product(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-02: filed by the shop's own filer."""
    for source in products_of(case):
        if source.product is None or case.site is None:
            yield no("unknown", **named(source), filer_id=UNKNOWN)
        elif source.product.filer_id != case.site.filer.filer_id:
            yield no(
                "other_filer", **named(source), filer_id=source.product.filer_id, own_filer_id=case.site.filer.filer_id
            )


@check("R-ADM-03", *ADMISSION)
def not_special(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-03: no special cosmetic, by its number or by its efficacy code."""
    for source, product in _known(case):
        number = parse_filing_number(product.filing_number)
        code = parse_class_code(product.class_code)
        efficacy = sorted(c for c in code.efficacy if c in SPECIAL_EFFICACY or c.isalpha()) if code else []
        if number.kind == "special" or efficacy:
            yield no("special", **named(source), filing_number=number.normalised, efficacy_codes=efficacy)


@check("R-ADM-04", *ADMISSION)
def not_legacy(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-04: the five abolished categories, and old approval numbers, may not be sold from 2026-01-01."""
    for source, product in _known(case):
        legacy_number = parse_filing_number(product.filing_number).kind == "legacy"
        if (product.legacy_type or legacy_number) and beijing_date(case.now) >= LEGACY_SALE_ENDED:
            yield no(
                "legacy",
                **named(source),
                filing_number=product.filing_number,
                legacy_type=product.legacy_type,
                ended=LEGACY_SALE_ENDED,
            )


@check("R-ADM-06", *ADMISSION)
def not_for_children(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-06: a user group 01 or 02 anywhere in the code, or a name or claim that says so."""
    for source, product in _known(case):
        code = parse_class_code(product.class_code)
        users = sorted(CHILD_USERS.intersection(code.user)) if code else []
        words = _words(product, params.child_words)
        if users or words:
            yield no("children", **named(source), class_code=product.class_code, user_codes=users, words=words)


@check("R-ADM-07", *ADMISSION)
def not_for_eyes(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-07: site 06 in any position, or a name or claim that says so; a province may let eye make-up pass
    (C6)."""
    for source, product in _known(case):
        code = parse_class_code(product.class_code)
        eye_site = bool(code and EYE_SITE in code.site)
        words = _words(product, params.eye_words)
        make_up = bool(code and set(code.efficacy) == {MAKE_UP})
        if (eye_site or words) and not (params.allow_eye_makeup and make_up):
            yield no("eye", **named(source), class_code=product.class_code, words=words)


@check("R-ADM-08", *ADMISSION)
def no_new_ingredient(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-08: no ingredient still under its watch."""
    for source, product in _known(case):
        if new := [i.cn_name for i in product.ingredients if i.status == "new"]:
            yield no("new", **named(source), ingredients=new)


@check("R-ADM-11", *ADMISSION)
def class_code_reads(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-11: five groups; a letter in the first three means new efficacy, which is special."""
    for source, product in _known(case):
        code = parse_class_code(product.class_code)
        if code is None:
            yield no("malformed", **named(source), class_code=product.class_code)
        elif code.new_efficacy:
            yield no("letter", **named(source), class_code=product.class_code)


@check("R-ADM-13", "receive")
def receipt_complete(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-13: everything that the purchase check asks for is on the receipt, and agrees with the dossier."""
    if case.receipt is None:
        yield no("unknown", receipt=UNKNOWN)
        return
    fields = case.receipt.fields
    source = products_of(case)[0]
    if missing := [name for name in params.receipt_fields if not fields.get(name, "").strip()]:
        yield no("missing", **named(source), missing=missing)
    typed = fields.get("filing_number", "").strip()
    if typed and source.product is not None:
        written, filed_as = (parse_filing_number(n).normalised for n in (typed, source.product.filing_number))
        if written != filed_as:
            yield no("other_number", **named(source), written=written, filed_as=filed_as)


@check("R-ADM-14", *LIVE)
def not_dead_stock(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-14: nothing expired, returned, recalled, quarantined or damaged. The day of expiry itself still
    passes."""
    today = beijing_date(case.now)
    for source in sources_of(case):
        if source.lot is None:
            continue
        facts = {**named(source), "lot_no": source.lot.lot_no}
        if source.lot.expiry < today:
            yield no("expired", **facts, expiry=source.lot.expiry, today=today)
        if source.lot.status in DEAD:
            yield no("dead", **facts, lot_status=source.lot.status)


@check("R-ADM-20", *ADMISSION)
def form_can_be_blended(case: Case, params: Parameters) -> Iterator[No]:
    """R-ADM-20: no aerosol, mask, patch, pressed powder, lacquer, part of a kit, or what the filer bars."""
    for source, product in _known(case):
        if product.form in params.barred_forms:
            yield no("form", **named(source), form=product.form)
        if product.kit_part:
            yield no("kit_part", **named(source), kit_part=True)
        if not product.blendable:
            yield no("barred", **named(source), blendable=False)


def _known(case: Case) -> Iterator[tuple[Source, Product]]:
    """The products whose dossier is at hand; R-ADM-01 refuses the others."""
    return ((source, source.product) for source in products_of(case) if source.product is not None)


def _words(product: Product, words: tuple[str, ...]) -> list[str]:
    text = " ".join((product.name_zh, product.name_en, *product.claims)).casefold()
    return [word for word in words if word.casefold() in text]
