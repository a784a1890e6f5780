"""What a blend is as a mixture: what its own contents make the label say, beyond what its sources say."""

from __future__ import annotations

from collections.abc import Sequence

from .merge import Formula, ethanol_ppm
from .params import Parameters
from .restricted import Restriction, on_hair, table_warnings


def use_of(formula: Formula) -> str:
    """leave_on as soon as one source stays on: the stricter class of the table (R-ADM-10)."""
    return "rinse_off" if formula and all(product.use == "rinse_off" for product, _ in formula) else "leave_on"


def further_warnings(formula: Formula, restrictions: Sequence[Restriction], params: Parameters) -> tuple[str, ...]:
    """Warnings that hang on the blend's own contents: restricted ingredients (table 3) and ethanol by mass."""
    hair = on_hair([product for product, _ in formula])
    found = table_warnings(formula, restrictions, use_of(formula), hair=hair)
    return (*found, params.ethanol_warning) if ethanol_ppm(formula) >= params.ethanol_label_ppm else found
