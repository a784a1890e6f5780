"""A stop is judged by whether the pump stands, not by whether it answered to being told."""

from __future__ import annotations

import asyncio

import pytest

from device_drivers.dispensers.kept import KeptPumps
from device_drivers.errors import DeviceError, LineLost, NoAnswer, NotConfirmed, Rejected


class TwoPumps(KeptPumps):
    """Two channels in memory: what telling each of them raises, and whether it moves all the same."""

    def __init__(self, telling: dict[int, DeviceError], moving: frozenset[int] = frozenset()) -> None:
        super().__init__({1: 1, 2: 2}, confirm_polls=2)
        self.telling, self.moving = telling, moving
        self.told = list[int]()

    async def _send_stop(self, channel: int) -> None:
        self.told.append(channel)
        if channel in self.telling:
            raise self.telling[channel]

    async def _moves(self, channel: int) -> bool:
        return channel in self.moving


def test_a_lost_answer_is_no_alarm_where_the_pump_stands() -> None:
    pump = TwoPumps({1: NoAnswer("channel 1")})
    asyncio.run(pump.stop())
    assert pump.told == [1, 2], "never started, and told all the same"
    asyncio.run(pump.stop(1))


def test_what_moves_on_is_an_alarm_and_the_other_is_told() -> None:
    pump = TwoPumps({1: NoAnswer("channel 1")}, moving=frozenset({1}))
    with pytest.raises(NotConfirmed):
        asyncio.run(pump.stop())
    assert pump.told == [1, 2]


@pytest.mark.parametrize("error", [Rejected("07"), LineLost("cable")])
def test_a_stop_that_is_refused_or_a_line_that_is_gone_is_an_alarm(error: DeviceError) -> None:
    with pytest.raises(type(error)):
        asyncio.run(TwoPumps({2: error}).stop())
