"""Who is named as filer, and who answers at home."""

from __future__ import annotations

from store_service.rules.dossier import Party
from store_service.rules.parties import UNNAMED, abroad, answering

from .cases import BASE, FILER
from .refusing_label import ABROAD, HOME, NUMBER

IMPORTED = BASE.model_copy(update={"filing_number": f"{NUMBER}1", "overseas_filer": ABROAD, "responsible": HOME})


def test_the_enterprise_names_itself_for_what_it_filed() -> None:
    own = Party(name=FILER.name, address=FILER.address)
    assert answering(FILER, BASE) == (own, None)
    assert answering(FILER, BASE.model_copy(update={"overseas_filer": ABROAD, "responsible": HOME})) == (own, None)


def test_an_imported_product_names_both_and_what_is_not_known_is_empty() -> None:
    assert answering(FILER, IMPORTED) == (ABROAD, HOME)
    bare = IMPORTED.model_copy(update={"overseas_filer": None, "responsible": None})
    assert answering(FILER, bare) == (UNNAMED, UNNAMED)
    assert (UNNAMED.name, UNNAMED.address, UNNAMED.licence) == ("", "", None)


def test_what_comes_from_abroad() -> None:
    numbers = {
        "国妆网备进字（沪）2025999991": True,
        "国妆网备制字（粤）2025999991": True,
        "沪G妆网备字2025999991": False,
        "国妆特进字20259999": False,
        "?": False,
    }
    assert {one: abroad(BASE.model_copy(update={"filing_number": one})) for one in numbers} == numbers
