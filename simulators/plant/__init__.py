"""The one shared plant: pumps, hoses, air, cup and balance as coupled physics in its own virtual time.

Masses are float mg, volumes float µL, times float seconds since the plant began; nothing here reads a clock.
"""

from .balance import Sample, ScaleSpec
from .channel import Channel, ChannelState, FaultCode
from .goods import DEFAULT_PRODUCTS, VISCOSITY, Container, Cup, Product
from .plant import Busy, Plant, Truth

__all__ = [
    "DEFAULT_PRODUCTS",
    "VISCOSITY",
    "Busy",
    "Channel",
    "ChannelState",
    "Container",
    "Cup",
    "FaultCode",
    "Plant",
    "Product",
    "Sample",
    "ScaleSpec",
    "Truth",
]
