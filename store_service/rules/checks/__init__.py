"""The checks, a file for each chapter. Importing this package registers them, in the order in which a clerk should
read the answers: scope, people, consultation, products, the blend, the label, its words."""

from store_service.rules.checking import CHECKS

from . import scope, people, consultation, products, planning, bench, dosing, finishing, labels, words  # isort: skip

__all__ = [
    "CHECKS", "bench", "consultation", "dosing", "finishing", "labels", "people", "planning", "products", "scope",
    "words",
]  # fmt: skip
