"""Sources from abroad (R-LAB-02, R-SCP-11, R-ADM-02), and sources whose concentrations are not supplied (R-LAB-06)."""

from __future__ import annotations

from datetime import date

from store_service.rules.dossier import Authorisation, Ingredient, Party
from store_service.rules.merge import ingredients_text
from store_service.rules.restricted import Restriction

from .cases import ACTIVE, BASE, FILER, ITEMS

Row = tuple[str, str, str, dict[str, object]]
Changes = dict[str, object]

ABROAD = Party(name="示例海外化妆品公司（Exemplar Beauté）", address="示例国示例市示例街 5 号")
HOME = Party(name=FILER.name, address=FILER.address)
NUMBER = "国妆网备进字（沪）202599999"
VERDICT = ("units.0.sources.0", "units.0.sources.1", "units.1.sources.0")
PRINT = ("unit.sources.0", "unit.sources.1")


def imported(*paths: str, filer: Party | None = ABROAD, responsible: Party | None = HOME) -> Changes:
    """The products at these paths filed from abroad, by a filer that has authorised this enterprise."""
    found: Changes = {
        "site.filer.kind": "responsible_person",
        "site.filer.authorisation": Authorisation(
            overseas_filer=ABROAD.name, number="AUTH-9", valid_to=date(2027, 12, 31)
        ),
    }
    for path in paths:
        found |= {
            f"{path}.product.filing_number": f"{NUMBER}{path[-1]}",
            f"{path}.product.overseas_filer": filer,
            f"{path}.product.responsible": responsible,
        }
    return found


def labelled(**changes: str) -> Changes:
    """A label that names both, and what is changed on it."""
    items = {
        "filer": ABROAD.name,
        "filer_address": ABROAD.address,
        "responsible": HOME.name,
        "responsible_address": HOME.address,
    }
    return {f"label.items.{key}": text for key, text in {**items, **changes}.items()}


def untold(*names: str) -> tuple[Ingredient, ...]:
    """ACTIVE's ingredients, those of these names without a concentration; all of them where none is named."""
    return tuple(
        one.model_copy(update={"ppm": None}) if not names or one.inci in names else one for one in ACTIVE.ingredients
    )


UNTOLD = ACTIVE.model_copy(update={"ingredients": untold()})
OVERFULL = (*untold("WATER"), Ingredient(inci="GLYCERIN", cn_name="甘油", ppm=855_000))
SPIRIT = (*ACTIVE.ingredients[1:], Ingredient(inci="ALCOHOL", cn_name="乙醇"))
ALLOWED: Changes = {"params.list_per_source": True}
OF_ACTIVE = "units.0.sources.1.product.ingredients"
NIACINAMIDE = Restriction(97, "烟酰胺", ("NIACINAMIDE",), max_ppm=100_000)
COUNTED = Restriction(97, "烟酰胺", ("NIACINAMIDE",), max_ppm=100_000, exact=False)

LISTS: list[Row] = [
    ("R-SCP-11", "unnamed", "verdict", imported(*VERDICT, filer=None)),
    ("R-SCP-11", "other_person", "verdict", imported(*VERDICT, responsible=Party(name="别家公司", address="别处"))),
    ("R-SCP-11", "other_filer", "verdict", {**imported(*VERDICT), "site.filer.authorisation.overseas_filer": "别家"}),
    ("R-ADM-02", "two_filers", "verdict", imported(*VERDICT[1:])),
    ("R-LAB-02", "parties", "print", {**imported(*PRINT), **labelled(filer=FILER.name)}),
    ("R-LAB-06", "not_supplied", "verdict", {OF_ACTIVE: untold("WATER")}),
    ("R-BLD-02", "restricted_unknown", "verdict", {**ALLOWED, OF_ACTIVE: untold(), "restrictions": (NIACINAMIDE,)}),
]
LISTS_WITHIN: list[tuple[str, Changes]] = [
    ("verdict", imported(*VERDICT)),
    ("start", imported(*PRINT)),
    ("print", {**imported(*PRINT), **labelled()}),
    ("verdict", {**ALLOWED, OF_ACTIVE: untold()}),
    ("verdict", {**ALLOWED, OF_ACTIVE: OVERFULL}),
    ("verdict", {**ALLOWED, OF_ACTIVE: untold("WATER"), "restrictions": (NIACINAMIDE,)}),
    ("verdict", {**ALLOWED, OF_ACTIVE: SPIRIT}),
    (
        "print",
        {
            **ALLOWED,
            "unit.sources.1.product.ingredients": untold(),
            "label.items.ingredients": ingredients_text([(BASE, 8_000), (UNTOLD, 2_000)]),
        },
    ),
]
LISTS_BEYOND: list[tuple[str, str, Changes]] = [
    ("R-SCP-11", "start", imported(*PRINT, responsible=None)),
    ("R-ADM-02", "verdict", {f"{VERDICT[0]}.product.overseas_filer": ABROAD}),
    ("R-SCP-11", "verdict", imported(*VERDICT, filer=ABROAD.model_copy(update={"address": " "}))),
    ("R-SCP-11", "verdict", imported(*VERDICT, responsible=HOME.model_copy(update={"name": "", "address": "示例路"}))),
    ("R-SCP-11", "verdict", {**imported(*VERDICT), "site.filer.kind": "filer", "site.filer.authorisation": None}),
    ("R-SCP-11", "start", {**imported(PRINT[0], responsible=None),
     "unit.sources.0.product.filing_number": "国妆网备制字（粤）2025999991"}),
    ("R-LAB-02", "print", {**imported(*PRINT), "label.items.filer": ABROAD.name,
     "label.items.filer_address": ABROAD.address}),
    ("R-LAB-02", "print", {**imported(*PRINT), **labelled(responsible_address="别处")}),
    ("R-LAB-02", "print", {**imported(*PRINT), **labelled(responsible="别家公司")}),
    ("R-LAB-02", "print", {**imported(*PRINT), **labelled(filer_address="别处")}),
    ("R-LAB-02", "print", {**imported(PRINT[1]), **labelled(filer="别家公司")}),
    ("R-LAB-06", "verdict", {OF_ACTIVE: untold()}),
    ("R-LAB-06", "verdict", {**ALLOWED, OF_ACTIVE: (*OVERFULL[:-1], Ingredient(inci="X", cn_name="某", ppm=855_001))}),
    ("R-LAB-06", "verdict", {**ALLOWED, OF_ACTIVE: ()}),
    ("R-LAB-06", "verdict", {**ALLOWED, OF_ACTIVE: ACTIVE.ingredients[:2]}),
    ("R-LAB-06", "print", {**ALLOWED, "unit.sources.1.product.ingredients": untold(),
     "label.items.ingredients": ITEMS["ingredients"]}),
    ("R-BLD-02", "verdict", {**ALLOWED, OF_ACTIVE: untold(), "restrictions": (COUNTED,)}),
    ("R-ADM-16", "verdict", {**ALLOWED, OF_ACTIVE: SPIRIT, "units.0.sources.1.share_bp": 10_000,
     "units.0.sources.0.share_bp": 0}),
]  # fmt: skip
