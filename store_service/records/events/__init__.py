"""Every event type, one file per noun. Importing this package fills the register of payloads."""

from . import (
    after,
    blending,
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
