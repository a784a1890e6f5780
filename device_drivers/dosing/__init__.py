"""Closed-loop dosing: grams and seconds, never bytes. Floats live here; every door is integer mg."""
