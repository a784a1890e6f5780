"""From store.toml to a driver: the map's style chooses it, and what nothing bounds is not used."""

from __future__ import annotations

import pytest

from device_drivers.dispensers.base import BOUNDED_DOSE, DEAD_MAN_RELAY, WATCHDOG
from device_drivers.dispensers.batch import BatchPump
from device_drivers.dispensers.guarded import GuardedDispenser
from device_drivers.dispensers.maps import MapError, known_maps, load_map
from device_drivers.dispensers.modbus import ModbusDispenser
from device_drivers.dispensers.runze import RunzeSyringe
from device_drivers.dispensers.watson_marlow import WatsonMarlow
from store_service.equipment.bench import Unbounded
from store_service.equipment.devices import dispenser
from store_service.settings import DispenserSettings, RelaySettings

RELAY = RelaySettings(url="tcp://127.0.0.1:9", map="waveshare_flash")


def settings(name: str, **more: object) -> DispenserSettings:
    serial = name.startswith(("watson", "runze"))
    url = "socket://127.0.0.1:9" if serial else "tcp://127.0.0.1:9"
    return DispenserSettings.model_validate({"url": url, "map": name, **more})


@pytest.mark.parametrize("name", known_maps())
def test_a_pump_is_used_if_and_only_if_something_bounds_it(name: str) -> None:
    bounded = load_map(name).ends_by_itself
    if bounded:
        assert dispenser(settings(name)).ends_by_itself == bounded
    else:
        with pytest.raises(Unbounded) as refused:
            dispenser(settings(name))
        assert name in refused.value.zh and name in refused.value.en
        assert "[benches.dispenser.relay]" in refused.value.zh and "[benches.dispenser.relay]" in refused.value.en
    behind = dispenser(settings(name, relay=RELAY))
    assert behind.ends_by_itself == (*bounded, DEAD_MAN_RELAY)


@pytest.mark.parametrize(
    ("name", "driver", "bounds"),
    [
        ("demo_quad", ModbusDispenser, {BOUNDED_DOSE, WATCHDOG}),
        ("dulco_flex", BatchPump, {BOUNDED_DOSE, WATCHDOG}),
        ("watson_marlow_520", WatsonMarlow, {BOUNDED_DOSE}),
        ("runze_sy01b", RunzeSyringe, {BOUNDED_DOSE}),
    ],
)
def test_the_style_of_the_map_chooses_the_driver(name: str, driver: type, bounds: set[str]) -> None:
    made = dispenser(settings(name))
    assert isinstance(made, driver) and set(made.ends_by_itself) == bounds


def test_units_are_channels_in_their_order() -> None:
    made = dispenser(settings("watson_marlow_520", units=[3, 5]))
    assert isinstance(made, WatsonMarlow) and made.channels == (1, 2)
    behind = dispenser(settings("kamoer", units=[192, 193, 194], ul_per_rev=800, relay=RELAY))
    assert isinstance(behind, GuardedDispenser) and behind.suck_back_most_ms == 200


@pytest.mark.parametrize("wrong", [{"map": "no_such"}, {"relay": {"url": "tcp://x:1", "map": "no_such"}}])
def test_a_map_that_does_not_exist_names_those_that_do(wrong: dict[str, object]) -> None:
    with pytest.raises(MapError, match="known:"):
        dispenser(DispenserSettings.model_validate({"url": "tcp://127.0.0.1:9", "map": "demo_quad", **wrong}))


@pytest.mark.parametrize("wrong", [{"framing": "9600"}, {"url": "http://x"}])
def test_a_line_that_means_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"9600 8N1|tcp://"):
        dispenser(settings("demo_quad", **wrong))
