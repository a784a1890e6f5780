"""The checks, a file for each chapter. Importing this package registers them, in the order in which a clerk should
read the answers: scope, people, consultation, products, the blend, the label, its words."""

from store_service.rules.checking import CHECKS

# isort: off
from . import scope, enterprise, approval, line, people, training, consultation  # noqa: F401
from . import products, filings, receipts, mixing, planning  # noqa: F401
from . import chemistry, containers, made, bench, dosing, finishing  # noqa: F401
from . import labels, marking, claims, words  # noqa: F401
from . import batch, privacy, after, annual  # noqa: F401
# isort: on

__all__ = ["CHECKS"]
