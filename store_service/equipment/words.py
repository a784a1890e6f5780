"""Faults in a clerk's words."""

from device_drivers.dosing.faults import Fault


def fault_words(fault: str) -> tuple[str, str] | None:
    """(zh, en) of a dosing fault, None for what is none."""
    try:
        known = Fault(fault)
    except ValueError:
        return None
    return known.words_zh, known.words_en
