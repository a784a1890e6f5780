"""The contract of `Dispenser`, asked of every driver against its simulator on a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from device_drivers.dispensers.base import DEAD_MAN_RELAY, ChannelState
from device_drivers.errors import BadFrame, DeviceBusy, DeviceError, DeviceFault, LineLost, NoAnswer, NotConfirmed
from tests.device_drivers.pump_rigs import ALL, BEHIND_A_RELAY, CONTINUOUS, FULL_UL_S, MODBUS, SPEED, Rig, law

FITTED = [*ALL[5:], ALL[0], *BEHIND_A_RELAY]
"""As they may be used in a shop: those that nothing bounds stand behind the relay."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
    yield
    logging.getLogger("pymodbus").setLevel(logging.NOTSET)


STOP_FIRST = {
    # unit 2 of four is stopped second; the first frame of a connect goes to channel 1
    "demo_quad": "01 06 01 00 00 00 88 36",
    "kamoer": "c0 05 10 04 ff 00 d9 ea",  # RS-485 control: before it the board hears nothing else
    "longer_l100_1s2": "01 06 00 04 00 00 c8 0b",
    "longer_l100_board": "01 06 00 04 00 00 c8 0b",
    "jbt": "01 05 03 e7 00 00 7d b9",
    "dulco_flex": "14 06 04 b0 00 02 0a 19",
    "watson_marlow_520": "31 53 54 0d",
    "runze_sy01b": "cc 31 49 00 00 dd 23 02",
}


@law(*ALL)
async def test_the_first_frame_of_a_connect_stops_what_a_dead_host_left_running(rig: Rig) -> None:
    await rig.start_long()
    rig.tap.cut()
    rig.tap.sent = b""
    await rig.pump.close()
    await asyncio.sleep(0.03)
    again = rig.make()
    await again.connect()
    assert rig.tap.sent.startswith(bytes.fromhex(STOP_FIRST[rig.name]))
    await rig.stands()
    pumped = rig.pumped_ul
    assert not (await again.status(rig.channel)).running
    await again.close()
    assert rig.pumped_ul == pumped and rig.truth.dose_counter == 1


@law(*ALL)
async def test_a_dose_ends_at_its_bound_and_is_counted(rig: Rig) -> None:
    first = await rig.start(300)
    running = await rig.status()
    assert running.counter == first
    done = await rig.ended()
    await rig.stands()
    assert (done.state, done.fault, done.counter) == (ChannelState.DONE, None, first)
    # A pump without a bound of its own is stopped by the host's clock: a ramp and a look late.
    slack = 0.10 * FULL_UL_S if rig.name in CONTINUOUS else 2.0
    assert rig.pumped_ul == pytest.approx(300, abs=slack)
    assert done.delivered_ul == pytest.approx(300, abs=slack)
    assert await rig.start(120) == first + 1
    await rig.ended()
    assert rig.truth.dose_counter == 2


@law(*[one for one in ALL if one != "watson_marlow_520"])
async def test_a_lost_reply_to_start_is_one_dose(rig: Rig) -> None:
    rig.fault("pump_start_reply_lost")
    counter = await rig.start(300)
    rig.fault("pump_start_reply_lost", False)
    done = await rig.ended()
    assert (done.counter, done.state) == (counter, ChannelState.DONE)
    assert rig.truth.dose_counter == 1


@law(*ALL[1:])
async def test_a_pump_that_does_not_turn_was_not_started(rig: Rig) -> None:
    rig.fault("pump_local_key")
    with pytest.raises((NotConfirmed, DeviceFault)):
        await rig.start(300)
    rig.fault("pump_local_key", False)
    await asyncio.sleep(0.05)
    assert rig.truth.dose_counter == 0 and not (await rig.status()).running


@law(*ALL[1:])
async def test_a_hand_on_the_pumps_own_key_is_a_fault_and_not_a_dose(rig: Rig) -> None:
    await rig.start_long()
    rig.fault("pump_local_key")
    ended = await rig.ended()
    assert (ended.state, ended.fault) == (ChannelState.FAULT, "stopped_by_itself")
    assert ended.delivered_ul < 4_000


@law(*ALL)
async def test_a_second_start_while_it_runs_is_refused(rig: Rig) -> None:
    await rig.start_long()
    with pytest.raises(DeviceBusy):
        await rig.start(2_000)
    await rig.pump.stop(rig.channel)
    assert rig.truth.dose_counter == 1


@law(*ALL)
async def test_a_stop_is_confirmed_or_it_is_an_error(rig: Rig) -> None:
    await rig.start_long()
    rig.fault("pump_stop_lost")
    with pytest.raises((NotConfirmed, NoAnswer)):
        await rig.pump.stop(rig.channel)
    rig.fault("pump_stop_lost", False)
    if rig.name != "watson_marlow_520":  # its stop has no answer: the last one sent may still have been on its way
        assert (await rig.status()).running
    await rig.pump.stop()
    assert not (await rig.status()).running
    await rig.stands()
    assert rig.pumped_ul < 4_000 and rig.truth.dose_counter == 1
    assert (await rig.status()).delivered_ul == pytest.approx(rig.pumped_ul, abs=0.12 * FULL_UL_S)


@law(*ALL)
async def test_suck_back_draws_back_or_says_that_it_cannot(rig: Rig) -> None:
    most = rig.pump.suck_back_most_ms
    with pytest.raises(ValueError, match=r"suck"):
        await rig.pump.suck_back(rig.channel, most + 1)
    if most == 0:
        return
    await rig.start(300)
    await rig.ended()
    await rig.stands()
    await rig.pump.stop(rig.channel)
    lost = rig.truth.container.lost_mg
    await rig.pump.suck_back(rig.channel, 80)
    await asyncio.sleep(0.12)
    # What 80 ms of full flow are: in the plant's seconds where the device measures them, in the host's where we do.
    asked = {"demo_quad": 152.0, "watson_marlow_520": 152.0, "runze_sy01b": 102.0}.get(rig.name, 152.0 * SPEED)
    assert lost - rig.truth.container.lost_mg == pytest.approx(asked, rel=0.5)
    assert not (await rig.status()).running
    await rig.start(300)
    assert (await rig.ended()).state is ChannelState.DONE  # forward again


@law(*MODBUS)
async def test_exceptions_are_mapped_and_start_nothing(rig: Rig) -> None:
    for fault, error in (
        ("pump_exception_4", DeviceFault),
        ("pump_exception_5", DeviceBusy),
        ("pump_exception_6", DeviceBusy),
    ):
        if (rig.name, fault) == ("demo_quad", "pump_exception_5"):
            continue  # that simulator has no such fault
        rig.fault(fault)
        with pytest.raises(error):
            await rig.start(300)
        if error is DeviceBusy:
            await rig.pump.stop(rig.channel)
        rig.fault(fault, False)
    assert rig.truth.dose_counter == 0


@law(*ALL[1:])
async def test_a_broken_answer_is_no_answer_and_the_next_one_is_right(rig: Rig) -> None:
    await rig.start(200)
    await rig.ended()
    await rig.stands()
    for fault, passed_s in (("pump_noise", 0.05), ("pump_reply_late", 0.45)):
        rig.fault(fault)
        with contextlib.ExitStack() as broken:
            broken.enter_context(pytest.raises((NoAnswer, BadFrame)))
            await rig.status()
            if fault == "pump_reply_late":
                broken.pop_all()  # without numbers on the wire a late answer may be that to the repeated question
        rig.fault(fault, False)
        await asyncio.sleep(passed_s)
        after = await rig.status()
        assert (after.running, after.counter) == (False, 1)
        assert after.delivered_ul == pytest.approx(rig.pumped_ul, abs=0.1 * FULL_UL_S)


@law(*ALL[1:])
async def test_a_cable_pulled_and_put_back_does_not_start_anything(rig: Rig) -> None:
    await rig.start_long()
    rig.fault("pump_unplugged")
    await asyncio.sleep(0.05)
    with pytest.raises((LineLost, NoAnswer)):
        await rig.status()
    with pytest.raises(LineLost):
        await rig.pump.connect()
        await rig.status()
    rig.fault("pump_unplugged", False)
    await rig.pump.connect()
    await rig.stands()
    pumped = rig.pumped_ul
    await asyncio.sleep(0.1)
    assert rig.pumped_ul == pumped and rig.truth.dose_counter == 1
    assert await rig.start(200) >= 1


@law(*FITTED)
async def test_a_killed_host_leaves_the_pump_bounded_as_stated(rig: Rig) -> None:
    await rig.start(2_500)
    rig.tap.cut()  # no stop, no kick: kill -9 leaves nothing else
    assert rig.pump.ends_by_itself
    for _ in range(150):
        await asyncio.sleep(0.01)
        if rig.truth.actual == 0.0:
            break
    assert rig.truth.actual == 0.0
    assert rig.pumped_ul <= 2_500 + 1.0
    if DEAD_MAN_RELAY in rig.pump.ends_by_itself:
        assert rig.pumped_ul < 0.5 * FULL_UL_S


@law(*CONTINUOUS)
async def test_without_the_relay_these_run_on_and_say_so(rig: Rig) -> None:
    assert rig.pump.ends_by_itself == ()
    await rig.start(300)
    rig.tap.cut()
    await asyncio.sleep(0.35)
    assert rig.truth.turning and rig.pumped_ul > 2 * 300


@law(*BEHIND_A_RELAY)
async def test_behind_the_relay_a_dose_goes_on_while_it_is_kicked_and_not_longer(rig: Rig) -> None:
    await rig.start(3_500)
    assert (await rig.ended()).state is ChannelState.DONE
    await rig.pump.stop(rig.channel)
    await rig.stands()
    assert rig.pumped_ul == pytest.approx(3_500, abs=0.10 * FULL_UL_S)
    assert not rig.truth.supplied
    await rig.start(3_500)
    await asyncio.sleep(0.5)  # nobody kicks
    assert rig.truth.actual == 0.0 and rig.pumped_ul < 0.45 * FULL_UL_S


@law("demo_quad", "kamoer", "jbt", "dulco_flex", "runze_sy01b")
async def test_a_stall_is_told_where_the_model_can_know_it(rig: Rig) -> None:
    await rig.start_long()
    await asyncio.sleep(0.1)
    rig.fault("pump_stalled")
    seen = await rig.until(lambda s: s.state is ChannelState.FAULT)
    assert seen.fault == "motor_stalled"


@law("longer_l100_1s2", "longer_l100_board", "watson_marlow_520")
async def test_where_it_cannot_the_scale_has_to_notice(rig: Rig) -> None:
    await rig.start_long()
    await asyncio.sleep(0.1)
    rig.fault("pump_stalled")
    await asyncio.sleep(0.2)
    assert (await rig.status()).state is ChannelState.RUNNING
    await rig.pump.stop(rig.channel)
    assert rig.pumped_ul < 4_000


@law("demo_quad", "dulco_flex", "runze_sy01b")
async def test_an_empty_container_has_the_name_that_the_clerk_is_helped_by(rig: Rig) -> None:
    await rig.start_long()
    await asyncio.sleep(0.1)
    rig.fault("container_empty")
    seen = await rig.until(lambda s: s.state is ChannelState.FAULT)
    if rig.name != "runze_sy01b":  # a syringe knows only that its plunger stands
        assert seen.fault == "line_empty"


@law("runze_sy01b")
async def test_a_fill_that_broke_off_does_not_lead_the_next_dose_back_into_the_container(rig: Rig) -> None:
    rig.simulator.units[0x32].port = 1  # towards the container, as a host that died in a fill leaves it
    await rig.start(300)
    assert (await rig.ended()).state is ChannelState.DONE
    assert rig.pumped_ul == pytest.approx(300, abs=2)


@law(*MODBUS)
async def test_a_late_echo_in_the_place_of_the_triggers_answer_is_no_reason_to_leave_a_pump_running(rig: Rig) -> None:
    bus, began = rig.pump._bus, rig.truth.dose_counter  # type: ignore[attr-defined]  # where the echo is compared
    whole, echoes = bus._tell, [BadFrame("the device answered for 0x0001")]

    async def tell(*told: Any) -> None:
        await whole(*told)
        if rig.truth.dose_counter > began and echoes:
            raise echoes.pop()

    bus._tell = tell
    await rig.start_long()
    assert not echoes and (await rig.status()).running, "a look at the pump decides, and its bound is watched"
    await rig.pump.stop(rig.channel)
    await rig.stands()
    assert rig.pumped_ul < 4_000


@law(*MODBUS, scheme="tcp")
async def test_the_same_over_modbus_tcp(rig: Rig) -> None:
    await rig.start(300)
    assert (await rig.ended()).state is ChannelState.DONE
    with pytest.raises(ValueError):
        await rig.pump.start(rig.channel, 10_001, 300)
    with pytest.raises(ValueError):
        await rig.pump.start(9, 10_000, 300)


@law("demo_quad", "kamoer", "jbt", "watson_marlow_520", "runze_sy01b", scheme="pty")
async def test_the_same_over_a_pseudo_terminal(rig: Rig) -> None:
    await rig.start(300)
    assert (await rig.ended()).state is ChannelState.DONE
    assert rig.truth.dose_counter == 1


@law(*BEHIND_A_RELAY)
async def test_a_stop_that_is_lost_opens_the_relay_at_once(rig: Rig) -> None:
    await rig.start_long()
    rig.fault("pump_stop_lost")
    with pytest.raises((NotConfirmed, NoAnswer)):
        await rig.pump.stop(rig.channel)
    assert not rig.truth.supplied
    rig.fault("pump_stop_lost", False)
    await rig.pump.kick()  # a watch that still runs holds nothing that was opened
    assert not rig.truth.supplied
    assert rig.truth.turning  # its run bit is still set: supply alone would start it again
    await rig.start(200)
    assert (await rig.ended()).state is ChannelState.DONE
    assert rig.truth.dose_counter == 2


@law(*ALL[1:])
async def test_a_start_whose_answers_come_too_late_is_one_dose_at_most_and_ends_standing(rig: Rig) -> None:
    rig.fault("pump_reply_late")
    with contextlib.suppress(DeviceError):
        await rig.start(300)
    rig.fault("pump_reply_late", False)
    await asyncio.sleep(0.45)
    await rig.pump.stop(rig.channel)
    await rig.stands()
    assert rig.truth.dose_counter <= 1 and rig.pumped_ul <= 300 + 0.1 * FULL_UL_S
    assert not (await rig.status()).running


@law(*BEHIND_A_RELAY)
async def test_a_pump_that_does_not_answer_loses_its_supply_while_the_host_lives(rig: Rig) -> None:
    await rig.start_long()
    rig.fault("pump_requests_lost")
    for _ in range(4):
        with pytest.raises(NoAnswer):
            await rig.pump.kick()
    assert not rig.truth.supplied and rig.truth.turning
