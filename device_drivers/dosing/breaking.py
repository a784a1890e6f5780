"""What a fault does to a dose: the pump is dealt with, what lies in the cup is weighed where that can still be done,
and it teaches what it can prove."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from device_drivers.dispensers.base import Dispenser
from device_drivers.dosing.faults import UNWEIGHABLE, Fault, fault_of
from device_drivers.dosing.guard import STABLE_WITHIN_S, Clock, Guard, Tripped
from device_drivers.dosing.pupil import TEACHING, Feeding, Pupil
from device_drivers.dosing.track import Track
from device_drivers.errors import DeviceError
from device_drivers.reading import Reading

_T = TypeVar("_T")

_HANDS_ON_THE_CUP = frozenset({Fault.CUP_REMOVED, Fault.CUP_FULL, Fault.DISTURBED, Fault.OVER_LIMIT})
ANSWER_S = 0.030
"""A command took effect about this long before its answer was here."""


class Breaking:
    """Of one dose, beside its guard."""

    def __init__(self, guard: Guard, track: Track, clock: Clock) -> None:
        self._guard, self._track, self._clock = guard, track, clock

    async def device(self, act: Awaitable[_T]) -> _T:
        """A request to the pump; its failure breaks the dose off."""
        try:
            return await act
        except DeviceError as error:
            raise await self.off(fault_of(error), error.detail) from error

    async def stable(self, since: float, agreeing: int = 3) -> Reading:
        """As `Guard.stable`; that none comes breaks the dose off."""
        reading = await self._guard.stable(self._track, since, STABLE_WITHIN_S, agreeing)
        if reading is None:
            raise await self.off(Fault.NOT_STABLE, f"no stable reading within {STABLE_WITHIN_S:g} s")
        return reading

    async def off(self, fault: Fault, detail: str) -> Tripped:
        """What is to be raised, once the pump has been dealt with."""
        self._guard.trip(fault, detail)
        await self._guard.halted()
        return Tripped()

    async def weighed(self, drips_s: float, *, pumped: bool) -> Reading | None:
        """What lies in the cup afterwards, None when this fault leaves nothing to weigh it with."""
        guard = self._guard
        if not pumped and guard.fault in _HANDS_ON_THE_CUP:
            guard.fault = Fault.CUP_CHANGED  # whatever came or went is not of this dose
        if guard.fault in UNWEIGHABLE:
            return None
        final = await guard.stable(self._track, self._clock() + drips_s, STABLE_WITHIN_S)
        dead = guard.fault is Fault.NOT_RISING and not guard.supervisor.shows_life
        return None if dead else final

    async def taught(
        self,
        pupil: Pupil,
        final: Reading | None,
        feeding: Feeding | None,
        dispenser: Dispenser,
        channel: int,
        at: float,
    ) -> None:
        """`feeding` is the start that had not settled and `at` when it ended."""
        guard = self._guard
        if final is None or final.mass_mg is None or guard.fault not in TEACHING or not guard.stop_confirmed:
            return
        with suppress(DeviceError):  # a pump that does not tell what it gave teaches nothing
            pupil.broken_off(float(final.mass_mg), feeding, await dispenser.status(channel), at)
