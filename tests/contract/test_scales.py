"""One contract for every scale driver, each against its simulator over a socket.

Invalid is never a number: whatever is wrong, a driver gives a state without a mass or raises, and a mass that it does
give is one that lay on the pan.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from device_drivers.dosing.faults import Fault
from device_drivers.dosing.supervisor import Limits, Supervisor
from device_drivers.dosing.track import Track
from device_drivers.errors import BadFrame, DeviceBusy, DeviceError, LineLost, NoAnswer, PortBusy, Rejected
from device_drivers.reading import Reading, State
from tests.device_drivers.scales_on_wire import CASES, SPEED, Case, Rig, rig_of

FLOW = 20_000.0
"""mg a second of ours."""
LOAD = 120_000.0
"""mg; a whole number of grams, which the till scale shows too."""
Scenario = Callable[[Rig], Awaitable[None]]
SCENARIOS: dict[str, Scenario] = {}
NEEDS: dict[str, str] = {}
"""Scenario → what the case's protocol must be able to tell at all."""
AT_ONCE = 60


def scenario(work: Scenario) -> Scenario:
    SCENARIOS[work.__name__] = work
    return work


def where(needs: str) -> Callable[[Scenario], Scenario]:
    """A scenario for the protocols that tell it; the others send the number that they have."""

    def named(work: Scenario) -> Scenario:
        NEEDS[work.__name__] = needs
        return scenario(work)

    return named


async def stable(rig: Rig) -> Reading:
    return await rig.scale.weigh(stable=True, timeout_s=6.0)


async def loaded(rig: Rig) -> int:
    rig.put(LOAD)
    await rig.rest()
    reading = await stable(rig)
    assert reading.state is State.STABLE and reading.mass_mg is not None
    assert abs(reading.mass_mg - LOAD) <= rig.case.tol_mg
    return reading.mass_mg


async def some(rig: Rig, count: int, within_s: float = 4.0) -> list[Reading]:
    got: list[Reading] = []
    async with asyncio.timeout(within_s), contextlib.aclosing(rig.scale.stream()) as readings:
        async for reading in readings:
            got.append(reading)
            if len(got) == count:
                break
    return got


def right(rig: Rig, readings: list[Reading], *masses: float) -> bool:
    """Every mass among the readings is one of those that lay on the pan."""
    tol = rig.case.tol_mg
    return all(any(abs(one.mass_mg - mass) <= tol for mass in masses) for one in readings if one.mass_mg is not None)


@scenario
async def stable_is_the_mass_on_the_pan_and_readings_are_dated_and_numbered(rig: Rig) -> None:
    began = time.monotonic()
    await loaded(rig)
    one, other = await rig.scale.weigh(False, 2.0), await rig.scale.weigh(False, 2.0)
    assert began < one.at <= other.at and one.seq < other.seq and other.raw
    got = await some(rig, 3)
    assert [reading.stable for reading in got] == [True] * 3 or rig.case.name == "rs485_low_word_first"
    assert right(rig, got, LOAD) and all(reading.mass_mg is not None for reading in got)
    assert [reading.seq for reading in got] == sorted({reading.seq for reading in got})
    await stable(rig)  # the stream has ended: the scale answers again


@scenario
async def a_moving_load_is_never_called_stable(rig: Rig) -> None:
    await loaded(rig)
    await rig.fault("vibration")
    while (await rig.scale.weigh(False, 2.0)).stable:
        await asyncio.sleep(0.01)
    got = [await rig.scale.weigh(False, 2.0) for _ in range(5)]
    assert not any(reading.stable for reading in got)
    if rig.case.says_moving:
        assert {reading.state for reading in got} == {State.MOVING}
    with contextlib.suppress(NoAnswer):  # or it waits in silence, as the manuals say
        given_up = await rig.scale.weigh(stable=True, timeout_s=0.4)
        assert given_up.state is State.BUSY and given_up.mass_mg is None


@where("says_over")
async def overload_is_a_state(rig: Rig) -> None:
    await _out_of_range(rig, "scale_overload", State.OVERLOAD)


@where("says_under")
async def underload_is_a_state(rig: Rig) -> None:
    await _out_of_range(rig, "scale_underload", State.UNDERLOAD)


async def _out_of_range(rig: Rig, fault: str, state: State) -> None:
    await loaded(rig)
    await rig.fault(fault)
    for wait in (False, True):
        reading = await rig.scale.weigh(wait, 2.0)
        assert (reading.state, reading.mass_mg) == (state, None)
    assert {(one.state, one.mass_mg) for one in await some(rig, 2)} == {(state, None)}
    await rig.fault(fault, on=False)
    await loaded(rig)


@where("says_over")
async def too_heavy_a_load_is_overload(rig: Rig) -> None:
    rig.put(600_000.0)
    await rig.rest()
    assert (await stable(rig)).state is State.OVERLOAD


@scenario
async def a_scale_that_cannot_weigh_now_gives_no_number(rig: Rig) -> None:
    await loaded(rig)
    await rig.fault("scale_not_ready")
    reading = await rig.scale.weigh(False, 1.0)
    assert reading.mass_mg is None and reading.state in (State.BUSY, State.ERROR)
    await rig.fault("scale_not_ready", on=False)
    await loaded(rig)


@where("says_unit")
async def another_unit_is_no_mass(rig: Rig) -> None:
    await loaded(rig)
    await rig.fault("scale_wrong_unit")
    for wait in (True, False):
        reading = await rig.scale.weigh(wait, 2.0)
        assert (reading.state, reading.mass_mg) == (State.WRONG_UNIT, None)


@scenario
async def garbage_is_an_error_and_never_a_reading(rig: Rig) -> None:
    await loaded(rig)
    await rig.fault("scale_garbage")
    with pytest.raises((BadFrame, NoAnswer)):
        await rig.scale.weigh(False, 0.3)
    with pytest.raises((DeviceError, TimeoutError)):
        await some(rig, 1, within_s=0.6)
    await rig.fault("scale_garbage", on=False)
    await loaded(rig)


@scenario
async def frames_in_pieces_are_the_same_readings(rig: Rig) -> None:
    await _cut_otherwise(rig, "scale_split")


@scenario
async def frames_in_batches_are_the_same_readings(rig: Rig) -> None:
    await _cut_otherwise(rig, "scale_joined")


async def _cut_otherwise(rig: Rig, fault: str) -> None:
    await loaded(rig)
    await rig.fault(fault)
    seen: list[Reading] = []
    while len(seen) < 2:
        with contextlib.suppress(NoAnswer):  # a batch may come later than an answer may; then it is told as silence
            seen.append(await rig.scale.weigh(False, 2.0))
    if fault == "scale_split":
        seen += await some(rig, 2)
    assert right(rig, seen, LOAD)
    assert all(one.mass_mg is not None for one in seen)


@scenario
async def a_late_answer_is_never_taken_for_the_present_weight(rig: Rig) -> None:
    await loaded(rig)
    if rig.case.name == "sbi_autoprint":
        return  # nobody asks it, so nothing answers late: its lines come late for good, and are still in order
    await rig.fault("scale_late")
    with pytest.raises(NoAnswer):
        await rig.scale.weigh(False, 0.1)
    rig.put(2 * LOAD)
    await rig.rest()
    # The old answer is still on its way while the next question is asked, which is answered late as well.
    reading: Reading | None = None
    while reading is None:
        with contextlib.suppress(NoAnswer):
            reading = await rig.scale.weigh(False, 3.0)
        if reading is None and rig.faults.is_on("scale_late"):
            await rig.fault("scale_late", on=False)
    assert right(rig, [reading], 2 * LOAD) and reading.mass_mg is not None


@scenario
async def a_silent_scale_is_stale_and_the_stream_says_so(rig: Rig) -> None:
    await loaded(rig)
    supervisor = Supervisor(Limits(500_000, 500_000, 2_000.0, 60.0), time.monotonic())
    fault: Fault | None = None
    stream = rig.scale.stream()
    async with contextlib.aclosing(stream):
        for _ in range(4):
            supervisor.see(await anext(stream), time.monotonic())
        await rig.fault("scale_silent")
        waiting = asyncio.ensure_future(anext(stream))
        while fault is None:
            await asyncio.sleep(0.02)
            fault = supervisor.check(time.monotonic())
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert fault is Fault.SCALE_STALE
    with pytest.raises(NoAnswer):
        await rig.scale.weigh(False, 0.2)


@scenario
async def a_frozen_stream_is_found_out_while_something_flows(rig: Rig) -> None:
    await loaded(rig)
    supervisor = Supervisor(Limits(500_000, 500_000, FLOW, 60.0), time.monotonic())
    fault: Fault | None = None
    product = rig.plant.channels[1].product.name
    async with contextlib.aclosing(rig.scale.stream()) as readings:
        async for reading in readings:
            now = time.monotonic()
            if reading.seq and not rig.faults.is_on("scale_frozen"):
                await rig.fault("scale_frozen")
                supervisor.pump(FLOW, time.monotonic())
                rig.plant.pour(product, 30_000.0, FLOW / SPEED)
                continue
            fault = fault or supervisor.see(reading, now) or supervisor.check(now)
            if fault is not None:
                break
    assert fault in (Fault.NOT_RISING, Fault.SCALE_FROZEN, Fault.SCALE_STALE)


@scenario
async def a_pulled_cable_is_told_and_the_line_comes_back(rig: Rig) -> None:
    await loaded(rig)
    await rig.fault("scale_unplugged")
    with pytest.raises((LineLost, NoAnswer)):
        for _ in range(20):
            await rig.scale.weigh(False, 0.3)
    with pytest.raises(DeviceError):
        await rig.scale.connect()
    await rig.fault("scale_unplugged", on=False)
    assert (await rig.scale.connect()).model
    await loaded(rig)


@scenario
async def zero_and_tare_are_shown_by_the_readings_or_refused(rig: Rig) -> None:
    if not rig.case.writes:
        for act in (rig.scale.zero, rig.scale.tare):
            with pytest.raises(Rejected):
                await act()
        return
    rig.put(500.0)
    await rig.rest()
    await rig.scale.zero()
    assert right(rig, [await stable(rig)], 0.0)
    rig.put(LOAD)
    await rig.rest()
    if rig.case.name == "rs485_low_word_first":
        return  # its manual does not say where the net weight stands
    tare = await rig.scale.tare()
    assert right(rig, [tare], LOAD - 500)
    net = await stable(rig)
    assert net.kind == "net" and right(rig, [net], 0.0)
    with pytest.raises((Rejected, DeviceBusy)):
        rig.put(400_000.0)
        await rig.rest()
        await rig.scale.zero()


@where("writes")
async def nothing_is_tared_while_it_moves(rig: Rig) -> None:
    await loaded(rig)
    await rig.fault("vibration")
    while (await rig.scale.weigh(False, 2.0)).stable:
        await asyncio.sleep(0.01)
    with pytest.raises((DeviceBusy, Rejected, NoAnswer)):
        await rig.scale.tare()
    await rig.fault("vibration", on=False)
    await loaded(rig)  # still gross


@where("says_moving")
async def a_stuck_stable_flag_is_not_enough_for_a_result(rig: Rig) -> None:
    if rig.case.name == "rs485_low_word_first":
        return  # it has no such flag
    await loaded(rig)
    await rig.fault("scale_stuck_stable")
    rig.plant.pour(rig.plant.channels[1].product.name, 100_000.0, FLOW / SPEED)
    track, supported = Track(time.monotonic(), quiet_mg=30.0), []
    async with contextlib.aclosing(rig.scale.stream()) as readings:
        async for reading in readings:
            track.add(reading, 0)
            if reading.mass_mg is not None and reading.mass_mg > LOAD + 2_000:
                assert reading.stable  # it claims so
                supported.append(track.supports(reading))
            if len(supported) == 5:
                break
    assert not any(supported)


@scenario
async def one_owner_at_a_time(rig: Rig) -> None:
    stream = rig.scale.stream()
    async with contextlib.aclosing(stream):
        await anext(stream)
        with pytest.raises(PortBusy):
            await rig.scale.weigh(False, 0.05)
    await rig.scale.weigh(False, 2.0)
    other = rig.case.make(rig.number)
    with pytest.raises(DeviceError):
        await other.connect()
    await other.close()


# --- all of them against all of it; they mostly wait, so they wait side by side ---

Outcomes = dict[tuple[str, str], BaseException | None]


async def _play(chosen: list[tuple[Case, str]]) -> Outcomes:
    outcomes: Outcomes = {}
    free = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case, name: str) -> None:
        async with free:
            try:
                async with asyncio.timeout(20), rig_of(case) as rig:
                    await SCENARIOS[name](rig)
                outcomes[case.name, name] = None
            except (Exception, pytest.fail.Exception) as outcome:
                outcomes[case.name, name] = outcome

    await asyncio.gather(*(one(case, name) for case, name in chosen))
    return outcomes


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest) -> Iterator[Outcomes]:
    here = [item for item in request.session.items if item.path == request.path]
    wanted = [each.callspec.params for each in here if hasattr(each, "callspec")]
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
    yield asyncio.run(_play([(each["case"], each["name"]) for each in wanted]))
    logging.getLogger("pymodbus").setLevel(logging.NOTSET)


def _runs() -> Iterator[object]:
    """Two of SBI's forms differ in their frames alone, which have golden vectors: of them a sample."""
    for name in SCENARIOS:
        for case in CASES:
            if name in NEEDS and not getattr(case, NEEDS[name]):
                continue
            sampled = case.name not in ("sbi_16", "sbi_brackets") or "stable_is" in name or "over" in name
            yield pytest.param(name, case, id=f"{name}-{case.name}", marks=[] if sampled else pytest.mark.soak)


@pytest.mark.parametrize(("name", "case"), list(_runs()))
def test_contract(name: str, case: Case, outcomes: Outcomes) -> None:
    if (outcome := outcomes[case.name, name]) is not None:
        raise outcome


def test_what_some_wires_cannot_tell_is_known() -> None:
    def silent_about(needs: str) -> set[str]:
        return {case.name for case in CASES if not getattr(case, needs)}

    assert silent_about("says_over") == {"rs485_low_word_first"}
    assert silent_about("says_under") == {"laumas", "rs485_low_word_first"}
    assert silent_about("says_unit") == {"toledo_8217", "tuna_id551", "rs485_low_word_first"}
