"""A device's line is kept open, and once the bench closes nobody opens it again."""

from __future__ import annotations

import asyncio

import pytest

from device_drivers.errors import LineLost
from device_drivers.identity import Identity
from store_service.equipment.keeper import Keeper


def test_a_line_that_was_just_being_opened_is_closed_and_nobody_goes_on_with_it() -> None:
    calls: list[str] = []

    async def main() -> None:
        reached, answered = asyncio.Event(), asyncio.Event()

        async def connect() -> Identity:
            calls.append("connect")
            reached.set()
            await answered.wait()
            return Identity("model", "1", "1.0")

        async def close() -> None:
            calls.append("close")

        keeper = Keeper("scale", connect, close)
        keeping = asyncio.create_task(keeper.keep())
        await reached.wait()
        keeper.retire()
        answered.set()
        with pytest.raises(LineLost):
            await keeping
        await keeper.shut()
        with pytest.raises(LineLost):
            await keeper.keep()

    asyncio.run(main())
    assert calls == ["connect", "close"]
