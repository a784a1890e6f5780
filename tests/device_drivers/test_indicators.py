"""Modbus indicators: the maps as data, their registers as masses, and the bytes on the wire as the notes give them."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_drivers.errors import BadFrame, Rejected, WrongModel
from device_drivers.reading import State
from device_drivers.scales.indicator_map import FOLDER, MapError, known_maps, load_indicator_map
from device_drivers.scales.modbus_indicator import ModbusIndicator, Stillness, decode
from device_drivers.scales.registry import DRIVERS, ScaleSetup, make_scale
from device_drivers.transport import LineSettings
from simulators.faults import FaultBoard
from simulators.plant import Plant, ScaleSpec
from simulators.runner import Runner
from simulators.wire.line import LineTime
from simulators.wire.modbus_frames import crc16
from simulators.wire.modbus_indicator import Layout
from simulators.wire.modbus_indicator import ModbusIndicator as Simulated
from simulators.wire.scale_port import ScalePort
from store_service.equipment import devices
from store_service.settings import ScaleSettings, read_store

LAUMAS, TUNA, MODULE = (load_indicator_map(name) for name in ("laumas", "tuna_id551", "rs485_low_word_first"))
STABLE = 1 << 11
CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL + 1)
    yield
    logging.getLogger("pymodbus").setLevel(logging.NOTSET)


def laumas(status: int, gross: int, net: int = 0, unit: int = 1, division: int = 12) -> list[int]:
    return [status, gross >> 16, gross & 0xFFFF, net >> 16, net & 0xFFFF, 0, 0, unit << 8 | division]


def floats(value: float, gross: float, status: int) -> list[int]:
    return [*struct.unpack(">HHHH", struct.pack(">ff", value, gross)), status]


VALID = 1 << 15
CASES = [
    (LAUMAS, laumas(STABLE, 12_345), State.STABLE, 123_450, "gross"),
    (LAUMAS, laumas(0, 12_345), State.MOVING, 123_450, "gross"),
    (LAUMAS, laumas(STABLE | 1 << 7, 12_345), State.STABLE, -123_450, "gross"),
    (LAUMAS, laumas(STABLE | 1 << 10, 12_345, 45), State.STABLE, 450, "net"),
    (LAUMAS, laumas(STABLE | 1 << 10 | 1 << 8, 12_345, 45), State.STABLE, -450, "net"),
    (LAUMAS, laumas(STABLE, 70_000, unit=0, division=15), State.STABLE, 70_000_000, "gross"),
    (LAUMAS, laumas(STABLE, 7, unit=1, division=6), State.STABLE, 7_000, "gross"),
    (LAUMAS, laumas(STABLE, 12_345, unit=3), State.WRONG_UNIT, None, "gross"),
    *[(LAUMAS, laumas(STABLE | 1 << bit, 12_345), State.ERROR, None, "unknown") for bit in (0, 1)],
    *[(LAUMAS, laumas(STABLE | 1 << bit, 12_345), State.OVERLOAD, None, "unknown") for bit in (2, 3, 4, 5)],
    (TUNA, floats(0.0, 123.456, VALID), State.STABLE, 123_456, "gross"),
    (TUNA, floats(0.0, 123.456, VALID | 1 << 12), State.MOVING, 123_456, "gross"),
    (TUNA, floats(-0.5, 123.456, VALID | 1 << 11), State.STABLE, -500, "net"),
    (TUNA, floats(0.0, 123.456, 0), State.ERROR, None, "unknown"),  # "data valid" is not set
    (TUNA, floats(0.0, 123.456, VALID | 1 << 9), State.UNDERLOAD, None, "unknown"),
    (TUNA, floats(0.0, 123.456, VALID | 1 << 10), State.OVERLOAD, None, "unknown"),
    # the article's frame: 02 F8 00 00 = 760 = 7.60 g; at rest is only what stayed
    (MODULE, [0x02F8, 0x0000], State.MOVING, 7_600, "gross"),
    (MODULE, [0xFFFF, 0xFFFF], State.MOVING, -10, "gross"),
]


@pytest.mark.parametrize(("made", "block", "state", "mg", "kind"), CASES, ids=lambda value: repr(value)[:40])
def test_registers_become_a_mass_or_a_state(made, block: list[int], state: State, mg: int | None, kind: str) -> None:
    got = decode(made, block, "g", 2)
    assert (got.state, got.mass_mg, got.kind) == (state, mg, kind)


@pytest.mark.parametrize(
    ("made", "block", "error"),
    [
        (LAUMAS, laumas(STABLE, 1, division=19), WrongModel),
        (LAUMAS, laumas(STABLE, 1, unit=200), WrongModel),
        (LAUMAS, laumas(STABLE, 1)[:-1], BadFrame),
        (TUNA, floats(0.0, float("nan"), VALID), BadFrame),
        (TUNA, floats(0.0, float("inf"), VALID), BadFrame),
        (TUNA, floats(0.0, 1e30, VALID), BadFrame),
    ],
)
def test_codes_that_the_map_does_not_know_are_refused(made, block: list[int], error: type[Exception]) -> None:
    with pytest.raises(error):
        decode(made, block, "g", 2)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.integers(0, 0xFFFF), min_size=8, max_size=8))
def test_any_registers_give_a_state_without_a_mass_or_the_number_that_stands_there(block: list[int]) -> None:
    try:
        got = decode(LAUMAS, block, None, None)
    except WrongModel:
        return
    if got.mass_mg is None:
        return
    at = 3 if block[0] & 1 << 10 else 1
    digits = str(block[at] << 16 | block[at + 1])
    unit_mg = {0: 1_000_000, 1: 1_000}[block[7] >> 8]
    decimals = LAUMAS.decimals.table[block[7] & 0xFF]
    assert abs(abs(got.mass_mg) * 10**decimals - int(digits) * unit_mg) <= 10**decimals / 2


@pytest.mark.parametrize("name", known_maps())
def test_every_map_states_source_provenance_and_doubts(name: str) -> None:
    made = load_indicator_map(name)
    assert made.name == name and made.source and made.provenance != "hardware-verified"
    assert made.unverified  # no hardware was there: something must be open


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('provenance = "manual"', 'provenance = "certain"', "provenance|certain"),
        ("count = 8", "count = 7", "whole reading"),
        ('word_order = "big"', 'word_order = "middle"', "middle"),
        ("stable = [11]\n", "", "at rest"),
        ("gross_negative = [7]\n", "", "gross_negative"),
        ("net_negative = [8]\n", "", "net weight and its sign"),
        ("error = [0, 1]", "mistake = [0, 1]", "mistake"),
        ('source = "', 'sauce = "', "source"),
        ("function = 16, write = [8]", "function = 5, write = [8]", "6 or 16"),
    ],
)
def test_a_map_that_lacks_or_contradicts_something_is_refused(tmp_path: Path, old: str, new: str, why: str) -> None:
    text = (FOLDER / "laumas.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "laumas.toml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(MapError, match=why):
        load_indicator_map("laumas", tmp_path)


def test_rest_is_what_stayed_close_for_the_whole_while() -> None:
    rule = Stillness(2, 1000)
    assert [rule.add(at / 10, 5, 1) for at in range(12)] == [False] * 10 + [True] * 2
    assert not rule.add(1.2, 8, 1)
    assert not rule.add(9.0, 8, 1)  # nobody looked in between


def test_the_drivers_of_the_settings_are_those_of_the_registry() -> None:
    named = ScaleSettings.model_fields["driver"].annotation
    assert set(named.__args__) == set(DRIVERS)


@pytest.mark.parametrize(
    "chosen",
    [
        {"driver": "mt_sics"},
        {"driver": "sbi", "framing": "9600 8O1"},
        {"driver": "a_and_d", "framing": "2400 7E1"},
        {"driver": "ohaus"},
        {"driver": "toledo_8217", "framing": "9600 7E1", "mass_unit": "kg"},
        {"driver": "modbus_indicator", "port": "tcp://127.0.0.1:502", "map": "laumas", "unit": 3},
        {"driver": "modbus_indicator", "port": "rtu:///dev/ttyS9", "map": "tuna_id551", "mass_unit": "g"},
    ],
    ids=lambda chosen: f"{chosen['driver']}-{chosen.get('map', '')}",
)
def test_every_driver_is_chosen_in_store_toml_without_code(chosen: dict[str, object]) -> None:
    scale = read_store(CONFIG / "store.toml").benches[0].scale
    made = devices.scale(ScaleSettings.model_validate(scale.model_dump() | chosen))
    assert callable(made.connect) and callable(made.stream)


@pytest.mark.parametrize(
    ("setup", "why"),
    [
        (ScaleSetup("radwag", "/dev/ttyUSB0"), "no scale driver"),
        (ScaleSetup("mt_sics", "tcp://127.0.0.1:1"), "socket://"),
        (ScaleSetup("toledo_8217", "/dev/ttyUSB0"), "mass_unit"),
        (ScaleSetup("modbus_indicator", "tcp://127.0.0.1:1"), "map"),
        (ScaleSetup("modbus_indicator", "tcp://127.0.0.1:1", map="laumass"), "laumass"),
        (ScaleSetup("modbus_indicator", "socket://127.0.0.1:1", map="laumas"), "tcp://"),
        (ScaleSetup("modbus_indicator", "tcp://127.0.0.1:1", map="tuna_id551"), "mass_unit"),
        (ScaleSetup("modbus_indicator", "tcp://127.0.0.1:1", map="rs485_low_word_first", mass_unit="g"), "decimals"),
        (ScaleSetup("sbi", "/dev/ttyUSB0", framing="9600 8X1"), "9600 8N1"),
    ],
)
def test_a_setup_that_does_not_say_enough_is_refused_in_words(setup: ScaleSetup, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        make_scale(setup)


# --- the wire, byte for byte (devices.md 1.6) ---


@pytest.mark.parametrize(
    "frame",
    ["01 03 00 06 00 05 65 C8", "01 03 00 00 00 02 C4 0B", "01 86 06 C2 62", "01 06 00 01 13 88 D5 5C"],
)
def test_the_simulators_own_crc_is_that_of_the_frames_in_the_notes(frame: str) -> None:
    data = bytes.fromhex(frame)
    assert crc16(data[:-2]) == data[-2:]


def on_rtu(layout: Layout, use: Callable[[ModbusIndicator, Simulated, Plant], Awaitable[None]]) -> list[str]:
    """The requests that reached the device on a pty, as hex."""

    async def main() -> list[str]:
        plant = Plant(seed=3, scale=ScaleSpec(d_mg=10, sigma_mg=0.0))
        runner = Runner(plant, speed=20.0)
        device = Simulated(runner, FaultBoard(plant), layout, line=LineTime(baud=0))
        port = ScalePort(device)
        path = await port.open_pty()
        running = asyncio.create_task(runner.run())
        made = load_indicator_map(layout)
        unit, decimals = (None, None) if layout == "laumas" else ("g", 2)
        decimals = None if layout == "tuna_id551" else decimals
        scale = ModbusIndicator(f"rtu://{path}", made, LineSettings(), 1, unit, decimals)
        try:
            await runner.next_sample()
            await use(scale, device, plant)
        finally:
            await scale.close()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await port.close()
        return [request.hex(" ").upper() for request in device.asked]

    return asyncio.run(main())


def test_the_low_word_first_module_is_read_with_the_articles_frame_and_zeroed_by_an_edge() -> None:
    async def use(scale: ModbusIndicator, device: Simulated, plant: Plant) -> None:
        await scale.connect()
        plant.cup_on(7_600.0)
        await asyncio.sleep(0.3)
        assert (await scale.weigh(False, 1.0)).raw == b"02F8 0000"
        assert (await scale.weigh(True, 4.0)).mass_mg == 7_600
        await scale.zero()

    asked = on_rtu("rs485_low_word_first", use)
    assert asked[0] == "01 03 00 00 00 02 C4 0B"
    writes = [one for one in asked if not one.startswith("01 03")]
    assert [one[:17] for one in writes] == ["01 06 00 0B 00 00", "01 06 00 0B 08 00"]


def test_a_laumas_is_read_in_one_go_and_obeys_function_16_only() -> None:
    async def use(scale: ModbusIndicator, device: Simulated, plant: Plant) -> None:
        await scale.connect()
        await scale.zero()
        plant.cup_on(400_000.0)
        await asyncio.sleep(0.4)
        assert (await scale.weigh(True, 2.0)).mass_mg == 400_000
        with pytest.raises(Rejected, match="out of range"):
            await scale.zero()  # outside the zero range: exception 3, not silence

    asked = on_rtu("laumas", use)
    assert {one[:17] for one in asked} == {"01 03 00 06 00 08", "01 10 00 05 00 01"}


def test_a_tuna_is_read_in_one_go_and_tared_by_an_edge() -> None:
    async def use(scale: ModbusIndicator, device: Simulated, plant: Plant) -> None:
        await scale.connect()
        plant.cup_on(50_000.0)
        await asyncio.sleep(0.3)
        assert (await scale.tare()).mass_mg == 50_000
        assert (await scale.weigh(True, 2.0)).kind == "net"

    asked = on_rtu("tuna_id551", use)
    assert asked[0].startswith("01 03 00 00 00 05")
    assert [one[:17] for one in asked if not one.startswith("01 03")] == ["01 06 00 05 00 00", "01 06 00 05 10 00"]
