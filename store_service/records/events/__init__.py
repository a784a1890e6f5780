"""Every event type, one file per noun. Importing this package fills the register of payloads."""

from . import blending, catalogue, consultation, equipment, labelling, people, quality, site, stock

__all__ = ["blending", "catalogue", "consultation", "equipment", "labelling", "people", "quality", "site", "stock"]
