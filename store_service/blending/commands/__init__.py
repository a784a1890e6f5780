"""What can be done to a unit, in the order of its life. Each command asks its gate, records, commits, then answers."""

from .aside import discard, park, resume, stop, unpark
from .bench import clear_line, place_cup, scan_container, start_unit
from .dose import SAME_CUP_MG, Doser
from .finish import inspect, sign, weigh
from .plan import drop_unit, plan_unit
from .reratio import Offer, accept, offer

__all__ = [
    "SAME_CUP_MG",
    "Doser",
    "Offer",
    "accept",
    "clear_line",
    "discard",
    "drop_unit",
    "inspect",
    "offer",
    "park",
    "place_cup",
    "plan_unit",
    "resume",
    "scan_container",
    "sign",
    "start_unit",
    "stop",
    "unpark",
    "weigh",
]
