"""Load, prime and purge at the bench: product pushed through one line into a vessel on the scale, weighed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from device_drivers.dispensers.base import Dispenser
from device_drivers.dosing.estimator import ScaleModel
from device_drivers.dosing.flush import FlushPlan, run_flush
from device_drivers.scales.base import Scale

from .bench import DeviceTrouble, Flushed, FlushOrder
from .keeper import Keeper

FULL_BP, SLOWEST_UL_S, MARGIN_S = 10_000, 100, 20.0


def budget_s(order: FlushOrder) -> float:
    """What the slowest pump may take, weighing before and after included."""
    return MARGIN_S + order.volume_ul / SLOWEST_UL_S


async def flush(
    order: FlushOrder,
    scale: Scale,
    dispenser: Dispenser | None,
    keepers: tuple[Keeper, Keeper | None],
    max_gross_mg: int,
    clock: Callable[[], float],
    cancel: asyncio.Event,
    model: ScaleModel,
) -> Flushed:
    """Raises DeviceTrouble without a pump and DeviceError when a device is not there: nothing moved then. A fault on
    the way is part of the answer.
    """
    scale_keeper, pump_keeper = keepers
    if dispenser is None or pump_keeper is None:
        raise DeviceTrouble("dispenser", "pump_lost", "本工位没有配置泵。", "This bench has no pump configured.")
    await scale_keeper.keep()
    await pump_keeper.keep()
    cancel.clear()
    plan = FlushPlan(order.channel, order.volume_ul, FULL_BP, max_gross_mg, budget_s(order), order.enough_mg)
    try:
        result = await run_flush(plan, scale, dispenser, clock, asyncio.sleep, cancel, model)
    except ValueError as error:  # a channel that the pump does not have
        zh, en = "这个通道不存在，请核对工位配置。", "There is no such channel; check the bench's settings."
        raise DeviceTrouble("dispenser", "no_channel", zh, en, str(error)) from error
    return Flushed(
        moved_mg=result.moved_mg,
        delivered_ul=result.delivered_ul,
        fault=result.fault.value if result.fault else None,
        raw_before=result.raw_first.decode("ascii", "replace"),
        raw_after=result.raw_last.decode("ascii", "replace"),
    )
