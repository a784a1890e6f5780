"""Inspections by an authority, duties that come round, yearly totals, what may be sent out."""
