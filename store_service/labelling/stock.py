"""The label stocks that a shop may load. Lengths in millimetres; dots at 203 dpi, which printers round to 8 dots/mm."""

from __future__ import annotations

from dataclasses import dataclass

DOTS_PER_MM = 8


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

    @property
    def width(self) -> int:
        """Width in dots."""
        return self.width_mm * DOTS_PER_MM

    @property
    def height(self) -> int:
        """Height in dots."""
        return self.height_mm * DOTS_PER_MM

    @property
    def margin(self) -> int:
        """Margin in dots."""
        return round(self.margin_mm * DOTS_PER_MM)


LABEL_72X60 = Stock("72x60", 72, 60)
LABEL_48X40 = Stock("48x40", 48, 40, leaflet_width_mm=72)
LABEL_72X100 = Stock("72x100", 72, 100)

STOCKS = {stock.key: stock for stock in (LABEL_72X60, LABEL_48X40, LABEL_72X100)}


def mm_x100(dots: int) -> int:
    """Hundredths of a millimetre of a length in dots, rounded down: no height is claimed that is not there."""
    return dots * 100 // DOTS_PER_MM


def dots(mm_x100: int) -> int:
    """The fewest dots that reach a height in hundredths of a millimetre."""
    return -(-mm_x100 * DOTS_PER_MM // 100)
