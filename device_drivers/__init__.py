"""Bytes to readings, grams and seconds. Knows no formula, no database, nothing of the shop."""
