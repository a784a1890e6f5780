"""Who filed a product, and who answers for it at home (R-LAB-02, R-SCP-11)."""

from __future__ import annotations

from .dossier import Filer, Party, Product
from .numbers import parse_filing_number

UNNAMED = Party(name="", address="")


def abroad(product: Product) -> bool:
    """Filed from overseas, Hong Kong, Macau or Taiwan."""
    return parse_filing_number(product.filing_number).from_abroad


def answering(own: Filer, product: Product) -> tuple[Party, Party | None]:
    """The filer to be named, and the domestic responsible person (境内责任人) for a product from abroad, None for one
    that the enterprise filed itself. What the dossier lacks is empty, so that the rules miss it."""
    if not abroad(product):
        return Party(name=own.name, address=own.address), None
    return product.overseas_filer or UNNAMED, product.responsible or UNNAMED
