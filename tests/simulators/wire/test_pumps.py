"""The pump models on their wires: golden bytes from a bare socket, no client library between, and their bad habits."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest

from simulators.faults import FAULTS, MODEL_FAULTS, FaultBoard
from simulators.plant import ChannelState, Plant
from simulators.runner import Runner
from simulators.wire.dulco_flex import DulcoFlex
from simulators.wire.line import LineTime
from simulators.wire.modbus_server import ModbusServer, crc
from simulators.wire.pumps import MODELS, make_pumps, make_relay
from simulators.wire.relay import RelayModule
from simulators.wire.runze import RunzeLine, Syringe

NO_LINE_TIME = LineTime(0)


class Wire:
    """A bare line to channel 1's pump; time is what the test says."""

    def __init__(self, name: str, **options: object) -> None:
        self.now = 0.0
        self.plant = Plant(seed=1)
        self.runner = Runner(self.plant, clock=lambda: self.now)
        self.faults = FaultBoard(self.plant, FAULTS + MODEL_FAULTS)
        if name == "relay":
            unit = RelayModule(self.runner, self.faults, clock=lambda: self.now, **options)  # type: ignore[arg-type]
            self.server: object = ModbusServer({1: unit}, self.runner, self.faults, NO_LINE_TIME, prefix="relay")
        elif options and name == "dulco_flex":
            pump = DulcoFlex(self.runner, self.faults, 1, **options)  # type: ignore[arg-type]
            self.server = ModbusServer({20: pump}, self.runner, self.faults, NO_LINE_TIME)
        elif options:
            syringe = Syringe(self.runner, self.faults, 1, **options)  # type: ignore[arg-type]
            self.server = RunzeLine({0x31: syringe}, self.runner, self.faults, NO_LINE_TIME)
        else:
            self.server = make_pumps(name, self.runner, self.faults, NO_LINE_TIME)

    async def open(self) -> None:
        port = await self.server.listen("127.0.0.1", 0, rtu=True)  # type: ignore[attr-defined]
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)

    async def close(self) -> None:
        self.writer.close()
        await self.server.close()  # type: ignore[attr-defined]

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.runner.catch_up()

    async def raw(self, data: bytes) -> bytes:
        """Send; whatever comes back before the line has been quiet."""
        self.writer.write(data)
        answer = b""
        while True:
            try:
                async with asyncio.timeout(0.04):
                    answer += await self.reader.read(256)
            except TimeoutError:
                return answer

    async def ask(self, frame: str) -> str:
        """A Modbus RTU request without its CRC; the answer without its own, "" for silence."""
        body = bytes.fromhex(frame)
        answer = await self.raw(body + crc(body))
        assert not answer or crc(answer[:-2]) == answer[-2:]
        return answer[:-2].hex(" ")

    async def say(self, text: str) -> str:
        return (await self.raw(f"{text}\r".encode())).decode()


def on_wire(name: str, use: Callable[[Wire], Awaitable[None]], **options: object) -> None:
    async def main() -> None:
        wire = Wire(name, **options)
        await wire.open()
        try:
            await use(wire)
        finally:
            await wire.close()

    asyncio.run(main())


def test_longer_board_answers_the_recorded_frames() -> None:
    async def use(wire: Wire) -> None:
        for frame in ("01 06 00 01 13 88 d5 5c", "01 06 00 04 00 01 09 cb"):
            assert (await wire.raw(bytes.fromhex(frame))).hex(" ") == frame
        assert wire.plant.channels[1].speed_set == 0.5 and wire.plant.channels[1].turning
        flow = bytes.fromhex("01 10 00 02 00 02 04 02 25 51 00 5f 95")
        assert (await wire.raw(flow))[:6].hex(" ") == "01 10 00 02 00 02"
        assert await wire.ask("01 03 00 02 00 02") == "01 03 04 02 25 51 00"
        assert (await wire.raw(bytes.fromhex("01 06 00 04 00 00 c8 0b"))).hex(" ") == "01 06 00 04 00 00 c8 0b"
        assert wire.plant.channels[1].state is ChannelState.STOPPED
        assert await wire.ask("01 06 00 04 00 03") == "01 86 03"
        assert await wire.ask("01 03 00 09 00 01") == "01 83 02"
        assert await wire.ask("01 2b 00 00 00 00") == "01 ab 01"
        assert await wire.ask("07 03 00 01 00 01") == ""  # nobody of that address

    on_wire("longer_l100_board", use)


def test_a_frame_with_a_wrong_check_is_not_heard() -> None:
    async def use(wire: Wire) -> None:
        assert await wire.raw(bytes.fromhex("01 06 00 04 00 01 09 cc")) == b""
        assert not wire.plant.channels[1].turning
        assert await wire.ask("01 03 00 04 00 01") == "01 03 02 00 00"  # and the next one is

    on_wire("longer_l100_board", use)


@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if model.needs_relay])
def test_what_needs_a_relay_runs_until_it_is_told_to_stop(name: str) -> None:
    start = {
        "kamoer": ["c0 05 10 04 ff 00", "c0 10 30 01 00 02 04 42 c8 00 00", "c0 05 10 01 ff 00"],
        "longer_l100_1s2": ["01 06 00 01 13 88", "01 06 00 04 00 01"],
        "longer_l100_board": ["01 06 00 01 13 88", "01 06 00 04 00 01"],
        "jbt": ["01 06 03 e7 01 2c", "01 05 03 e7 ff 00"],
    }[name]

    async def use(wire: Wire) -> None:
        for frame in start:
            answer = await wire.ask(frame)
            assert answer and answer[3:5] in ("05", "06", "10")
        wire.writer.close()  # the host is gone
        wire.pass_time(4.0)
        wire.pass_time(4.0)
        assert wire.plant.channels[1].turning and wire.plant.channels[1].left_mg > 3_000

    on_wire(name, use)


def test_longer_keeps_run_and_direction_in_one_word() -> None:
    async def use(wire: Wire) -> None:
        await wire.ask("01 06 00 01 27 10")
        assert await wire.ask("01 06 00 04 00 11") == "01 06 00 04 00 11"
        assert wire.plant.channels[1].state is ChannelState.REVERSING
        assert await wire.ask("01 03 00 04 00 01") == "01 03 02 00 11"
        await wire.ask("01 06 00 04 00 10")
        assert await wire.ask("01 03 00 04 00 01") == "01 03 02 00 10"
        assert wire.plant.channels[1].state is not ChannelState.REVERSING

    on_wire("longer_l100_1s2", use)


def test_kamoer_hears_nothing_before_its_rs485_is_on_and_loses_it() -> None:
    async def use(wire: Wire) -> None:
        assert await wire.ask("c0 05 10 01 00 00") == ""
        assert await wire.ask("c0 01 10 01 00 01") == ""
        assert await wire.ask("c0 05 10 04 ff 00") == "c0 05 10 04 ff 00"
        assert await wire.ask("c0 01 10 01 00 01") == "c0 01 01 00"
        assert await wire.ask("c0 10 30 01 00 02 04 42 c8 00 00") == "c0 10 30 01 00 02"
        assert await wire.ask("c0 03 30 01 00 02") == "c0 03 04 42 c8 00 00"
        wire.faults.switch("pump_rs485_off", True)
        assert await wire.ask("c0 01 10 01 00 01") == ""
        wire.faults.switch("pump_rs485_off", False)
        assert await wire.ask("c0 01 10 01 00 01") == ""
        assert await wire.ask("c0 05 10 04 ff 00") == "c0 05 10 04 ff 00"

    on_wire("kamoer", use)


BATCH_OF_2_ML = ["14 06 04 b0 00 02", "14 06 04 cd 00 03", "14 10 04 bf 00 02 04 3b 03 12 6f"]
FULL, ACTIVE, FIRE = "14 10 04 bb 00 02 04 40 c0 00 00", "14 06 04 b0 00 03", "14 06 04 d3 55 55"


def test_dulco_flex_meters_a_batch_and_stops_when_nobody_asks() -> None:
    async def use(wire: Wire) -> None:
        assert await wire.ask("14 03 00 3f 00 02") == "14 03 04 aa bb cc dd"
        assert await wire.ask("14 03 00 3d 00 01") == "14 03 02 01 f4"
        for frame in (*BATCH_OF_2_ML, FULL, ACTIVE, FIRE):
            assert (await wire.ask(frame)).startswith(frame[:17])
        channel = wire.plant.channels[1]
        assert channel.turning
        wire.pass_time(0.4)
        await wire.ask("14 03 04 10 00 02")
        wire.pass_time(0.4)
        assert channel.turning  # it was asked in time
        wire.pass_time(0.3)
        assert channel.state is ChannelState.WATCHDOG
        stopped_at = channel.delivered_ul
        # "As soon as queries are resent, the pump automatically starts up."
        await wire.ask("14 03 04 10 00 02")
        assert channel.turning and channel.dose_counter == 2
        for _ in range(20):
            wire.pass_time(0.2)
            await wire.ask("14 03 03 e8 00 02")
        assert channel.state is ChannelState.DONE
        assert stopped_at + channel.delivered_ul == pytest.approx(2_000, abs=120)  # the ramp's run-on is metered twice

    on_wire("dulco_flex", use, timeout_ms=500)


def test_dulco_flex_that_is_stopped_first_does_not_start_up() -> None:
    async def use(wire: Wire) -> None:
        for frame in (*BATCH_OF_2_ML, FULL, ACTIVE, FIRE):
            await wire.ask(frame)
        wire.pass_time(0.8)
        assert await wire.ask("14 06 04 b0 00 02") == "14 06 04 b0 00 02"
        for _ in range(5):
            wire.pass_time(0.2)
            await wire.ask("14 03 03 e8 00 02")
        assert wire.plant.channels[1].dose_counter == 1 and not wire.plant.channels[1].turning

    on_wire("dulco_flex", use, timeout_ms=500)


def test_watson_marlow_speaks_as_its_manual_prints() -> None:
    async def use(wire: Wire) -> None:
        said = await wire.say("1RS")
        assert re.fullmatch(r"520Du \d+\.\d+ 520R 9\.6MM 0\.0 CW P/N 1 0 0 !\r", said)
        for silent in ("1SP220", "1RR", "1TC", "1XX", "#RS", "9RS", "nonsense"):
            assert await wire.say(silent) == ""
        assert await wire.say("1DO10982") == ""
        wire.pass_time(0.2)
        assert await wire.say("1ZY") == "1\r"
        wire.pass_time(4.9)
        assert await wire.say("1ZY") == "0\r" and await wire.say("1RT") == "10982\r"
        assert wire.plant.channels[1].state is ChannelState.DONE
        await wire.say("1GO")
        wire.pass_time(4.9)
        assert await wire.say("1ZY") == "1\r"  # GO has no end of its own
        await wire.say("#ST")
        assert await wire.say("1ZY") == "0\r"

    on_wire("watson_marlow_520", use)


def test_watson_marlow_passes_over_what_comes_too_close() -> None:
    """With line time, as on a real line: the second of two commands within 10 ms is not heard."""

    async def main() -> None:
        plant, now = Plant(seed=1), [0.0]
        runner = Runner(plant, clock=lambda: now[0])
        line = make_pumps("watson_marlow_520", runner, FaultBoard(plant), LineTime(1_000_000, 11))
        reader, writer = await asyncio.open_connection("127.0.0.1", await line.listen("127.0.0.1", 0))
        writer.write(b"1SP100\r1SP50\r")
        await asyncio.sleep(0.05)
        now[0] = 1.0
        writer.write(b"1RS\r")
        assert b" 100.0 CW" in await reader.readuntil(b"!")
        writer.close()
        await line.close()

    asyncio.run(main())


def test_runze_frames_byte_by_byte() -> None:
    async def use(wire: Wire) -> None:
        async def ask(body: str) -> str:
            head = bytes.fromhex(body)
            return (await wire.raw(head + sum(head).to_bytes(2, "little"))).hex(" ")

        assert await ask("cc 31 66 00 00 dd") == "cc 31 00 70 17 dd 61 02"  # it comes filled: 6000 steps
        assert await ask("cc 31 4e ff ff dd") == "cc 31 02 00 00 dd dc 01"  # beyond its stroke
        assert await ask("cc 31 4e c0 12 dd") == "cc 31 00 00 00 dd da 01"  # to 4800: 1 mL
        assert await ask("cc 31 4a 00 00 dd") == "cc 31 04 00 00 dd de 01"  # busy
        assert await ask("cc 31 4e 00 00 dd") == "cc 31 04 00 00 dd de 01"
        wire.pass_time(2.0)
        assert await ask("cc 31 4a 00 00 dd") == "cc 31 00 00 00 dd da 01"
        assert await ask("cc 31 66 00 00 dd") == "cc 31 00 c0 12 dd ac 02"
        assert await ask("cc 31 4e c0 12 dd") == "cc 31 00 00 00 dd da 01"  # the same again moves nothing
        assert wire.plant.channels[1].dose_counter == 1
        assert await ask("cc 31 99 00 00 dd") == "cc 31 07 00 00 dd e1 01"
        assert await wire.raw(bytes.fromhex("cc 31 66 00 00 dd 41 02")) == b""  # a wrong sum

    on_wire("runze_sy01b", use)


def test_a_syringe_may_answer_a_move_only_when_it_has_ended() -> None:
    async def use(wire: Wire) -> None:
        move = bytes.fromhex("cc 31 4e c0 12 dd fa 02")
        assert await wire.raw(move) == b""
        wire.now += 2.0
        await asyncio.sleep(0.05)
        assert (await asyncio.wait_for(wire.reader.read(16), 1.0)).hex(" ") == "cc 31 00 00 00 dd da 01"

    on_wire("runze_sy01b", use, answers_at_end=True)


def test_the_relay_opens_by_itself_and_a_second_flash_restarts_it() -> None:
    async def use(wire: Wire) -> None:
        plant = wire.plant
        assert not plant.supplied  # fitted and open
        assert (await wire.raw(bytes.fromhex("01 05 02 00 00 07 8d b0"))).hex(" ") == "01 05 02 00 00 07 8d b0"
        assert plant.supplied and await wire.ask("01 01 00 00 00 01") == "01 01 01 01"
        wire.pass_time(0.5)
        await wire.ask("01 05 02 00 00 07")
        wire.pass_time(0.5)
        assert plant.supplied
        wire.pass_time(0.25)
        assert not plant.supplied and await wire.ask("01 01 00 00 00 01") == "01 01 01 00"
        await wire.ask("01 05 00 00 ff 00")
        wire.pass_time(4.0)
        assert plant.supplied
        await wire.ask("01 05 00 00 00 00")
        assert not plant.supplied
        assert await wire.ask("01 05 00 00 12 34") == "01 85 03" and await wire.ask("01 05 00 09 ff 00") == "01 85 02"

    on_wire("relay", use)


def test_a_motor_without_supply_stands_and_its_run_bit_starts_it_again() -> None:
    async def main() -> None:
        plant = Plant(seed=1)
        runner = Runner(plant, clock=lambda: 0.0)
        make_relay(runner, FaultBoard(plant))
        plant.start(1, 1e9)
        plant.advance(0.5)
        assert plant.channels[1].delivered_ul == 0.0 and plant.channels[1].turning
        plant.hold_supply(1.0)
        plant.advance(0.5)
        running = plant.channels[1].delivered_ul
        assert running > 0.0
        plant.advance(1.0)
        assert plant.channels[1].actual == 0.0 and plant.channels[1].state is ChannelState.RUNNING
        plant.hold_supply(1.0)
        plant.advance(0.5)
        assert plant.channels[1].actual > 0.0

    asyncio.run(main())


@pytest.mark.parametrize("fault", MODEL_FAULTS, ids=lambda fault: fault.name)
def test_every_model_fault_has_words_and_a_name_of_its_own(fault: object) -> None:
    assert fault.zh and re.search("[一-鿿]", fault.zh) and fault.en and not re.search("[一-鿿]", fault.en)
    assert fault.name not in {other.name for other in FAULTS}


@pytest.mark.parametrize("name", MODELS)
def test_every_model_can_stand_on_a_pty(name: str) -> None:
    async def main() -> None:
        plant = Plant(seed=1)
        line = make_pumps(name, Runner(plant), FaultBoard(plant), NO_LINE_TIME)
        assert (await line.open_pty()).startswith("/dev/")
        await line.close()

    asyncio.run(main())
