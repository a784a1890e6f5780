"""The tables that queries read, each a pure fold of the log. Importing this package fills the register."""

from . import (
    after,
    blending,
    care,
    catalogue,
    consultation,
    duties,
    equipment,
    labelling,
    people,
    privacy,
    quality,
    site,
    stock,
)

__all__ = [
    "after",
    "blending",
    "care",
    "catalogue",
    "consultation",
    "duties",
    "equipment",
    "labelling",
    "people",
    "privacy",
    "quality",
    "site",
    "stock",
]
