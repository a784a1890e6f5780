"""The label stocks that a shop may load, in millimetres, and the print heads that make dots of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """A print head. `per_m` dots lie on a metre of paper: heads of 203 dpi have 8 on the millimetre, those of 300 dpi
    11.811. Makers round the latter to 12; where the law sets a least height that `densest` counts, so that no height
    is claimed that is not there on either."""

    dpi: int
    per_m: int
    densest: int

    def paper(self, mm: float) -> int:
        """The dots that lie wholly on a length of paper."""
        return int(mm * self.per_m / 1000)

    def eighths(self, count: int) -> int:
        """The dots nearest to a length in eighths of a millimetre, the unit of the layout (one dot at 203 dpi)."""
        return (count * self.per_m + 4000) // 8000

    def mm_x100(self, dots: int) -> int:
        """Hundredths of a millimetre of a height in dots, rounded down."""
        return dots * 100 // self.densest

    def dots(self, mm_x100: int) -> int:
        """The fewest dots that reach a height in hundredths of a millimetre."""
        return -(-mm_x100 * self.densest // 100)


HEADS = {203: Head(203, 8000, 8), 300: Head(300, 11811, 12)}


@dataclass(frozen=True, slots=True)
class Stock:
    """One kind of label on its roll. `margin_mm` stays free on every side, for the tear and the roll's sideways play.

    `leaflet_width_mm` is the print width of the paper that carries the leaflet of a small pack (R-LAB-04), None where
    that stock goes without one; a leaflet is cut after its text, at most `leaflet_max_mm` down.
    """

    key: str
    width_mm: int
    height_mm: int
    margin_mm: float = 1.5
    leaflet_width_mm: int | None = None
    leaflet_max_mm: int = 250


LABEL_72X60 = Stock("72x60", 72, 60)
LABEL_48X40 = Stock("48x40", 48, 40, leaflet_width_mm=72)
LABEL_72X100 = Stock("72x100", 72, 100)

STOCKS = {stock.key: stock for stock in (LABEL_72X60, LABEL_48X40, LABEL_72X100)}
