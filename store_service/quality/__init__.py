"""Deviations, and who decides on them."""
