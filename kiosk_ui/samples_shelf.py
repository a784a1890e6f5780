"""Sample view models of the shelf."""

from __future__ import annotations

from datetime import date

from .kiosk.shelf import FIELDS, REASONS
from .models import Item, Words
from .models.shelf import ContainerRow, PackRow, ShelfScreen, SuppliesScreen
from .samples_service import NOW

BASE = Words("基础保湿乳", "Base lotion")
SHELF = ShelfScreen(
    (
        ContainerRow("C-101", BASE, "L260311", date(2028, 3, 31), "opened", 1_204_310, NOW, date(2027, 5, 22), 1),
        ContainerRow(
            "C-102", Words("玻尿酸精华", "Hyaluronic serum"), "H260801", date(2026, 11, 1), "opened", 80_000, NOW,
            date(2026, 10, 1), 2, past=True,
        ),
        ContainerRow("C-104", BASE, "L260401", date(2028, 4, 30), "closed", 3_000_000),
        ContainerRow("C-090", BASE, "L250311", date(2027, 3, 31), "quarantined", 41_000, NOW, date(2027, 5, 22)),
    ),
    "C-104",
    (1, 2, 3, 4),
    REASONS,
)  # fmt: skip
EMPTY = ShelfScreen((), None, (), REASONS)
SUPPLIES = SuppliesScreen(
    (Item("72x60", Words("72x60 mm", "72x60 mm"), ticked=True), Item("48x40", Words("48x40 mm", "48x40 mm"))),
    (PackRow("P-30-2609", Words("30 g 真空瓶", "30 g airless bottle"), 188),),
    (Item("PK-30", Words("30 g 真空瓶", "30 g airless bottle")), Item("PK-50", Words("50 g 真空瓶", "50 g airless"))),
    FIELDS,
)
