"""The tables that queries read, each a pure fold of the log. Importing this package fills the register."""

from . import blending, catalogue, consultation, equipment, labelling, people, quality, site, stock

__all__ = ["blending", "catalogue", "consultation", "equipment", "labelling", "people", "quality", "site", "stock"]
