"""A line is loaded at the real bench: over the sockets of a simulated one, through the thread that drives devices."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from device_drivers.dispensers.base import ChannelStatus
from simulators.bench import RunningBench, running_bench
from store_service.equipment import devices
from store_service.equipment.bench import DeviceTrouble, Flushed, FlushOrder
from store_service.equipment.live import LiveBench
from store_service.settings import BenchSettings, read_store
from tests.clerk import until

CONFIG = Path(__file__).parents[2] / "config" / "store.toml"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
    yield
    logging.getLogger("pymodbus").setLevel(logging.NOTSET)


def bench_settings(bench: RunningBench) -> BenchSettings:
    said = read_store(CONFIG).benches[0].model_dump()
    said["scale"]["port"] = f"socket://127.0.0.1:{bench.scale_port}"
    said["dispenser"]["url"] = f"tcp://127.0.0.1:{bench.pump_port}"
    return BenchSettings.model_validate(said | {"printer": None})


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[RunningBench, LiveBench]]:
    with running_bench(speed=3.0) as bench:
        settings = bench_settings(bench)
        assert settings.dispenser is not None
        live = LiveBench(settings, devices.scale(settings.scale), devices.dispenser(settings.dispenser), None, tmp_path)
        live.open()
        yield bench, live
        live.close()


def test_what_a_flush_moves_is_weighed(place: tuple[RunningBench, LiveBench]) -> None:
    bench, live = place
    bench.do(lambda plant: plant.cup_on(20_000.0))
    time.sleep(1.0)  # the vessel comes to rest
    moved = live.flush(FlushOrder(2, 2_000))
    truth = bench.do(lambda plant: plant.cup.content_mg)
    assert moved.fault is None and moved.delivered_ul == 2_000
    assert moved.moved_mg is not None and abs(moved.moved_mg - truth) <= 35
    assert [(tube.channel, tube.pumped_mg) for tube in live.tubes()] == [(2, moved.moved_mg)]
    assert "S S" in moved.raw_before and "S S" in moved.raw_after


def test_a_channel_that_is_not_there_is_told_and_nothing_moves(place: tuple[RunningBench, LiveBench]) -> None:
    bench, live = place
    bench.do(lambda plant: plant.cup_on(20_000.0))
    time.sleep(1.0)
    with pytest.raises(DeviceTrouble, match="no_channel") as told:
        live.flush(FlushOrder(9, 2_000))
    assert told.value.zh and told.value.en
    assert all(channel.dose_counter == 0 for channel in bench.plant.channels.values())


def test_without_a_pump_there_is_nothing_to_flush(place: tuple[RunningBench, LiveBench], tmp_path: Path) -> None:
    _, live = place
    bare = LiveBench(live.settings, devices.scale(live.settings.scale), None, None, tmp_path)
    bare.open()
    with pytest.raises(DeviceTrouble, match="pump_lost"):
        bare.flush(FlushOrder(2, 2_000))
    bare.close()


def test_the_line_is_released_although_a_library_swallowed_the_cancellation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_bench(speed=3.0) as bench:
        settings = bench_settings(bench)
        assert settings.dispenser is not None
        pump = devices.dispenser(settings.dispenser)
        asked, closed, close, status = threading.Event(), threading.Event(), pump.close, pump.status

        async def swallows(channel: int) -> ChannelStatus:
            if not asked.is_set():
                asked.set()
                with suppress(asyncio.CancelledError):
                    await asyncio.sleep(3600)
            return await status(channel)

        async def noted() -> None:
            await close()
            closed.set()

        monkeypatch.setattr(pump, "status", swallows)
        monkeypatch.setattr(pump, "close", noted)
        live = LiveBench(settings, devices.scale(settings.scale), pump, None, tmp_path)
        live.open()
        assert asked.wait(timeout=10)
        live.close()
        assert closed.is_set()


def test_one_line_that_does_not_close_leaves_no_other_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_bench(speed=3.0) as bench:
        settings = bench_settings(bench)
        assert settings.dispenser is not None
        scale, pump = devices.scale(settings.scale), devices.dispenser(settings.dispenser)
        closed, closes = threading.Event(), (scale.close, pump.close)

        async def breaks() -> None:
            await closes[1]()
            raise ConnectionResetError

        async def noted() -> None:
            await closes[0]()
            closed.set()

        monkeypatch.setattr(pump, "close", breaks)
        monkeypatch.setattr(scale, "close", noted)
        live = LiveBench(settings, scale, pump, None, tmp_path)
        live.open()
        live.close()
        assert closed.is_set()


def test_a_flush_under_way_ends_before_its_lines_are_released(place: tuple[RunningBench, LiveBench]) -> None:
    bench, live = place
    bench.do(lambda plant: plant.cup_on(20_000.0))
    found: list[Flushed | DeviceTrouble] = []

    def hand() -> None:
        try:
            found.append(live.flush(FlushOrder(2, 60_000)))
        except DeviceTrouble as told:
            found.append(told)

    flushing = threading.Thread(target=hand)
    flushing.start()
    until(lambda: bench.do(lambda plant: plant.channels[2].turning), "the pump turns")
    live.close()
    flushing.join(10)
    assert not flushing.is_alive() and found
    assert not bench.do(lambda plant: plant.channels[2].turning), "stopped by its host, not by its watchdog"
