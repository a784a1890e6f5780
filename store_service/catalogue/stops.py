"""What a new register stops here that the one before did not: the part that a person must read (R-SYN-04)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from store_service.rules.dossier import Document, EnvelopeRegister, LotRegister, LotStatus, ProductRegister

Lot = tuple[str, str]
"""(product id, lot number)."""


def newly_stopped(before: Document, after: Document, here: Collection[Lot]) -> tuple[str, ...]:
    """Lots that stand in this shop and are held or no longer released, envelopes withdrawn or changed, products whose
    filing ended or whose formula or label changed. Sorted; empty for kinds that stop nothing."""
    match before, after:
        case LotRegister(), LotRegister():
            return tuple(sorted(_lots(before, after, here)))
        case EnvelopeRegister(), EnvelopeRegister():
            return tuple(sorted(_envelopes(before, after)))
        case ProductRegister(), ProductRegister():
            return tuple(sorted(_products(before, after)))
    return ()


def _lots(before: LotRegister, after: LotRegister, here: Collection[Lot]) -> Iterator[str]:
    usable = {(one.product_id, one.lot_no) for one in before.lots if _usable(one)}
    for one in after.lots:
        lot = (one.product_id, one.lot_no)
        if lot in usable and lot in here and not _usable(one):
            yield f"{one.product_id}/{one.lot_no}"
    gone = usable - {(one.product_id, one.lot_no) for one in after.lots}
    yield from ("/".join(lot) for lot in gone if lot in here)


def _usable(one: LotStatus) -> bool:
    return one.status == "released" and not one.hold


def _envelopes(before: EnvelopeRegister, after: EnvelopeRegister) -> Iterator[str]:
    now = {one.envelope_id: one for one in after.envelopes}
    for one in before.envelopes:
        other = now.get(one.envelope_id)
        if one.status == "approved" and (other is None or other.status != "approved" or other.version != one.version):
            yield one.envelope_id


def _products(before: ProductRegister, after: ProductRegister) -> Iterator[str]:
    now = {one.product_id: one for one in after.products}
    for one in before.products:
        other = now.get(one.product_id)
        same = other is not None and (other.formula_version, other.label_version) == (
            one.formula_version,
            one.label_version,
        )
        if one.filing_status == "filed" and (other is None or other.filing_status != "filed" or not same):
            yield one.product_id
